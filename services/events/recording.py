"""The rows that keep events until the plugins were told of them."""

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from invito.plugins.events import EmailSent, FollowUpChanged, ParticipantsInvited, ParticipantsRemoved, StatusChanged
from invito.plugins.plugin_manager import PluginManager
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


def _content(event: Event) -> dict[str, object]:
    return {name: value for name, value in asdict(event).items() if name != "occurred_at"}
