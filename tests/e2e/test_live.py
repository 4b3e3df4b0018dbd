"""Everything arrives live (F24), over graphql-transport-ws, in this process and from other replicas."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import pytest
from gql.transport.exceptions import TransportError, TransportQueryError

from tests.e2e.conftest import KARI, request

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gql.client import AsyncClientSession

    from tests.e2e.conftest import Server, Start

OLA = "admin@nordlys.example"
CREATE = """mutation ($input: CreateFollowUpInput!) { createFollowUp(input: $input) {
    errors { code } followUp { id participants { nodes { id reference isViewer } } } } }"""
RENAME = """mutation ($id: ID!, $title: String!) { updateFollowUp(input: {id: $id, title: $title}) {
    errors { code } } }"""
REMOVE = """mutation ($id: ID!, $ids: [ID!]!) { removeParticipants(input: {followUpId: $id, participantIds: $ids}) {
    errors { code } } }"""
ANSWER = """mutation ($id: ID!) { respondToInvitation(input: {participantId: $id, status: ACCEPTED}) {
    errors { code } } }"""
CHANGED = "subscription ($id: ID!) { followUpChanged(id: $id) { title revision statusCounts { accepted } } }"
TOLD = "subscription { notificationReceived { kind message followUp { title } } }"


async def shared(server: Server, **fields: object) -> tuple[str, str]:
    """A follow-up of Kari's to which the administrator, an employee too, is invited: its id and the invitee's."""
    me = (await server.ask("{ viewer { employee { reference } } }", OLA))["viewer"]["employee"]["reference"]
    given = {"type": "TASK", "title": "Live", "start": "2031-01-01T10:00:00Z"} | fields
    made = await server.ask(CREATE, input=given | {"invitees": [{"participant": {"reference": me}}]})
    follow_up = made["createFollowUp"]["followUp"]
    (invitee,) = [one["id"] for one in follow_up["participants"]["nodes"] if one["reference"] == me]
    return follow_up["id"], invitee


def events(session: AsyncClientSession, query: str, **variables: object) -> Any:
    return aclosing(session.subscribe(request(query, **variables)))


async def following(stream: AsyncIterator[dict[str, Any]]) -> Any:
    async with asyncio.timeout(30):
        return next(iter((await anext(stream)).values()))


async def test_the_first_event_is_the_present_state_and_changes_follow_in_order(office: Server) -> None:
    id_, invitee = await shared(office)

    async with office.live() as session, events(session, CHANGED, id=id_) as stream:
        first = await following(stream)
        await office.ask(RENAME, id=id_, title="Renamed")
        second = await following(stream)
        await office.ask(ANSWER, OLA, id=invitee)
        third = await following(stream)

    assert (first["title"], second["title"]) == ("Live", "Renamed")
    assert third["statusCounts"] == {"accepted": 1}
    assert first["revision"] < second["revision"] < third["revision"]


async def test_it_ends_when_the_viewer_may_no_longer_see_it(office: Server) -> None:
    id_, invitee = await shared(office, visibility="OWNER")

    async with office.live(OLA) as session, events(session, CHANGED, id=id_) as stream:
        await following(stream)
        await office.ask(REMOVE, id=id_, ids=[invitee])
        with pytest.raises(StopAsyncIteration):
            await following(stream)


async def test_what_may_not_be_seen_is_not_followed(office: Server) -> None:
    id_, _ = await shared(office, visibility="OWNER")

    async with office.live("stranger@elsewhere.example") as session, events(session, CHANGED, id=id_) as stream:
        with pytest.raises(TransportQueryError) as refused:
            await following(stream)

    assert (refused.value.errors or [{}])[0]["extensions"]["code"] == "NOT_FOUND"


async def test_an_invitation_and_its_answer_are_told(office: Server) -> None:
    async with (
        office.live(OLA) as theirs,
        events(theirs, TOLD) as invitee_told,
        office.live(KARI) as ours,
        events(ours, TOLD) as owner_told,
    ):
        # A subscription counts from when it is there, which the answer to what was asked after it shows.
        waiting = [asyncio.create_task(following(invitee_told)), asyncio.create_task(following(owner_told))]
        await asyncio.gather(*(each.execute(request("{ viewer { id } }")) for each in (theirs, ours)))
        _, invitee = await shared(office, title="Told")
        invited = await waiting[0]
        await office.ask(ANSWER, OLA, id=invitee)
        answered = await waiting[1]

    assert (invited["kind"], invited["followUp"]) == ("INVITED", {"title": "Told"})
    assert answered["kind"] == "ACCEPTED"


async def test_nobody_unknown_gets_a_connection(office: Server) -> None:
    with pytest.raises(TransportError):
        async with office.live("") as session:
            await session.execute(request("{ viewer { id } }"))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_two_replicas_poke_each_other(start: Start) -> None:
    one = start()
    other = start()
    id_, _ = await shared(one)

    async with other.live() as session, events(session, CHANGED, id=id_) as stream:
        await following(stream)
        await one.ask(RENAME, id=id_, title="From another replica")
        second = await following(stream)

    assert second["title"] == "From another replica"
