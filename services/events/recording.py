"""Which events a change of a follow-up is, and the rows that keep them until the plugins were told."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from invito.plugins.events import FollowUpChanged, ParticipantsInvited, ParticipantsRemoved, StatusChanged
from invito.plugins.plugin_manager import PluginManager
from invito.services.follow_ups.change import Change
from invito.services.follow_ups.values import ParticipantRole
from invito.services.storage.message_tables import EventRow

Event = FollowUpChanged | ParticipantsInvited | ParticipantsRemoved | StatusChanged

HOOKS: dict[str, type[Event]] = {
    "invito_follow_up_changed": FollowUpChanged,
    "invito_participants_invited": ParticipantsInvited,
    "invito_participants_removed": ParticipantsRemoved,
    "invito_status_changed": StatusChanged,
}


def events_of(change: Change, now: datetime) -> list[tuple[str, Event]]:
    """The events of a change, each with its hook, in the order in which plugins are told."""
    uid = change.after.uid
    events: list[tuple[str, Event]] = []
    # The version, since the revision rises with answers too, which are no change of the follow-up.
    if change.before is None or change.before.version != change.after.version:
        changed = FollowUpChanged(uid, change.after.revision, change.after.is_cancelled, now)
        events.append(("invito_follow_up_changed", changed))
    invited = tuple(one.reference for one in change.invited if one.role is not ParticipantRole.OWNER)
    if invited:
        events.append(("invito_participants_invited", ParticipantsInvited(uid, invited, now)))
    if change.removed:
        removed = tuple(one.reference for one in change.removed)
        events.append(("invito_participants_removed", ParticipantsRemoved(uid, removed, now)))
    events.extend(
        ("invito_status_changed", StatusChanged(uid, one.reference, one.status.name, now)) for one in change.answered
    )
    return events


async def record_events(
    connection: AsyncConnection, plugins: PluginManager, events: Sequence[tuple[str, Event]]
) -> None:
    """Keep the events that any plugin listens to."""
    rows = [
        {"hook": hook, "content": _content(event), "occurred_at": event.occurred_at, "claimed_until": None}
        for hook, event in events
        if plugins.listens(hook)
    ]
    if rows:
        await connection.execute(insert(EventRow), rows)


def _content(event: Event) -> dict[str, object]:
    return {name: value for name, value in asdict(event).items() if name != "occurred_at"}
