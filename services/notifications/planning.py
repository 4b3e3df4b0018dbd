"""Who is told what by a change of a follow-up (F4, F22, F23). Pure."""

from dataclasses import dataclass

from invito.plugins.contract import ParticipantKind
from invito.services.follow_ups.change import Change
from invito.services.follow_ups.values import Participant, ParticipantRole
from invito.services.notifications.values import NotificationKind


@dataclass(frozen=True, slots=True)
class Notice:
    """A notification to a participant."""

    kind: NotificationKind
    participant: Participant


def notices_of(change: Change) -> list[Notice]:
    """What invitees are told: who is new is invited, who is removed is told so, the rest of changed time and place.

    Nobody is told of a quiet change.
    """
    if change.is_quiet:
        return []
    if change.cancelled:
        told = [(NotificationKind.CANCELLED, change.staying)]
    else:
        told = [
            (NotificationKind.INVITED, change.invited),
            (NotificationKind.REMOVED, change.removed),
            (NotificationKind.CHANGED, change.staying if change.rearranged else []),
        ]
    return [Notice(kind, one) for kind, some in told for one in some if _reads_notifications(one)]


def _reads_notifications(participant: Participant) -> bool:
    """Employees do, but for the owner, who did it."""
    return participant.kind is ParticipantKind.EMPLOYEE and participant.role is not ParticipantRole.OWNER
