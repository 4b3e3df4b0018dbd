"""Who is told what by a change of a follow-up (F4, F22, F23). Pure."""

from dataclasses import dataclass, replace

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

    Nobody is told of a quiet change, and of what it did with the next one that is not quiet.
    """
    if change.is_quiet:
        return []
    return [
        Notice(kind, after)
        for before, after in change.pairs
        if _reads_notifications(after) and (kind := _kind(change, before, after)) is not None
    ]


def with_notices(change: Change) -> Change:
    """The change as it is stored: each participant knows what they were told."""
    told = {notice.participant.reference: notice.kind for notice in notices_of(change)}
    participants = tuple(
        replace(one, told_sequence=None if told[one.reference] is NotificationKind.REMOVED else change.after.sequence)
        if one.reference in told
        else one
        for one in change.participants
    )
    return replace(change, participants=participants)


def _kind(change: Change, before: Participant | None, after: Participant) -> NotificationKind | None:
    took_part = before is not None and before.removed_at is None
    # As it was before, so that the answer is the same for a change that is stored.
    told = None if before is None else before.told_sequence
    if after.removed_at is not None:
        was_removed_quietly = told is not None and change.is_the_owners
        return NotificationKind.REMOVED if took_part or was_removed_quietly else None
    if change.cancelled:
        return NotificationKind.CANCELLED if took_part else None
    if not took_part:
        return NotificationKind.INVITED
    if not change.is_the_owners:
        return None
    if told is None:
        return NotificationKind.INVITED
    return NotificationKind.CHANGED if told < change.after.rearranged_sequence else None


def _reads_notifications(participant: Participant) -> bool:
    """Employees do, but for the owner, who did it."""
    return participant.kind is ParticipantKind.EMPLOYEE and participant.role is not ParticipantRole.OWNER
