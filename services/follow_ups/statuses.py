"""What becomes of a status: set on behalf, toggled, answered, or asked anew (F20–F22)."""

from dataclasses import replace
from datetime import datetime

from invito.plugins.contract import ParticipantKind
from invito.services.follow_ups.values import Participant, ParticipantRole, ParticipantStatus, StatusOrigin


def after_toggle(participant: Participant) -> ParticipantStatus:
    """Once accepts, twice declines, a third time goes back to unanswered (F21)."""
    match participant.status:
        case ParticipantStatus.ACCEPTED:
            return ParticipantStatus.DECLINED
        case ParticipantStatus.DECLINED:
            return ParticipantStatus.SEEN if participant.was_seen else ParticipantStatus.NOT_SEEN
        case _:
            return ParticipantStatus.ACCEPTED


def with_status(
    participant: Participant, status: ParticipantStatus, origin: StatusOrigin, reason: str | None, now: datetime
) -> Participant:
    """The participant with this status; a reason stays only beside DECLINED.

    Whoever sets by hand the status that stands confirms it: no answer given before undoes that (ITIP.md, In, rule 10).
    A mail that says what another mail said is kept among the answers, and confirms it there; what was set or answered
    another way is from then on the answer by mail, which was given last.
    """
    kept_reason = reason if status is ParticipantStatus.DECLINED else None
    is_the_same = participant.status is status and participant.decline_reason == kept_reason
    if is_the_same and participant.status_origin is origin is StatusOrigin.EMAIL_REPLY:
        return participant
    return replace(
        participant,
        status=status,
        status_origin=origin,
        status_changed_at=now,
        decline_reason=kept_reason,
        was_seen=participant.was_seen or origin is StatusOrigin.ANSWERED or status is ParticipantStatus.SEEN,
    )


def asked_anew(participant: Participant, now: datetime) -> Participant:
    """Not seen again, since the time changed (F4); the owner and resources stay as they are."""
    if participant.role is ParticipantRole.OWNER or participant.kind is ParticipantKind.RESOURCE:
        return participant
    if participant.status is ParticipantStatus.NOT_SEEN and not participant.was_seen:
        return participant
    return replace(
        participant,
        status=ParticipantStatus.NOT_SEEN,
        status_origin=StatusOrigin.INVITED,
        status_changed_at=now,
        decline_reason=None,
        was_seen=False,
    )
