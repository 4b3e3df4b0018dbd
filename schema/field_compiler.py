"""Python code for what is selected of plain objects: it reads the attributes, looks at each, and makes the answer.

A plain field has no resolver and no argument: it is an attribute of a leaf type, of a plain object, or of a list of
those. Whatever is not of the very type that is expected raises `LongWay`, or anything else.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from functools import partial
from itertools import count
from keyword import iskeyword
from typing import Any, NamedTuple, cast
from uuid import UUID

import orjson
from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLField,
    GraphQLID,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLString,
    Undefined,
)
from graphql.execution.collect_fields import FieldDetails
from strawberry.types.base import StrawberryObjectDefinition, has_object_definition
from strawberry.types.enum import StrawberryEnumDefinition
from strawberry.types.field import StrawberryField

from invito.schema.brought_fields import is_ours

_DEFINITION = "strawberry-definition"
# What the built-in scalars answer as it is, by what they do with everything else.
_AS_IT_IS = {
    GraphQLString.coerce_output_value: "str",
    GraphQLID.coerce_output_value: "str",
    GraphQLBoolean.coerce_output_value: "bool",
}
# What other scalars may be given: nothing that is awaited first, and no exception.
_PLAIN = frozenset({str, bool, int, float, datetime, date, time, Decimal, UUID, list, tuple, dict})

Grouped = dict[str, list[FieldDetails]]
Collect = Callable[[GraphQLObjectType, list[FieldDetails]], Grouped]


class LongWay(Exception):
    """A value is not as expected, or a field is not plain."""


class Compiled(NamedTuple):
    """The code for one selection, and the response names of what is not plain, which it answers None for."""

    read: Callable[[object], dict[str, object]]
    others: tuple[str, ...]


def compiled_selection(type_: GraphQLObjectType, grouped: Grouped, collect: Collect) -> Compiled | None:
    """The code for what is selected, None where nothing of it is plain."""
    compiler = _Compiler(collect)
    try:
        others = compiler.write(type_, grouped, "read", may_have_others=True)
    except LongWay:
        return None
    if len(others) == len(grouped):
        return None
    read = compiler.function("read")
    return Compiled(read if is_ours(type_) else _writable(read), others)


def _writable(read: Callable[[object], dict[str, object]]) -> Callable[[object], dict[str, object]]:
    """The same; it raises where JSON cannot hold what a plugin's object answers."""

    def writable(source: object) -> dict[str, object]:
        results = read(source)
        orjson.dumps(results)
        return results

    return writable


class _Compiler:
    """Writes a function for each selection, and for what each list holds."""

    def __init__(self, collect: Collect) -> None:
        self._collect = collect
        self._names: dict[str, Any] = {"LongWay": LongWay, "PLAIN": _PLAIN}
        self._code: list[str] = []
        self._numbers = count()
        self._written: dict[tuple[object, ...], str] = {}

    def function(self, name: str) -> Callable[[object], dict[str, object]]:
        # Of others' texts there are names of GraphQL in it alone, which are letters, digits and underscores.
        exec("\n".join(self._code), self._names)  # noqa: S102
        return cast("Callable[[object], dict[str, object]]", self._names[name])

    def write(
        self, type_: GraphQLObjectType, grouped: Grouped, name: str, *, may_have_others: bool = False
    ) -> tuple[str, ...]:
        """Write the function of a selection.

        :raises LongWay: the type's objects cannot be told, or something is not plain and `may_have_others` is false.
        """
        lines = self._look_at_object(type_)
        answer, others = [], []
        for number, (response_name, details) in enumerate(grouped.items()):
            value = f"v{number}"
            try:
                lines += self._field(type_, details, value)
            except LongWay:
                if not may_have_others:
                    raise
                others.append(response_name)
                value = "None"
            answer.append(f"{response_name!r}: {value}")
        self._define(name, "source", [*lines, f"return {{{', '.join(answer)}}}"])
        return tuple(others)

    def _define(self, name: str, argument: str, lines: Sequence[str]) -> None:
        self._code += [f"def {name}({argument}):", *(f"    {line}" for line in lines)]

    def _name(self, value: object) -> str:
        """A name for a value in the code."""
        name = f"n{next(self._numbers)}"
        self._names[name] = value
        return name

    def _look_at_object(self, type_: GraphQLObjectType) -> list[str]:
        definition = type_.extensions.get(_DEFINITION)
        if not isinstance(definition, StrawberryObjectDefinition) or definition.is_type_of is not None:
            raise LongWay
        seen: set[type] = set()
        look = self._name(partial(_look_at_class, seen))
        lines = [f"if source.__class__ not in {self._name(seen)}: {look}(source.__class__)"]
        if type_.is_type_of is not None:
            lines.append(f"if not {self._name(type_.is_type_of)}(source, None): raise LongWay")
        return lines

    def _field(self, type_: GraphQLObjectType, details: list[FieldDetails], value: str) -> list[str]:
        """Lines that read a field of `source` and complete it."""
        if any(one.defer_usage is not None or one.fragment_variable_values is not None for one in details):
            raise LongWay
        name = details[0].node.name.value
        if name == "__typename":
            return [f"{value} = {type_.name!r}"]
        field = type_.fields.get(name)
        if field is None:
            raise LongWay
        return [f"{value} = source.{_attribute(field)}", *self._complete(field.type, details, value)]

    def _complete(self, type_: object, details: list[FieldDetails], value: str) -> list[str]:
        """Lines that turn a value into what is answered."""
        if isinstance(type_, GraphQLNonNull):
            return self._complete_some(type_.of_type, details, value)
        lines = self._complete_some(type_, details, value)
        return [f"if {value} is not None:", *(f"    {line}" for line in lines)]

    def _complete_some(self, type_: object, details: list[FieldDetails], value: str) -> list[str]:
        if isinstance(type_, GraphQLScalarType):
            return self._complete_scalar(type_, value)
        if isinstance(type_, GraphQLEnumType):
            return self._complete_enum(type_, value)
        if isinstance(type_, GraphQLObjectType):
            return [f"{value} = {self._function_of(type_, details)}({value})"]
        if isinstance(type_, GraphQLList):
            item = self._function_of_item(type_.of_type, details)
            is_list = f"{value}.__class__ is list or {value}.__class__ is tuple"
            return [
                f"if not ({is_list}): raise LongWay",
                f"{value} = [{item}(item) for item in {value}] if {value} else []",
            ]
        raise LongWay

    def _complete_scalar(self, type_: GraphQLScalarType, value: str) -> list[str]:
        expected = _AS_IT_IS.get(type_.coerce_output_value)
        if expected is not None:
            return [f"if {value}.__class__ is not {expected}: raise LongWay"]
        return [
            f"if {value}.__class__ not in PLAIN: raise LongWay",
            f"{value} = {self._name(type_.coerce_output_value)}({value})",
            f"if {value} is None or {value} is {self._name(Undefined)}: raise LongWay",
        ]

    def _complete_enum(self, type_: GraphQLEnumType, value: str) -> list[str]:
        definition = type_.extensions.get(_DEFINITION)
        if not isinstance(definition, StrawberryEnumDefinition):
            raise LongWay
        members = cast("Any", definition.wrapped_cls)
        names = {member.name: type_.coerce_output_value(member) for member in members}
        # By the member's name, since members are hashed by Python code.
        return [
            f"if {value}.__class__ is not {self._name(members)}: raise LongWay",
            f"{value} = {self._name(names)}[{value}._name_]",
        ]

    def _function_of(self, type_: GraphQLObjectType, details: list[FieldDetails]) -> str:
        """The function of the selection beneath a field, written once for all fields beneath which it is the same."""
        grouped = self._collect(type_, details)
        key = (type_.name, *(id(one.node) for details in grouped.values() for one in details))
        if key not in self._written:
            name = f"read{next(self._numbers)}"
            self.write(type_, grouped, name)
            self._written[key] = name
        return self._written[key]

    def _function_of_item(self, type_: object, details: list[FieldDetails]) -> str:
        if isinstance(type_, GraphQLNonNull) and isinstance(type_.of_type, GraphQLObjectType):
            return self._function_of(type_.of_type, details)
        lines = [*self._complete(type_, details, "item"), "return item"]
        name = f"item{next(self._numbers)}"
        self._define(name, "item", lines)
        return name


def _attribute(field: GraphQLField) -> str:
    """The attribute that a field is.

    :raises LongWay: it is more than that.
    """
    definition = field.extensions.get(_DEFINITION)
    # Strawberry calls a field's resolver the default one where the field has permissions or extensions too.
    if not isinstance(definition, StrawberryField) or not definition.is_basic_field:
        raise LongWay
    if not getattr(field.resolve, "_is_default", False):
        raise LongWay
    name = definition.python_name
    if definition.default_resolver is not getattr or not name.isidentifier() or iskeyword(name):
        raise LongWay
    return name


def _look_at_class(seen: set[type], class_: type) -> None:
    """Whether objects of this class are answered as they are: no exceptions, and nothing that is awaited first."""
    if not has_object_definition(class_) or issubclass(class_, Exception) or hasattr(class_, "__await__"):
        raise LongWay
    seen.add(class_)
