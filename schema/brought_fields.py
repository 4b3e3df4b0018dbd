"""The resolvers that plugins bring: in their own time and threads, so that one that hangs costs its own field."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
)
from strawberry.types.base import StrawberryObjectDefinition, has_object_definition
from strawberry.types.field import StrawberryField
from strawberry.utils.str_converters import to_camel_case

from invito.plugins.failures import PluginError, PluginFailure
from invito.plugins.graphql_types import GraphQLTypes
from invito.services.errors import Unanswerable, UserErrorCode
from invito.services.language import current_language
from invito.services.source_warnings import warning_of_plugin

_DEFINITION = "strawberry-definition"
_ROOTS = frozenset({"Query", "Mutation"})

Resolver = Callable[..., Any]


def field_names(type_: type) -> list[str]:
    """The fields of a type, as clients know them.

    :raises PluginError: it is no type of Strawberry's.
    """
    if not has_object_definition(type_):
        raise PluginError(f"{type_.__name__} is no type of Strawberry's: mark it with strawberry.type.")
    return [field.graphql_name or to_camel_case(field.name) for field in type_.__strawberry_definition__.fields]


def fence_brought_fields(schema: GraphQLSchema, brought: Mapping[str, GraphQLTypes]) -> None:
    """Have the resolvers of these plugins called as their hooks are. Ours, and plain attributes, stay as they are."""
    seen = set(_ROOTS)
    for plugin, types in brought.items():
        for name, field in _fields_of(schema, types, seen):
            definition = field.extensions.get(_DEFINITION)
            if isinstance(definition, StrawberryField) and definition.base_resolver is not None and field.resolve:
                in_thread = not definition.is_async and name.partition(".")[0] in _ROOTS
                field.resolve = _fenced(plugin, name, field.resolve, in_thread=in_thread)


def _fields_of(schema: GraphQLSchema, types: GraphQLTypes, seen: set[str]) -> Iterator[tuple[str, GraphQLField]]:
    """Those of the plugin's own types, as far as they are reached from what it brings; with their names for logs."""
    still = [one for one in schema.type_map.values() if _origin(one) in types.types]
    for root, part in ((schema.query_type, types.query), (schema.mutation_type, types.mutation)):
        if root is not None and part is not None:
            for name in field_names(part):
                yield f"{root.name}.{name}", root.fields[name]
                still.append(get_named_type(root.fields[name].type))
    while still:
        type_ = still.pop()
        if type_.name in seen:
            continue
        seen.add(type_.name)
        if isinstance(type_, GraphQLUnionType):
            still += type_.types
        if isinstance(type_, GraphQLInterfaceType):
            still += schema.get_implementations(type_).objects
        if isinstance(type_, GraphQLObjectType):
            if not is_ours(type_):
                yield from ((f"{type_.name}.{name}", field) for name, field in type_.fields.items())
            still += [get_named_type(field.type) for field in type_.fields.values()]


def is_ours(type_: GraphQLObjectType) -> bool:
    """Whether it is a type of Invito's, not a plugin's."""
    origin = _origin(type_)
    return origin is not None and origin.__module__.startswith("invito.schema.")


def _origin(type_: Any) -> type | None:
    definition = type_.extensions.get(_DEFINITION)
    return definition.origin if isinstance(definition, StrawberryObjectDefinition) else None


def _fenced(plugin: str, name: str, resolve: Resolver, *, in_thread: bool) -> Resolver:
    """One on the loop needs no turn: there may be one for each entry of a list, which load together what they need.

    That is also why plain ones are there: as many threads, one after the other, take longer than a call may.
    """

    async def fenced(source: object, info: Any, **arguments: object) -> object:
        asked = partial(resolve, source, info, **arguments)
        hooks = info.context.house.plugins.hooks
        try:
            return await hooks.run(plugin, name, asked if in_thread else partial(_on_loop, asked), in_turn=in_thread)
        except PluginFailure as failure:
            message = warning_of_plugin(failure, current_language.get()).message
            raise Unanswerable(UserErrorCode.SOURCE_UNAVAILABLE, message) from failure

    return fenced


async def _on_loop(asked: Callable[[], object]) -> object:
    answer = asked()
    return await answer if inspect.isawaitable(answer) else answer
