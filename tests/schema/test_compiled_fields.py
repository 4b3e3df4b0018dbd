"""The short way of plain fields answers what the library's own way answers."""

from __future__ import annotations

import asyncio
import inspect
from typing import TYPE_CHECKING, Any, cast

import pytest
import strawberry
from graphql import DocumentNode, execute, parse
from hypothesis import given, settings
from hypothesis import strategies as st
from strawberry.execution import optimized_is_awaitable

from invito.schema import build_schema
from invito.schema.available_participant import AvailableParticipant
from invito.schema.checked_leaves import LeafCheckingExecutor
from invito.schema.compiled_fields import CompilingExecutor
from invito.schema.operation_limits import OperationLimits
from tests.schema.generated_schemas import CONFIG, made_types, selections

if TYPE_CHECKING:
    from invito.services.participants.listing import ListedEntry
    from tests.schema.conftest import Office

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

BROAD = """{
    viewer { __typename id language timeZone isAdministrator employee { reference groups } }
    followUps { nodes {
        icalendar sequence id type title description start end timeZone isAllDay named: title location priority showAs
        visibility version uid owner { name email } participants { nodes { kind role status statusOrigin
        statusChangedAt reference source { key offersAll health plugin { name version isBuiltIn } }
        emailInvitation { state unavailableReason delivery lastSentAt lastError } } }
        statusCounts { total notSeen } emailInvitations { isEnabled disabledReason message } } }
    availableParticipants(source: "employees", first: 20) { pageInfo { hasNextPage endCursor } nodes {
        name @include(if: true) email @skip(if: true) availability { state conflicts { start } } isInvited } }
}"""
NAMES = '{ availableParticipants(source: "resource") { nodes { kind name } } viewer { language } }'


@on_sqlite
async def test_both_ways_answer_the_same_in_the_same_order(office: Office) -> None:
    await office.follow_up("employee:2", "resource:1", description="Figures", emailInvitations=True)

    office.schema = build_schema(limits=OperationLimits(cost=1_000_000))
    short = await office.answer(BROAD)
    office.schema.execution_context_class = LeafCheckingExecutor
    long = await office.answer(BROAD)

    assert repr(short) == repr(long)


@on_sqlite
async def test_a_value_that_must_not_be_null_is_the_same_error_both_ways(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    well = AvailableParticipant.of

    def nameless(listed: ListedEntry) -> AvailableParticipant:
        participant = well(listed)
        participant.name = None  # type: ignore[assignment]  # what must not be
        return participant

    monkeypatch.setattr(AvailableParticipant, "of", nameless)

    short = await office.ask(NAMES)
    office.schema.execution_context_class = LeafCheckingExecutor
    long = await office.ask(NAMES)

    assert short.data == long.data
    assert [error.path for error in short.errors or ()] == [error.path for error in long.errors or ()]
    assert [error.path for error in short.errors or ()] == [["availableParticipants", "nodes", 0, "name"]]


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_both_ways_answer_the_same_of_any_schema_with_any_mistakes(data: st.DataObject) -> None:
    made = data.draw(made_types())
    objects = data.draw(st.lists(made[-1].objects, max_size=4))
    fragments: list[str] = []
    selection = data.draw(selections((made[-1],), fragments))
    document = parse("\n".join([f"query ($yes: Boolean!, $no: Boolean!) {{ many {selection} }}", *fragments]))
    schema = _schema(made[-1].type_, objects)

    for yes, no in ((True, False), (False, True), (True, False)):
        variables = {"yes": yes, "no": no}
        short = asyncio.run(_answer(schema, document, variables, CompilingExecutor))
        long = asyncio.run(_answer(schema, document, variables, LeafCheckingExecutor))

        assert short == long


def _schema(type_: type, objects: list[Any]) -> strawberry.Schema:
    def many() -> Any:
        return objects

    many.__annotations__["return"] = list[type_ | None] | None  # type: ignore[valid-type]
    query = strawberry.type(type("Query", (), {"many": strawberry.field(resolver=many)}))
    return strawberry.Schema(query, config=CONFIG)


async def _answer(
    schema: strawberry.Schema, document: DocumentNode, variables: dict[str, Any], executor: type[Any]
) -> tuple[str, list[str]]:
    """The data as text, which tells the order of the keys, and the errors."""
    result: Any = execute(
        schema._schema,
        document,
        variable_values=variables,
        is_awaitable=cast("Any", optimized_is_awaitable),
        executor_class=executor,
        middleware=None,
    )
    if inspect.isawaitable(result):
        result = await result
    return repr(result.data), [repr(error.formatted) for error in result.errors or ()]
