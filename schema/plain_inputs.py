"""A short way for input objects: the library looks up every field of every value anew, and hundreds come in one call.

What comes out is the same. What each type needs is looked up when the schema is built.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING
from typing import Any, cast

from graphql import GraphQLInputObjectType, GraphQLSchema
from strawberry import ID
from strawberry.schema.config import StrawberryConfig
from strawberry.types.arguments import InputContext
from strawberry.types.base import StrawberryList, StrawberryObjectDefinition, StrawberryOptional, has_object_definition
from strawberry.types.enum import StrawberryEnumDefinition

Reader = Callable[[Any, InputContext, str], object]


def note_plain_inputs(schema: GraphQLSchema, config: StrawberryConfig) -> None:
    """Have the input types of a schema made the short way."""
    for type_ in schema.type_map.values():
        definition = type_.extensions.get("strawberry-definition")
        if not isinstance(type_, GraphQLInputObjectType) or not isinstance(definition, StrawberryObjectDefinition):
            continue
        # A type that says itself how it is made goes on doing so.
        if definition.from_input is None:
            definition.from_input = _maker(definition, config)


def _maker(
    definition: StrawberryObjectDefinition, config: StrawberryConfig
) -> Callable[[type, Mapping[str, Any], InputContext], Any]:
    name_of = config.name_converter.from_field
    fields = [
        (name_of(field), field.python_name, _reader(field.resolve_type(type_definition=definition)))
        for field in definition.fields
    ]
    left_out: dict[str, object] = {
        field.python_name: None
        for field in definition.fields
        if field.default_value is MISSING and field.default_factory is MISSING
    }

    def make(type_: type, value: Mapping[str, Any], context: InputContext) -> object:
        given = dict(left_out)
        for name, attribute, read in fields:
            if name in value:
                given[attribute] = read(value[name], context, name)
        return type_(**given)

    return make


def _reader(type_: object) -> Reader:
    if isinstance(type_, StrawberryOptional):
        return _reader(type_.of_type)
    if type_ in (str, int, bool, ID) or isinstance(type_, StrawberryEnumDefinition):
        return lambda value, _context, _name: value
    if isinstance(type_, StrawberryList):
        of_each = _reader(type_.of_type)
        return lambda value, context, name: None if value is None else [of_each(one, context, name) for one in value]
    if has_object_definition(type_):
        return _reader_of_object(cast("type", type_), type_.__strawberry_definition__)
    return lambda value, context, name: context.convert(value, cast("type", type_), name)


def _reader_of_object(type_: type, definition: StrawberryObjectDefinition) -> Reader:
    def read(value: Any, context: InputContext, name: str) -> object:
        if not isinstance(value, Mapping) or definition.from_input is None:
            return context.convert(value, type_, name)
        return definition.from_input(type_, value, context)

    return read
