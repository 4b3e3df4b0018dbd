"""Many at once, and a power cut in the middle: nothing lost, nothing half-done, on both databases."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from gql.transport.exceptions import TransportError

if TYPE_CHECKING:
    from tests.e2e.conftest import Server, Start

WHEN = "2031-05-05T10:00:00Z"
CREATE = """mutation ($input: CreateFollowUpInput!) { createFollowUp(input: $input) {
    errors { code } followUp { id } } }"""
INVITE = """mutation ($input: InviteParticipantsInput!) { inviteParticipants(input: $input) {
    errors { code path } invited { id } alreadyInvited { id } followUp { version } } }"""
RENAME = """mutation ($input: UpdateFollowUpInput!) { updateFollowUp(input: $input) {
    errors { code } followUp { title version } } }"""
SHOWN = """query ($id: ID!) { followUp(id: $id) { title version revision statusCounts { total }
    participants(first: 500) { nodes { id reference } } } }"""
BUSY = """query ($search: String!, $during: TimeSpanInput!) {
    availableParticipants(source: "employees", search: $search, during: $during, first: 500) {
        nodes { reference availability { state conflicts { followUp { id } } } } } }"""
DURING = {"start": WHEN, "end": "2031-05-05T11:00:00Z"}


async def created(server: Server, key: str | None = None) -> str:
    given = {"type": "TASK", "title": "Together", "start": WHEN, "idempotencyKey": key}
    made = await server.ask(CREATE, input=given)
    assert made["createFollowUp"]["errors"] == []
    id_: str = made["createFollowUp"]["followUp"]["id"]
    return id_


def invitation(follow_up: str, numbers: range, key: str | None = None) -> dict[str, Any]:
    invitees = [{"participant": {"reference": f"employee:{number}"}} for number in numbers]
    return {"followUpId": follow_up, "invitees": invitees, "idempotencyKey": key}


async def test_of_two_writers_at_once_one_is_told_that_the_other_was_first(start: Start) -> None:
    server = start()
    id_ = await created(server)

    answers = await asyncio.gather(
        *(server.ask(RENAME, input={"id": id_, "title": title, "expectedVersion": 1}) for title in ("One", "Two"))
    )

    codes = sorted([error["code"] for error in one["updateFollowUp"]["errors"]] for one in answers)
    winner = next(one["updateFollowUp"] for one in answers if not one["updateFollowUp"]["errors"])
    loser = next(one["updateFollowUp"] for one in answers if one["updateFollowUp"]["errors"])
    shown = (await server.ask(SHOWN, id=id_))["followUp"]
    assert codes == [[], ["STALE_VERSION"]]
    assert shown["title"] == winner["followUp"]["title"] == loser["followUp"]["title"]
    assert shown["version"] == 2


async def test_writers_without_a_version_take_turns_and_lose_nothing(start: Start) -> None:
    server = start()
    id_ = await created(server)

    await asyncio.gather(
        *(server.ask(INVITE, input=invitation(id_, range(first, first + 10))) for first in range(2, 102, 10))
    )

    shown = (await server.ask(SHOWN, id=id_))["followUp"]
    assert shown["statusCounts"]["total"] == 100
    assert shown["version"] == 11


async def test_fifty_clients_invite_into_fifty_follow_ups_at_once(start: Start) -> None:
    server = start()
    ids = [await created(server) for _ in range(50)]

    answers = await asyncio.gather(*(server.ask(INVITE, input=invitation(id_, range(2, 22))) for id_ in ids))

    assert [one["inviteParticipants"]["errors"] for one in answers] == [[]] * 50
    for id_ in ids:
        shown = (await server.ask(SHOWN, id=id_))["followUp"]
        assert (shown["statusCounts"]["total"], shown["version"]) == (20, 2)


async def test_one_idempotency_key_sent_ten_times_at_once_makes_one_follow_up(start: Start) -> None:
    server = start()

    ids = await asyncio.gather(*(created(server, "the same") for _ in range(10)))

    assert len(set(ids)) == 1


async def test_a_process_killed_in_the_middle_of_inviting_leaves_all_of_it_or_none(start: Start) -> None:
    server = start()
    ids = [await created(server) for _ in range(30)]
    everyone = range(2, 102)
    answered = asyncio.Event()

    async def invite(id_: str) -> Any:
        try:
            done = await server.ask(INVITE, input=invitation(id_, everyone, key=id_))
        except (TransportError, OSError):
            return None
        finally:
            answered.set()
        return done["inviteParticipants"]

    calls = [asyncio.create_task(invite(id_)) for id_ in ids]
    await answered.wait()
    server.kill()
    before = dict(zip(ids, await asyncio.gather(*calls), strict=True))
    again = start()

    assert None in before.values(), "all were answered before the end: nothing was tried"
    stored = {id_: (await again.ask(SHOWN, id=id_))["followUp"] for id_ in ids}
    assert {one["statusCounts"]["total"] for one in stored.values()} <= {0, len(everyone)}
    assert all(stored[id_]["statusCounts"]["total"] == len(everyone) for id_, answer in before.items() if answer)
    await same_busy_spans(again, {id_ for id_, one in stored.items() if one["statusCounts"]["total"]})

    for id_, answer in before.items():
        repeated = (await again.ask(INVITE, input=invitation(id_, everyone, key=id_)))["inviteParticipants"]
        assert repeated["errors"] == []
        assert len(repeated["invited"]) == len(everyone)
        assert answer is None or repeated["invited"] == answer["invited"]
    await same_busy_spans(again, set(ids))


async def same_busy_spans(server: Server, follow_ups: set[str]) -> None:
    """Those who are invited are busy with these follow-ups, and with no others."""
    found = await server.ask(BUSY, search="", during=DURING)
    invited = {f"employee:{number}" for number in range(2, 102)}
    for entry in found["availableParticipants"]["nodes"]:
        if entry["reference"] in invited:
            busy_with = {conflict["followUp"]["id"] for conflict in entry["availability"]["conflicts"]}
            assert busy_with == follow_ups
