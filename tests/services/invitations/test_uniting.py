"""Two references turn out to be of one person while others plan with either: nothing is left under the one that was."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

import pytest
from sqlalchemy import Select, select, text

from invito.plugins import Source, hookimpl
from invito.plugins.contract import Entry, Label, ParticipantKind
from invito.plugins.source import SourceContext
from invito.services.busy.references import interned
from invito.services.follow_ups.commands import InviteeWish, InviteParticipants, StatusChoice
from invito.services.follow_ups.values import ParticipantStatus
from invito.services.invitations.changing import invite_participants
from invito.services.invitations.changing_one import set_participant_status
from invito.services.storage.follow_up_tables import BusySpanRow, ParticipantRow, ReferenceRow

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from invito.services.ids import FollowUpId, ParticipantId
    from tests.services.conftest import Office

T = TypeVar("T")

SOME = range(12)


class Cards(Source):
    """Employees under references of a directory of its own; `knows` says which other one each is known by."""

    def __init__(self) -> None:
        self.knows: dict[str, str] = {}

    def resolve(self, context: SourceContext, references: Sequence[str]) -> Sequence[Entry | None]:
        return [self._entry(reference) for reference in references]

    def _entry(self, reference: str) -> Entry:
        aliases = (self.knows[reference],) if reference in self.knows else ()
        return Entry(reference, ParticipantKind.EMPLOYEE, f"Somebody {reference}", aliases=aliases)


class Old(Cards):
    key, directories = "old", frozenset({"old"})
    label = container_label = all_label = Label("Old", "Gamle")


class New(Cards):
    key, directories = "new", frozenset({"new"})
    label = container_label = all_label = Label("New", "Nye")


@pytest.fixture(autouse=True)
def sources(office: Office) -> tuple[Old, New]:
    brought = Old(), New()

    class Plugin:
        @hookimpl
        def invito_participant_sources(self) -> Sequence[Source]:
            return brought

    office.house.plugins.load([Plugin()])
    return brought


async def test_who_is_moved_while_their_references_are_united_is_busy_at_the_new_time_alone(
    office: Office, sources: tuple[Old, New]
) -> None:
    await office.create("old:1", start="2027-01-01T09:00")
    made = await office.create("new:1")
    row = await accepted(office, made)
    sources[1].knows = {"new:1": "old:1"}

    await at_once(
        office, select(ParticipantRow.id).where(ParticipantRow.id == row),
        office.update(made, start="2026-12-02T15:00"), office.create("new:1", start="2027-02-01T09:00"),
    )  # fmt: skip

    there, identity = await office.follow_up(made), await same_identity(office, "new:1", "old:1")
    assert there.start == datetime(2026, 12, 2, 14, tzinfo=UTC)
    busy = {
        (one, int(there.start.timestamp()), int(there.end.timestamp())) for one in (there.owner.reference_id, identity)
    }
    assert sorted(await spans(office, made)) == sorted(busy)


async def test_who_declines_while_their_references_are_united_is_free(office: Office, sources: tuple[Old, New]) -> None:
    await office.create("old:1", start="2027-01-01T09:00")
    made = await office.create("new:1")
    row = (await office.participant(made, "Somebody")).id
    sources[1].knows = {"new:1": "old:1"}

    await at_once(
        office, select(ParticipantRow.id).where(ParticipantRow.id == row),
        set_participant_status(office.house, office.kari, StatusChoice(row, ParticipantStatus.DECLINED)),
        office.create("new:1", start="2027-02-01T09:00"),
    )  # fmt: skip

    owner = (await office.follow_up(made)).owner.reference_id
    assert [busy for busy, _, _ in await spans(office, made)] == [owner]


async def test_two_who_invite_the_same_one_by_both_references_at_once_invite_them_once(
    office: Office, sources: tuple[Old, New]
) -> None:
    made = [await office.create() for _ in SOME]
    sources[1].knows = {f"new:{number}": f"old:{number}" for number in SOME}

    await asyncio.gather(
        *(
            invite(office, one, f"{directory}:{number}")
            for number, one in zip(SOME, made, strict=True)
            for directory in ("old", "new")
        )
    )

    for number, one in zip(SOME, made, strict=True):
        everyone = await office.everyone(one)
        identity = await same_identity(office, f"new:{number}", f"old:{number}")
        assert [row.identity for row in everyone][1:] == [identity]
        assert len(await spans(office, one)) == 2


async def test_sources_that_unite_the_same_ones_in_opposite_orders_do_not_wait_for_each_other(
    office: Office, sources: tuple[Old, New]
) -> None:
    old, new = ([f"{directory}:{number}" for number in SOME] for directory in ("old", "new"))
    await office.create(*old, start="2027-01-01T09:00")
    await office.create(*new, start="2027-01-02T09:00")
    sources[0].knows, sources[1].knows = dict(zip(old, new, strict=True)), dict(zip(new, old, strict=True))

    middle = select(ReferenceRow.id).where(ReferenceRow.text == "new:6")
    made = await at_once(
        office,
        middle,
        office.create(*old, start="2027-02-01T09:00"),
        office.create(*new[::-1], start="2027-02-02T09:00"),
    )

    identities = {await same_identity(office, *pair) for pair in zip(old, new, strict=True)}
    assert len(identities) == len(SOME)
    for one in made:
        assert {busy for busy, _, _ in await spans(office, one)} > identities


async def test_who_was_invited_by_both_references_before_is_busy_with_the_follow_up_once(
    office: Office, sources: tuple[Old, New]
) -> None:
    made = await office.create("old:1", "new:1")
    before = await spans(office, made)
    sources[1].knows = {"new:1": "old:1"}

    await office.create("new:1", start="2027-02-01T09:00")

    assert (len(before), len(await spans(office, made))) == (3, 2)


async def at_once(office: Office, rows: Select[int], *use_cases: Coroutine[object, object, T]) -> list[T]:
    """All of these in the middle of each other: what needs the rows goes on when the others are done, or wait too.

    SQLite has one writer at a time, and nothing to hold up.
    """
    if office.house.database.is_sqlite:
        return await asyncio.gather(*use_cases)
    tasks: list[asyncio.Task[T]] = []
    async with office.house.database.write() as connection:
        await connection.execute(rows.with_for_update(key_share=True))
        for use_case in use_cases:
            tasks.append(asyncio.create_task(use_case))
            while await waiting(connection) + sum(task.done() for task in tasks) < len(tasks):
                pass
    return await asyncio.gather(*tasks)


async def waiting(connection: AsyncConnection) -> int:
    """How many wait for a lock, as PostgreSQL says."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    # Otherwise a transaction sees what it saw first.
    await connection.execute(text("SELECT pg_stat_clear_snapshot()"))
    return int((await connection.execute(text(query))).scalar_one())


async def accepted(office: Office, follow_up: FollowUpId) -> ParticipantId:
    row = (await office.participant(follow_up, "Somebody")).id
    await set_participant_status(office.house, office.kari, StatusChoice(row, ParticipantStatus.ACCEPTED))
    return row


async def invite(office: Office, follow_up: FollowUpId, reference: str) -> None:
    await invite_participants(office.house, office.kari, InviteParticipants(follow_up, (InviteeWish(reference),)))


async def same_identity(office: Office, *references: str) -> int:
    async with office.house.database.read() as connection:
        found = await interned(connection, references)
    (identity,) = {one.identity for one in found.values()}
    return identity


async def spans(office: Office, follow_up: FollowUpId) -> list[tuple[int, int, int]]:
    """Who is busy with the follow-up, and when, as it is stored."""
    query = select(BusySpanRow.reference_id, BusySpanRow.start, BusySpanRow.end)
    async with office.house.database.read() as connection:
        rows = await connection.execute(query.where(BusySpanRow.follow_up_id == follow_up))
        return sorted((identity, start, end) for identity, start, end in rows)
