"""The scalars. What comes in stays as it was typed: services read it, so that a wrong date is an error with a path."""

from datetime import datetime
from typing import NewType

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

# The time that a client typed, as an argument or an input field; a `datetime` is one that goes out.
TypedDateTime = NewType("TypedDateTime", str)
TimeZone = NewType("TimeZone", str)
Duration = NewType("Duration", str)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise GraphQLError("A text is wanted.")
    return value


_DATE_TIME = strawberry.scalar(
    name="DateTime",
    description=(
        "A moment in RFC 3339 form, such as 2026-03-02T09:00:00+01:00: answers always carry an offset. Input may leave "
        "the offset out: then it is wall-clock time in the `timeZone` beside it, else in the viewer's time zone. A day "
        "alone, such as 2026-12-01, is where it begins: for what is all day, and for spans to look at."
    ),
    specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
    serialize=datetime.isoformat,
    parse_value=_text,
)

SCALARS: dict[object, ScalarDefinition] = {
    datetime: _DATE_TIME,
    TypedDateTime: _DATE_TIME,
    TimeZone: strawberry.scalar(
        name="TimeZone", description="An IANA time zone, such as Europe/Oslo.", serialize=_text, parse_value=_text
    ),
    Duration: strawberry.scalar(
        name="Duration", description="An ISO 8601 duration, such as PT45M.", serialize=_text, parse_value=_text
    ),
}
