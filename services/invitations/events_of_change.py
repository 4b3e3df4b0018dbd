"""Which events a change of a follow-up is."""

from datetime import datetime

from invito.plugins.events import FollowUpChanged, ParticipantsInvited, ParticipantsRemoved, StatusChanged
from invito.services.events.recording import Event
from invito.services.follow_ups.change import Change
from invito.services.follow_ups.values import ParticipantRole


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
