"""What does not fit about a value that stands for a type, as JSON has it or a document."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from graphql import (
    ConstValueNode,
    EnumValueNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLScalarType,
    ListValueNode,
    Node,
    NullValueNode,
    ObjectValueNode,
    Undefined,
    ValueNode,
    VariableNode,
    is_required_input_field,
    print_ast,
)
from graphql.pyutils import did_you_mean, suggestion_list
from strawberry.types.base import StrawberryObjectDefinition

Path = tuple[str, ...]

_LONGEST_SHOWN = 40


@dataclass(frozen=True, slots=True)
class WrongValue:
    """What is wanted at a path, which starts with an argument; `node` is where it stands in the document.

    `nameless` is the message without what it tells of the schema, where it does: for whoever may not explore it.
    """

    path: Path
    message: str
    node: Node
    nameless: str | None = None


def wrong_values(value: object, type_: GraphQLInputType, path: Path, node: Node) -> Iterator[WrongValue]:
    """What is wrong with a value that stands at `node`, or in a variable that is defined there.

    Variables within it are taken to be right.
    """
    if isinstance(value, VariableNode):
        return
    node = value if isinstance(value, Node) else node
    if value is None or isinstance(value, NullValueNode):
        if isinstance(type_, GraphQLNonNull):
            yield WrongValue(path, f"{type_} is wanted, not null.", node)
        return
    type_ = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
    if isinstance(type_, GraphQLList):
        ones = value.values if isinstance(value, ListValueNode) else value
        if not isinstance(ones, list | tuple):
            # GraphQL §3.11: one alone is a list of it.
            yield from wrong_values(value, type_.of_type, path, node)
            return
        for index, one in enumerate(ones):
            yield from wrong_values(one, type_.of_type, (*path, str(index)), node)
    elif isinstance(type_, GraphQLInputObjectType):
        yield from _wrong_object(value, type_, path, node)
    elif isinstance(type_, GraphQLEnumType):
        if not _names_one(value, type_):
            known = ", ".join(type_.values)
            words = f"{type_.name} has no value {_shown(value)}"
            yield WrongValue(path, f"{words}: it is one of {known}.", node, f"{words}.")
    elif not _is_taken(value, type_):
        yield WrongValue(path, f"{type_.name} is wanted, not {_shown(value)}.", node)


def _wrong_object(value: object, type_: GraphQLInputObjectType, path: Path, node: Node) -> Iterator[WrongValue]:
    if isinstance(value, ObjectValueNode):
        given: Mapping[str, object] = {one.name.value: one.value for one in value.fields}
    elif isinstance(value, Mapping):
        given = value
    else:
        yield WrongValue(path, f"{type_.name} is wanted, which is an object, not {_shown(value)}.", node)
        return
    for name, of_type in type_.fields.items():
        if name in given:
            yield from wrong_values(given[name], of_type.type, (*path, name), node)
        elif is_required_input_field(of_type):
            yield WrongValue((*path, name), f"{type_.name} needs this field: {of_type.type} is wanted.", node)
    for name in given:
        if name not in type_.fields:
            meant = did_you_mean(suggestion_list(name, list(type_.fields)))
            words = f"{type_.name} has no such field."
            yield WrongValue((*path, _cut(name)), words + meant, node, words)
    if _is_one_of(type_):
        yield from _wrong_choice([name for name in given if name in type_.fields], given, type_, path, node)


def _wrong_choice(
    names: list[str], given: Mapping[str, object], type_: GraphQLInputObjectType, path: Path, node: Node
) -> Iterator[WrongValue]:
    if len(names) != 1:
        said = " and ".join(names) or "none"
        words = f"{type_.name} takes exactly one of {' and '.join(type_.fields)}, and here is {said}."
        nameless = f"{type_.name} takes exactly one of its fields, and here is {said}."
        yield WrongValue(path, words, node, nameless)
    elif given[names[0]] is None or isinstance(given[names[0]], NullValueNode):
        yield WrongValue((*path, names[0]), f"A value is wanted in the one field of {type_.name}, not null.", node)


def _names_one(value: object, type_: GraphQLEnumType) -> bool:
    name = value.value if isinstance(value, EnumValueNode) else value
    return isinstance(name, str) and name in type_.values


def _is_one_of(type_: GraphQLInputObjectType) -> bool:
    definition = type_.extensions.get("strawberry-definition")
    return isinstance(definition, StrawberryObjectDefinition) and definition.is_one_of


def _is_taken(value: object, type_: GraphQLScalarType) -> bool:
    try:
        if not isinstance(value, ValueNode):
            return type_.coerce_input_value(value) is not Undefined
        if type_.coerce_input_literal is not None:
            return type_.coerce_input_literal(cast("ConstValueNode", value)) is not Undefined
        return type_.parse_literal(value, None) is not Undefined
    except Exception:  # a scalar says no by whatever it raises
        return False


def _shown(value: object) -> str:
    if isinstance(value, Mapping | ObjectValueNode):
        return "an object"
    if isinstance(value, list | ListValueNode):
        return "a list"
    return _cut(print_ast(value) if isinstance(value, Node) else json.dumps(value, ensure_ascii=False))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
