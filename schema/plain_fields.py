"""A short way for fields that are plain attributes: most of what a long page costs is executing those one by one.

What a field reads and answers is the same as by the long way, which is taken whenever a value is not of the very type
that is expected, so that errors are the library's own.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Final, cast

from graphql import GraphQLEnumType, GraphQLField, GraphQLNonNull, GraphQLObjectType, GraphQLSchema
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.types.enum import StrawberryEnumDefinition
from strawberry.types.field import StrawberryField

_EXTENSION = "invito-plain-fields"
_OPEN: Final = object()

Reader = Callable[[object], object]

# The scalars whose values of this very type are answered as they are.
_AS_IT_IS: dict[str, type] = {"String": str, "ID": str, "TimeZone": str, "Boolean": bool}


class PlainFieldsExecutor(StrawberryGraphQLCoreExecutionContext):
    """Executes plain fields at once, and leaves all others to the library."""

    def execute_fields(
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,
        path: Any,
        grouped_field_set: Any,
        position_context: Any,
    ) -> Any:
        readers = self.schema.extensions[_EXTENSION].get(parent_type.name)
        if readers is None:
            return super().execute_fields(parent_type, source_value, path, grouped_field_set, position_context)
        results: dict[str, object] = {}
        others = {}
        for name, details in grouped_field_set.items():
            reader = readers.get(details[0].node.name.value)
            results[name] = value = _OPEN if reader is None else reader(source_value)
            if value is _OPEN:
                others[name] = details
        if not others:
            return results
        answered = super().execute_fields(parent_type, source_value, path, others, position_context)
        if isinstance(answered, dict):
            return results | answered
        return _with_later(results, answered)


async def _with_later(results: dict[str, object], answered: Awaitable[Mapping[str, object]]) -> dict[str, object]:
    return results | dict(await answered)


def note_plain_fields(schema: GraphQLSchema) -> None:
    """Have `PlainFieldsExecutor` know the plain fields of a schema."""
    schema.extensions[_EXTENSION] = {
        name: readers
        for name, type_ in schema.type_map.items()
        if isinstance(type_, GraphQLObjectType) and not name.startswith("__") and (readers := _readers_of(type_))
    }


def _readers_of(type_: GraphQLObjectType) -> dict[str, Reader]:
    readers = {name: _reader(field) for name, field in type_.fields.items()}
    return {name: reader for name, reader in readers.items() if reader is not None}


def _reader(field: GraphQLField) -> Reader | None:
    definition = field.extensions.get("strawberry-definition")
    if not isinstance(definition, StrawberryField) or not definition.is_basic_field:
        return None
    type_ = field.type
    answers_null = not isinstance(type_, GraphQLNonNull)
    leaf = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
    attribute = definition.python_name
    if isinstance(leaf, GraphQLEnumType):
        return _enum_reader(attribute, leaf, answers_null=answers_null)
    name = getattr(leaf, "name", "")
    if name == "DateTime":
        return _reader_of(attribute, datetime, datetime.isoformat, answers_null=answers_null)
    expected = _AS_IT_IS.get(name)
    return None if expected is None else _reader_of(attribute, expected, None, answers_null=answers_null)


def _reader_of(attribute: str, expected: type, answer: Callable[[Any], object] | None, *, answers_null: bool) -> Reader:
    def read(source: object) -> object:
        value = getattr(source, attribute)
        if value.__class__ is expected:
            return value if answer is None else answer(value)
        return None if value is None and answers_null else _OPEN

    return read


def _enum_reader(attribute: str, enum: GraphQLEnumType, *, answers_null: bool) -> Reader:
    definition = cast("StrawberryEnumDefinition", enum.extensions["strawberry-definition"])
    members = {member: member.name for member in cast("Any", definition.wrapped_cls)}

    def read(source: object) -> object:
        value = getattr(source, attribute)
        return None if value is None and answers_null else members.get(value, _OPEN)

    return read
