"""What arrives live is always as it stands, whatever was looked at before over the same websocket."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from strawberry.types.execution import PreExecutionError

from invito.schema.ids import global_id
from invito.services.viewers import identify

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from invito.schema import Context
    from tests.schema.conftest import Office

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

OLA, EVA = "ola@office.example", "eva@office.example"

CHANGED = """subscription ($id: ID!) { followUpChanged(id: $id) {
    title revision statusCounts { accepted } participants { nodes { name status followUp { title } } } } }"""
SHOWN = "query ($id: ID!) { followUp(id: $id) { title statusCounts { accepted } } }"
RENAME = """mutation ($id: ID!, $title: String!) {
    updateFollowUp(input: {id: $id, title: $title}) { followUp { title } errors { code } } }"""
ACCEPT = (
    "mutation ($id: ID!) { respondToInvitation(input: {participantId: $id, status: ACCEPTED}) { errors { code } } }"
)


async def _operation(office: Office, context: Context, query: str, **variables: object) -> Any:
    """One operation over a websocket, which has one context for all of them."""
    async with aclosing(await office.schema.stream(query, variables, context_value=context)) as results:
        return await _next(results)


async def _next(events: AsyncIterator[Any]) -> Any:
    result = await anext(events)
    assert result.errors is None, result.errors
    return result.data


async def test_the_first_event_is_the_present_state(office: Office) -> None:
    there = await office.follow_up("employee:2")

    async with aclosing(office.events(CHANGED, id=there.id)) as events:
        first = await _next(events)

    assert first["followUpChanged"]["title"] == "Budget"
    assert [one["name"] for one in first["followUpChanged"]["participants"]["nodes"]] == ["Kari", "Ola"]


async def test_each_event_shows_what_changed_since_the_last_one(office: Office) -> None:
    there = await office.follow_up("employee:2")

    async with aclosing(office.events(CHANGED, id=there.id)) as events:
        first = (await _next(events))["followUpChanged"]
        await office.answer(ACCEPT, OLA, id=there.participants["Ola"])
        second = (await _next(events))["followUpChanged"]

    assert second["revision"] > first["revision"]
    assert (first["statusCounts"]["accepted"], second["statusCounts"]["accepted"]) == (0, 1)
    assert [one["status"] for one in second["participants"]["nodes"]] == ["ACCEPTED", "ACCEPTED"]


async def test_a_second_operation_over_one_websocket_sees_what_changed_meanwhile(office: Office) -> None:
    there = await office.follow_up()
    context = await office.context()

    first = await _operation(office, context, SHOWN, id=there.id)
    await office.answer(RENAME, id=there.id, title="Budget 2028")
    second = await _operation(office, context, SHOWN, id=there.id)

    assert [first["followUp"]["title"], second["followUp"]["title"]] == ["Budget", "Budget 2028"]


async def test_a_second_mutation_of_one_operation_shows_its_own_outcome(office: Office) -> None:
    there = await office.follow_up()

    made = await office.answer(
        """mutation ($id: ID!) {
            first: updateFollowUp(input: {id: $id, title: "One"}) { followUp { title } }
            second: updateFollowUp(input: {id: $id, title: "Two"}) { followUp { title } } }""",
        id=there.id,
    )

    assert [made[name]["followUp"]["title"] for name in ("first", "second")] == ["One", "Two"]


async def test_a_follow_up_that_may_not_be_seen_has_no_stream(office: Office) -> None:
    there = await office.follow_up(visibility="OWNER")

    for id_ in (there.id, global_id("FollowUp", 99), "nothing"):
        results = [result async for result in office.events(CHANGED, EVA, id=id_)]

        (result,) = results
        assert isinstance(result, PreExecutionError)
        assert [error.extensions for error in result.errors or ()] == [{"code": "NOT_FOUND", "path": ["id"]}]


LIST = "subscription ($ids: [ID!]!) { followUpsChanged(ids: $ids) { id title revision } }"


async def test_a_list_is_told_as_it_is_and_then_what_changes_of_it(office: Office) -> None:
    ids = [(await office.follow_up(title=title)).id for title in ("One", "Two", "Three")]

    async with aclosing(office.events(LIST, ids=ids)) as events:
        first = [(await _next(events))["followUpsChanged"] for _ in ids]
        await office.answer(RENAME, id=ids[1], title="Second")
        changed = (await _next(events))["followUpsChanged"]

    assert [one["id"] for one in first] == ids
    assert (changed["id"], changed["title"]) == (ids[1], "Second")
    assert changed["revision"] > first[1]["revision"]


async def test_of_a_list_only_what_may_be_seen_is_told(office: Office) -> None:
    seen, unseen = await office.follow_up("employee:3"), await office.follow_up(visibility="OWNER")

    async with aclosing(office.events(LIST, EVA, ids=[unseen.id, "nothing", seen.id])) as events:
        first = (await _next(events))["followUpsChanged"]
        await office.answer(RENAME, id=unseen.id, title="Secret")
        await office.answer(RENAME, id=seen.id, title="Told")
        second = (await _next(events))["followUpsChanged"]

    assert [first["id"], second["title"]] == [seen.id, "Told"]


@pytest.mark.parametrize("ids", [[], ["nothing"]])
async def test_a_list_of_nothing_that_may_be_seen_has_no_stream(office: Office, ids: list[str]) -> None:
    (result,) = [result async for result in office.events(LIST, ids=ids)]

    assert isinstance(result, PreExecutionError)
    assert [error.extensions for error in result.errors or ()] == [{"code": "NOT_FOUND", "path": ["ids"]}]


@pytest.mark.parametrize(("count", "code"), [(500, "NOT_FOUND"), (501, "LIMIT_EXCEEDED")])
async def test_a_list_has_as_many_as_a_page(office: Office, count: int, code: str) -> None:
    ids = [global_id("FollowUp", number) for number in range(1, count + 1)]

    (result,) = [result async for result in office.events(LIST, ids=ids)]

    assert [(error.extensions or {})["code"] for error in result.errors or ()] == [code]


async def test_each_event_is_resolved_for_who_the_viewer_is_by_now(office: Office) -> None:
    there = await office.follow_up()
    context = await office.context()
    context.identify_anew = partial(identify, office.house, EVA)
    query = "subscription ($id: ID!) { followUpChanged(id: $id) { canEdit } }"

    async with aclosing(await office.schema.stream(query, {"id": there.id}, context_value=context)) as events:
        first = (await _next(events))["followUpChanged"]
        await office.answer(RENAME, id=there.id, title="Somebody else's")
        second = (await _next(events))["followUpChanged"]

    assert (first["canEdit"], second["canEdit"]) == (True, False)


async def test_without_a_caller_there_is_no_stream(office: Office) -> None:
    (result,) = [result async for result in office.events(CHANGED, None, id="x")]

    assert [(error.extensions or {})["code"] for error in result.errors or ()] == ["UNAUTHENTICATED"]


async def test_an_invitation_arrives_at_the_invitee(office: Office) -> None:
    subscription = """subscription { notificationReceived {
        kind message(language: EN) followUp { title } participant { isViewer } } }"""

    async with aclosing(office.events(subscription, OLA)) as events:
        arriving = asyncio.create_task(_next(events))
        while not arriving.done():  # nobody is told of what came before the subscription began
            await office.follow_up("employee:2")
        event = (await arriving)["notificationReceived"]

    assert event["kind"] == "INVITED"
    assert "Kari" in event["message"]
    assert event["followUp"] == {"title": "Budget"}
    assert event["participant"] == {"isViewer": True}
