"""Plugins are told of what happened after commit, and again after a crash; one that fails holds up nobody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, insert, select, update

from invito.opening import open_house, telling_plugins
from invito.plugins.events import FollowUpChanged, ParticipantsInvited, ParticipantsRemoved, StatusChanged
from invito.plugins.hookspecs import hookimpl
from invito.plugins.limits import PluginLimits
from invito.services.events.dispatching import EventDispatcher
from invito.services.follow_ups.commands import Answer, RemoveParticipants
from invito.services.follow_ups.values import ParticipantStatus
from invito.services.invitations.answering import respond_to_invitation
from invito.services.invitations.changing import remove_participants
from invito.services.storage.message_tables import EventRow
from invito.settings import Settings

if TYPE_CHECKING:
    from tests.services.conftest import Office

Event = FollowUpChanged | ParticipantsInvited | ParticipantsRemoved | StatusChanged


class Listening:
    """A plugin that keeps what it is told, in the order of telling."""

    def __init__(self) -> None:
        self.told: asyncio.Queue[Event] = asyncio.Queue()
        self.check: Callable[[], Awaitable[None]] | None = None

    @hookimpl
    async def invito_follow_up_changed(self, event: FollowUpChanged) -> None:
        if self.check is not None:
            await self.check()
        await self.told.put(event)

    @hookimpl
    async def invito_participants_invited(self, event: ParticipantsInvited) -> None:
        await self.told.put(event)

    @hookimpl
    async def invito_participants_removed(self, event: ParticipantsRemoved) -> None:
        await self.told.put(event)

    @hookimpl
    async def invito_status_changed(self, event: StatusChanged) -> None:
        await self.told.put(event)

    async def next(self) -> Event:
        return await asyncio.wait_for(self.told.get(), 30)


class Broken:
    @hookimpl
    def invito_follow_up_changed(self) -> None:
        raise RuntimeError


class Away:
    """Not there at first."""

    def __init__(self) -> None:
        self.has_failed, self.told = asyncio.Event(), asyncio.Queue[Event]()

    @hookimpl
    async def invito_follow_up_changed(self, event: FollowUpChanged) -> None:
        if not self.has_failed.is_set():
            self.has_failed.set()
            raise ConnectionError
        await self.told.put(event)


@pytest.fixture
def listening(office: Office) -> Listening:
    """Loaded beside a plugin that always fails; nothing is dispatched yet."""
    plugin = Listening()
    office.house.plugins.load([plugin, Broken()])
    return plugin


@asynccontextmanager
async def dispatching(office: Office) -> AsyncIterator[EventDispatcher]:
    """A dispatcher at work, as in a running process."""
    dispatcher = EventDispatcher(office.house.database, office.house.plugins)
    before, office.house = office.house, replace(office.house, events=dispatcher)
    dispatcher.start()
    try:
        yield dispatcher
    finally:
        await dispatcher.stop()
        office.house = before


async def waiting(office: Office) -> int:
    async with office.house.database.read() as connection:
        return (await connection.execute(select(func.count()).select_from(EventRow))).scalar_one()


async def until(office: Office, kept: dict[str, set[str]]) -> None:
    """Until events are kept for these plugins alone, by their follow-ups."""
    async with asyncio.timeout(60):
        while await kept_for(office) != kept:  # noqa: ASYNC110  # a database has no event for it
            await asyncio.sleep(0.01)  # between two looks


async def kept_for(office: Office) -> dict[str, set[str]]:
    async with office.house.database.read() as connection:
        rows = await connection.execute(select(EventRow.content, EventRow.owed_to))
        return {str(content["follow_up_uid"]): set(owed_to or ()) for content, owed_to in rows}


async def its_pause_is_over(office: Office) -> None:
    async with office.house.database.write() as connection:
        await connection.execute(update(EventRow).values(claimed_until=None))


async def test_only_who_is_to_tell_plugins_does(database_url: str, tmp_path: Path) -> None:
    plugin = tmp_path / "listening.py"
    plugin.write_text(
        "from invito.plugins import hookimpl\n\n\n@hookimpl\ndef invito_follow_up_changed(event):\n    pass\n"
    )

    async with open_house(Settings(database_url=database_url, plugins=(str(plugin),))) as house:
        looking = tellers()
        async with telling_plugins(house):
            serving = tellers()

    assert (looking, serving, tellers()) == (0, 1, 0)


def tellers() -> int:
    return sum("invito event" in task.get_name() for task in asyncio.all_tasks())


async def test_everything_that_happens_is_told_in_order(office: Office, listening: Listening) -> None:
    async with dispatching(office):
        made = await office.create(office.ref.ola, office.ref.per)
        ola = (await office.participant(made, "Ola")).id
        await respond_to_invitation(office.house, office.ola, Answer(ola, ParticipantStatus.DECLINED))
        await remove_participants(office.house, office.kari, RemoveParticipants(made, (ola,)))
        told = [await listening.next() for _ in range(5)]

    uid, at = (await office.follow_up(made)).uid, office.clock()
    assert told == [
        FollowUpChanged(uid, 1, is_cancelled=False, occurred_at=at),
        ParticipantsInvited(uid, (office.ref.ola, office.ref.per), at),
        StatusChanged(uid, office.ref.ola, "DECLINED", at),
        FollowUpChanged(uid, 3, is_cancelled=False, occurred_at=at),
        ParticipantsRemoved(uid, (office.ref.ola,), at),
    ]


async def test_an_event_that_only_a_newer_version_knows_is_left_to_it_and_holds_up_no_other(
    office: Office, listening: Listening
) -> None:
    newer = {"hook": "invito_something_new", "content": {"of": "later"}, "occurred_at": office.clock()}
    async with office.house.database.write() as connection:
        await connection.execute(insert(EventRow).values(newer))

    async with dispatching(office):
        await office.create()
        told = await listening.next()

    assert isinstance(told, FollowUpChanged)
    async with office.house.database.read() as connection:
        assert "invito_something_new" in (await connection.execute(select(EventRow.hook))).scalars().all()


async def test_plugins_are_told_after_commit(office: Office, listening: Listening) -> None:
    seen = []

    async def check() -> None:
        async with office.house.database.read() as connection:
            seen.append((await connection.execute(select(func.count()).select_from(EventRow))).scalar_one())

    listening.check = check

    async with dispatching(office):
        made = await office.create()
        await listening.next()

    assert seen == [1]
    assert (await office.follow_up(made)).revision == 1


async def test_a_plugin_that_was_away_is_told_when_it_is_back_and_no_other_twice(
    office: Office, listening: Listening
) -> None:
    away = Away()
    office.house.plugins.load([away])
    uid = (await office.follow_up(await office.create())).uid

    async with dispatching(office) as dispatcher:
        await listening.next()
        await asyncio.wait_for(away.has_failed.wait(), 30)
        await until(office, {uid: {"Away", "Broken"}})
        await its_pause_is_over(office)
        dispatcher.poke()
        event = await asyncio.wait_for(away.told.get(), 30)
        await until(office, {uid: {"Broken"}})

    assert event.follow_up_uid == uid
    assert listening.told.empty()


async def test_a_plugin_that_fails_for_ever_is_told_no_more(office: Office, listening: Listening) -> None:
    await office.create()
    async with office.house.database.write() as connection:
        await connection.execute(update(EventRow).values(attempts=299))

    async with dispatching(office):
        await listening.next()
        await until(office, {})


async def test_what_is_owed_to_a_plugin_that_was_taken_away_is_forgotten(office: Office, listening: Listening) -> None:
    await office.create()
    async with office.house.database.write() as connection:
        await connection.execute(update(EventRow).values(owed_to=["Gone"]))

    async with dispatching(office):
        await until(office, {})

    assert listening.told.empty()


async def test_while_one_replica_tells_of_an_event_no_other_does(office: Office, listening: Listening) -> None:
    other = EventDispatcher(office.house.database, office.house.plugins)
    told_by_other = []

    async def check() -> None:
        told_by_other.append(await other._dispatch_some())

    listening.check = check
    await office.create()

    async with dispatching(office):
        await listening.next()

    assert told_by_other == [False]


async def test_a_claim_lasts_as_long_as_plugins_may_take_for_all_that_is_claimed(
    office: Office, listening: Listening
) -> None:
    office.house.plugins.limits = PluginLimits(call_seconds=1_000)
    left = []

    async def check() -> None:
        async with office.house.database.read() as connection:
            claims = await connection.execute(
                select(EventRow.claimed_until).where(EventRow.claimed_until.is_not(None)).order_by(EventRow.id)
            )
            left.append([until - datetime.now(UTC) for until in claims.scalars() if until])

    listening.check = check
    for _ in range(30):
        await office.create()

    async with dispatching(office):
        await listening.next()

    first = left[0]
    assert 1 <= len(first) < 30
    assert min(first) > len(first) * timedelta(seconds=1_000)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_an_event_that_another_replica_is_just_claiming_holds_up_no_other(
    office: Office, listening: Listening
) -> None:
    held, free = [(await office.follow_up(await office.create(title=title))).uid for title in ("Held", "Free")]

    async with office.house.database.engine.connect() as other:
        await other.execute(select(EventRow.id).order_by(EventRow.id).limit(1).with_for_update())
        async with dispatching(office):
            first = await listening.next()
            await other.rollback()
            office.house.events.poke()
            second = await listening.next()

    assert [one.follow_up_uid for one in (first, second)] == [free, held]


async def test_what_was_refused_is_told_to_nobody(office: Office, listening: Listening) -> None:
    await office.refused(office.create("employee:999"))

    assert await waiting(office) == 0


async def test_what_a_crash_left_untold_is_told_at_the_next_start(office: Office, listening: Listening) -> None:
    made = await office.create()
    left = await waiting(office)

    async with dispatching(office):
        event = await listening.next()

    assert left == 1
    assert isinstance(event, FollowUpChanged)
    assert event.follow_up_uid == (await office.follow_up(made)).uid


async def test_what_another_replica_died_over_is_told_once_its_claim_is_over(
    office: Office, listening: Listening
) -> None:
    claimed = await office.create(title="Claimed by the living")
    async with office.house.database.write() as connection:
        await connection.execute(update(EventRow).values(claimed_until=datetime.now(UTC) + timedelta(hours=1)))
    abandoned = await office.create(title="Claimed by the dead")
    uid = (await office.follow_up(abandoned)).uid
    async with office.house.database.write() as connection:
        await connection.execute(
            update(EventRow)
            .where(EventRow.claimed_until.is_(None))
            .values(claimed_until=datetime.now(UTC) - timedelta(seconds=1))
        )

    async with dispatching(office):
        event = await listening.next()
        # Told in order, so that whoever was told this one was never told the other.
        await office.update(abandoned, title="Told")
        again = await listening.next()

    assert [one.follow_up_uid for one in (event, again)] == [uid, uid]
    assert (await office.follow_up(claimed)).uid != uid
    assert await waiting(office) >= 1
