"""The rows that keep events until the plugins were told of them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, or_, select, update
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


async def record_events(
    connection: AsyncConnection, plugins: PluginManager, events: Sequence[tuple[str, Event]]
) -> None:
    """Keep the events that any plugin listens to."""
    rows = [
        {"hook": hook, "content": _content(event), "occurred_at": event.occurred_at, "claimed_until": None}
        for hook, event in events
        if plugins.hooks.listens(hook)
    ]
    if rows:
        await connection.execute(insert(EventRow), rows)


@dataclass(frozen=True, slots=True)
class ClaimedEvent:
    """An event to be told of. `owed_to` are the plugins that it is kept for, None all; `attempts` those before."""

    number: int
    hook: str
    event: Event
    owed_to: Sequence[str] | None
    attempts: int


async def claim_events(connection: AsyncConnection, lease: timedelta, most: int) -> list[ClaimedEvent]:
    """The oldest events that nobody is telling of. They are the caller's for the lease."""
    rows = await connection.execute(
        select(EventRow.id, EventRow.hook, EventRow.content, EventRow.occurred_at, EventRow.owed_to, EventRow.attempts)
        .where(
            # Those of a newer version are for the replicas that know them.
            EventRow.hook.in_(HOOKS),
            or_(EventRow.claimed_until.is_(None), EventRow.claimed_until < from_now(connection)),
        )
        .order_by(EventRow.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    claimed = [
        ClaimedEvent(row.id, row.hook, _event(row.hook, row.content, row.occurred_at), row.owed_to, row.attempts)
        for row in rows
    ]
    await connection.execute(
        update(EventRow)
        .where(EventRow.id.in_([one.number for one in claimed]))
        .values(claimed_until=from_now(connection, lease))
    )
    return claimed


async def forget_event(connection: AsyncConnection, number: int) -> None:
    """The plugins were told of it."""
    await connection.execute(delete(EventRow).where(EventRow.id == number))


async def keep_event(
    connection: AsyncConnection, claimed: ClaimedEvent, owed_to: Sequence[str], pause: timedelta
) -> None:
    """These plugins are to be told of it again after the pause, and no others."""
    await connection.execute(
        update(EventRow)
        .where(EventRow.id == claimed.number)
        .values(owed_to=list(owed_to), attempts=claimed.attempts + 1, claimed_until=from_now(connection, pause))
    )


def _event(hook: str, content: dict[str, object], occurred_at: datetime) -> Event:
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in content.items()}
    return HOOKS[hook](**values, occurred_at=occurred_at)  # type: ignore[arg-type]  # what JSON kept of the same class


def _content(event: Event) -> dict[str, object]:
    return {name: value for name, value in asdict(event).items() if name != "occurred_at"}
