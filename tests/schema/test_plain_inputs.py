"""Inputs that are made the short way are what the library makes of them."""

from __future__ import annotations

from typing import Any, cast

import pytest
import strawberry
from graphql import GraphQLInputObjectType
from graphql.utilities import coerce_input_value
from strawberry.types.arguments import InputContext, convert_argument

from invito.schema import build_schema
from invito.schema.inputs.follow_ups import CreateFollowUpInput
from invito.schema.inputs.roster import InvitationDraftInput, InviteParticipantsInput
from invito.schema.plain_inputs import note_plain_inputs

SCHEMA = build_schema()
INVITEES = [
    {"participant": {"reference": "employee:1"}},
    {"participant": {"email": {"address": "a@b.example"}}, "role": "OPTIONAL", "emailInvitation": None},
    {"participant": {"email": {"address": "a@b.example", "name": None}}, "role": None, "emailInvitation": True},
]
CREATION = {"type": "TASK", "title": "T", "start": "2031-01-01T10:00:00Z", "invitees": INVITEES, "isAllDay": False}


@pytest.mark.parametrize(
    ("type_", "given"),
    [
        (InviteParticipantsInput, {"followUpId": "x", "invitees": INVITEES, "expectedVersion": 3}),
        (InviteParticipantsInput, {"followUpId": "x", "invitees": [], "idempotencyKey": None}),
        (CreateFollowUpInput, CREATION),
        (CreateFollowUpInput, {"type": "TASK", "title": "T", "start": "2031-01-01T10:00:00Z", "priority": "HIGH"}),
        (InvitationDraftInput, {"create": CREATION}),
        (InvitationDraftInput, {"save": {"followUpId": "x", "changes": {"remove": ["a", "b"], "add": INVITEES}}}),
    ],
)
def test_an_input_is_what_the_library_makes_of_it(
    type_: Any, given: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    graphql_type = SCHEMA._schema.get_type(type_.__name__)
    value = coerce_input_value(given, cast("GraphQLInputObjectType", graphql_type))

    made = converted(value, type_)
    for other in SCHEMA._schema.type_map.values():
        if isinstance(other, GraphQLInputObjectType):
            monkeypatch.setattr(other.extensions["strawberry-definition"], "from_input", None)

    assert repr(made) == repr(converted(value, type_))


def test_a_type_that_says_how_it_is_made_goes_on_doing_so() -> None:
    cast("Any", Stubborn).__strawberry_definition__.from_input = stubborn
    schema = strawberry.Schema(Query)
    note_plain_inputs(schema._schema, schema.config)

    answer = schema.execute_sync('{ named(who: {name: "Kari"}) }')

    assert answer.data == {"named": "<Kari>"}


@strawberry.input
class Stubborn:
    name: str


@strawberry.type
class Query:
    @strawberry.field
    def named(self, who: Stubborn) -> str:
        return who.name


def stubborn(_type: type, value: dict[str, str], _context: InputContext) -> Stubborn:
    return Stubborn(name=f"<{value['name']}>")


def converted(value: object, type_: type) -> object:
    return convert_argument(value, type_, SCHEMA.schema_converter.scalar_registry, SCHEMA.config)
