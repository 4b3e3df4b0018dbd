"""The rows that keep events, one for each plugin that is to be told of one, until it was."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from invito.plugins.events import EmailSent, FollowUpChanged, ParticipantsInvited, ParticipantsRemoved, StatusChanged
from invito.plugins.plugin_manager import PluginManager
from invito.services.storage.database_time import from_now
from invito.services.storage.message_tables import EventRow

Event = EmailSent | FollowUpChanged | ParticipantsInvited | ParticipantsRemoved | StatusChanged

HOOKS: dict[str, type[Event]] = {
    "invito_email_sent": EmailSent,
    "invito_follow_up_changed": FollowUpChanged,
    "invito_participants_invited": ParticipantsInvited,
    "invito_participants_removed": ParticipantsRemoved,
    "invito_status_changed": StatusChanged,
}

_PUT_BACK = update(EventRow).where(EventRow.id == bindparam("number")).values(due_at=bindparam("due"))


async def record_events(
    connection: AsyncConnection, plugins: PluginManager, events: Sequence[tuple[str, Event]]
) -> None:
    """Keep the events for each plugin that listens to them."""
    rows = [
        {"plugin": plugin, "hook": hook, "content": _content(event), "occurred_at": event.occurred_at}
        for hook, event in events
        for plugin in plugins.hooks.listeners(hook)
    ]
    if rows:
        await connection.execute(insert(EventRow).values(due_at=from_now(connection)), rows)


@dataclass(frozen=True, slots=True)
class ClaimedEvent:
    """An event that a plugin is to be told of, as it is kept. `attempts` are those before."""

    number: int
    hook: str
    content: Mapping[str, object]
    occurred_at: datetime
    due_at: datetime
    attempts: int


class UnreadableEvent(Exception):
    """An event of another version, which lacks what this one needs."""


async def claim_events(
    connection: AsyncConnection, plugin: str, hooks: Sequence[str], lease: timedelta, most: int
) -> list[ClaimedEvent]:
    """The events of these hooks that the plugin is to be told of now, the longest due first.

    They are the caller's for the lease. Rides on ix_event_due.
    """
    rows = await connection.execute(
        select(
            EventRow.id, EventRow.hook, EventRow.content, EventRow.occurred_at, EventRow.due_at, EventRow.attempts
        )
        .where(EventRow.plugin == plugin, EventRow.hook.in_(hooks), EventRow.due_at <= from_now(connection))
        .order_by(EventRow.due_at, EventRow.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )  # fmt: skip
    claimed = [ClaimedEvent(*row) for row in rows]
    if claimed:
        await connection.execute(
            update(EventRow)
            .where(EventRow.id.in_([one.number for one in claimed]))
            .values(due_at=from_now(connection, lease))
        )
    return claimed


def event_of(claimed: ClaimedEvent) -> Event:
    """The event as plugins are told of it. What a newer version knows of it besides is left out.

    :raises UnreadableEvent: it lacks what this version needs.
    """
    kind = HOOKS[claimed.hook]
    known = {field.name for field in fields(kind)}
    try:
        values = {name: _value(value) for name, value in claimed.content.items() if name in known}
        return kind(**values, occurred_at=claimed.occurred_at)  # type: ignore[arg-type]  # what JSON kept of the class
    except (AttributeError, TypeError) as problem:
        raise UnreadableEvent(str(problem)) from problem


async def forget_event(connection: AsyncConnection, number: int) -> None:
    """The plugin was told of it."""
    await connection.execute(delete(EventRow).where(EventRow.id == number))


async def keep_event(connection: AsyncConnection, claimed: ClaimedEvent, pause: timedelta) -> None:
    """The plugin is to be told of it again after the pause."""
    await connection.execute(
        update(EventRow)
        .where(EventRow.id == claimed.number)
        .values(attempts=claimed.attempts + 1, due_at=from_now(connection, pause))
    )


async def put_back_events(connection: AsyncConnection, events: Sequence[ClaimedEvent]) -> None:
    """The plugin was not told of them: they stand where they stood."""
    if events:
        await connection.execute(_PUT_BACK, [{"number": one.number, "due": one.due_at} for one in events])


async def forget_old_events(connection: AsyncConnection, age: timedelta) -> int:
    """Forget what no plugin took for so long, and say how many there were: it fails, or is nowhere any longer."""
    old = delete(EventRow).where(EventRow.occurred_at < from_now(connection, -age))
    return (await connection.execute(old)).rowcount


def _value(kept: object) -> object:
    return tuple(kept) if isinstance(kept, list) else kept


def _content(event: Event) -> dict[str, object]:
    return {name: value for name, value in asdict(event).items() if name != "occurred_at"}
