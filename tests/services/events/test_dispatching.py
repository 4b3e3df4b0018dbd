"""Plugins are told of what happened after commit, and again after a crash; one that fails holds up nobody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, func, insert, select, update
from structlog.testing import capture_logs

from invito.opening import open_house, telling_plugins
from invito.plugins.events import FollowUpChanged, ParticipantsInvited, ParticipantsRemoved, StatusChanged
from invito.plugins.hookspecs import hookimpl
from invito.plugins.limits import PluginLimits
from invito.services.events.dispatching import EventDispatcher
from invito.services.events.recording import claim_events, forget_old_events
from invito.services.events.telling import EventTeller
from invito.services.follow_ups.commands import Answer, RemoveParticipants
from invito.services.follow_ups.values import ParticipantStatus
from invito.services.invitations.answering import respond_to_invitation
from invito.services.invitations.changing import remove_participants
from invito.services.storage.message_tables import EventRow
from invito.settings import Settings
from tests.statements import statements_of

if TYPE_CHECKING:
    from tests.services.conftest import Office

CHANGED = {"follow_up_uid": "8a3b", "revision": 1, "is_cancelled": False}
ACCEPTED = {"follow_up_uid": "8a3b", "reference": "employee:1", "status": "ACCEPTED"}

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


class HalfBroken:
    """Fails at one hook, and takes what the other tells."""

    def __init__(self) -> None:
        self.told = asyncio.Queue[StatusChanged]()

    @hookimpl
    def invito_follow_up_changed(self) -> None:
        raise RuntimeError

    @hookimpl
    async def invito_status_changed(self, event: StatusChanged) -> None:
        await self.told.put(event)


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
        kept: dict[str, set[str]] = {}
        for content, plugin in await connection.execute(select(EventRow.content, EventRow.plugin)):
            kept.setdefault(str(content["follow_up_uid"]), set()).add(plugin)
        return kept


async def keep(office: Office, **values: object) -> None:
    """An event that was due a while ago, as another process may have kept it."""
    usual = {"plugin": "Listening", "hook": "invito_follow_up_changed", "content": CHANGED}
    times = {"occurred_at": office.clock(), "due_at": datetime.now(UTC) - timedelta(hours=1)}
    async with office.house.database.write() as connection:
        await connection.execute(insert(EventRow).values(usual | times | values))


async def its_pause_is_over(office: Office) -> None:
    async with office.house.database.write() as connection:
        await connection.execute(update(EventRow).values(due_at=datetime.now(UTC) - timedelta(hours=1)))


async def test_only_who_is_to_tell_plugins_does(database_url: str, tmp_path: Path) -> None:
    plugin = tmp_path / "listening.py"
    plugin.write_text(
        "from invito.plugins import hookimpl\n\n\n@hookimpl\ndef invito_follow_up_changed(event):\n    pass\n"
    )

    async with open_house(Settings(database_url=database_url, plugins=(str(plugin),))) as house:
        looking = tellers()
        async with telling_plugins(house):
            serving = tellers()

    assert (looking, serving, tellers()) == (0, 2, 0)


def tellers() -> int:
    """How many tasks there are that tell, or forget what is old."""
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
    await keep(office, hook="invito_something_new", content={"of": "later"})

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

    assert seen == [2]  # for two plugins
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


async def test_what_no_plugin_took_for_a_day_is_forgotten_and_no_more(office: Office) -> None:
    await keep(office, plugin="Gone", occurred_at=datetime.now(UTC) - timedelta(hours=25))
    await keep(office, plugin="Away", occurred_at=datetime.now(UTC) - timedelta(hours=23))

    async with office.house.database.write() as connection:
        forgotten = await forget_old_events(connection, timedelta(days=1))

    assert forgotten == 1
    assert await kept_for(office) == {"8a3b": {"Away"}}


async def test_what_a_plugin_is_owed_that_this_process_lacks_is_left_to_those_that_have_it(
    office: Office, listening: Listening
) -> None:
    await keep(office, plugin="Elsewhere")

    async with dispatching(office):
        uid = (await office.follow_up(await office.create())).uid
        await listening.next()
        await until(office, {"8a3b": {"Elsewhere"}, uid: {"Broken"}})

    assert listening.told.empty()


async def test_fields_that_only_a_newer_version_knows_are_left_out(office: Office, listening: Listening) -> None:
    await keep(office, content=CHANGED | {"location": "Kaien 1"})

    async with dispatching(office):
        told = await listening.next()

    assert told == FollowUpChanged("8a3b", 1, is_cancelled=False, occurred_at=office.clock())


async def test_an_event_that_cannot_be_built_is_set_aside_and_holds_up_no_other(
    office: Office, listening: Listening
) -> None:
    await keep(office, content={"follow_up_uid": "lacks the rest"})
    await keep(office)

    with capture_logs() as lines:
        async with dispatching(office):
            told = await listening.next()
            await until(office, {"lacks the rest": {"Listening"}})

    assert told.follow_up_uid == "8a3b"
    aside = [line for line in lines if line["event"] == "event of another version is set aside"]
    assert [(line["hook"], "revision" in line["why"]) for line in aside] == [("invito_follow_up_changed", True)]


async def test_while_a_plugin_is_left_alone_its_events_stand_where_they_stood_at_one_transaction_for_all(
    office: Office,
) -> None:
    office.house.plugins.limits = PluginLimits(failures_in_a_row=1, rest_seconds=3_600)
    office.house.plugins.load([Broken()])
    for _ in range(10):
        await keep(office, plugin="Broken")
    teller = EventTeller(office.house.database, office.house.plugins, "Broken")

    with statements_of(office.house.database) as statements:
        first, second = await teller.tell_some(), await teller.tell_some()

    assert (first, second) == (True, False)
    written = [one for one in statements if one.startswith("UPDATE event")]
    assert len(written) == 3  # the claim, the one that failed, all others
    async with office.house.database.read() as connection:
        waiting = await connection.execute(
            select(EventRow.attempts).where(EventRow.due_at < datetime.now(UTC)).order_by(EventRow.id)
        )
        assert waiting.scalars().all() == [0] * 9


async def test_a_claim_rides_on_its_index_past_all_that_other_plugins_are_owed_and_sorts_nothing(
    office: Office,
) -> None:
    database, sent = office.house.database, list[tuple[str, Any]]()
    event.listen(
        database.engine.sync_engine,
        "before_cursor_execute",
        lambda _connection, _cursor, statement, values, *_: sent.append((statement, values)),
    )

    async with database.write() as connection:
        await claim_events(connection, "Listening", ["invito_follow_up_changed"], timedelta(minutes=1), 10)

    ((statement, values),) = [one for one in sent if one[0].startswith("SELECT event")]
    async with database.write() as connection:
        if not database.is_sqlite:
            # So few rows are read faster otherwise; what counts is that the index can be used, and gives the order.
            for other_way in ("seqscan", "bitmapscan", "sort"):
                await connection.exec_driver_sql(f"SET LOCAL enable_{other_way} = off")
        how = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN"
        rows = await connection.exec_driver_sql(f"{how} {statement}", values)
        plan = "\n".join(str(row[-1]) for row in rows)
    assert "ix_event_due" in plan
    assert "Sort" not in plan
    assert "TEMP B-TREE" not in plan


async def test_while_one_hook_of_a_plugin_rests_it_is_told_by_the_others(office: Office) -> None:
    office.house.plugins.limits = PluginLimits(failures_in_a_row=1, rest_seconds=3_600)
    half = HalfBroken()
    office.house.plugins.load([half])
    for _ in range(20):
        await keep(office, plugin="HalfBroken")
    await keep(office, plugin="HalfBroken", hook="invito_status_changed", content=ACCEPTED)

    async with dispatching(office):
        told = await asyncio.wait_for(half.told.get(), 30)

    assert told.follow_up_uid == "8a3b"


async def test_while_one_replica_tells_of_an_event_no_other_does(office: Office, listening: Listening) -> None:
    other = EventTeller(office.house.database, office.house.plugins, "Listening")
    told_by_other = []

    async def check() -> None:
        told_by_other.append(await other.tell_some())

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
                select(EventRow.due_at)
                .where(EventRow.plugin == "Listening", EventRow.due_at > datetime.now(UTC))
                .order_by(EventRow.id)
            )
            left.append([until - datetime.now(UTC) for until in claims.scalars()])

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
        oldest = select(EventRow.id).where(EventRow.plugin == "Listening").order_by(EventRow.id).limit(1)
        await other.execute(oldest.with_for_update())
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

    assert left == 2  # for two plugins
    assert isinstance(event, FollowUpChanged)
    assert event.follow_up_uid == (await office.follow_up(made)).uid


async def test_what_another_replica_died_over_is_told_once_its_claim_is_over(
    office: Office, listening: Listening
) -> None:
    claimed = await office.create(title="Claimed by the living")
    async with office.house.database.write() as connection:
        await connection.execute(update(EventRow).values(due_at=datetime.now(UTC) + timedelta(hours=1)))
    abandoned = await office.create(title="Claimed by the dead")
    uid = (await office.follow_up(abandoned)).uid
    async with office.house.database.write() as connection:
        await connection.execute(
            update(EventRow)
            .where(EventRow.due_at <= datetime.now(UTC))
            .values(due_at=datetime.now(UTC) - timedelta(seconds=1))
        )

    async with dispatching(office):
        event = await listening.next()
        # Told in order, so that whoever was told this one was never told the other.
        await office.update(abandoned, title="Told")
        again = await listening.next()

    assert [one.follow_up_uid for one in (event, again)] == [uid, uid]
    assert (await office.follow_up(claimed)).uid != uid
    assert await waiting(office) >= 1
