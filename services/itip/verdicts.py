"""What follows from an incoming mail: a value for each that it says something of."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from invito.services.follow_ups.values import ParticipantStatus
from invito.services.ids import ParticipantId
from invito.services.itip.reasons import Why


class InboundOutcome(Enum):
    """What a mail that came in did. Only APPLIED and BOUNCE change anything.

    DUPLICATE is found where mails are stored, not decided here.
    """

    APPLIED = "APPLIED"
    OUTDATED = "OUTDATED"
    DUPLICATE = "DUPLICATE"
    UNVERIFIED = "UNVERIFIED"
    NOT_INVITED = "NOT_INVITED"
    NOT_OURS = "NOT_OURS"
    NOT_UNDERSTOOD = "NOT_UNDERSTOOD"
    BOUNCE = "BOUNCE"
    QUARANTINED = "QUARANTINED"


@dataclass(frozen=True, slots=True)
class Proposal:
    """[start, end) in UTC; no end: as long as it is now. All day is midnight to midnight in the follow-up's zone."""

    start: datetime
    end: datetime | None
    is_all_day: bool
    comment: str | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was said of one participant and one occurrence, also where it is not believed or comes too late.

    `recurrence_id` is the start of the occurrence, in UTC; None is the whole, or all there is. No `status`: it does not
    change. `delegated_to` are addresses that the owner may invite instead. `digest` is the same for the same answer.
    """

    outcome: InboundOutcome
    why: Why
    participant: ParticipantId | None = None
    recurrence_id: datetime | None = None
    status: ParticipantStatus | None = None
    comment: str | None = None
    sequence: int = 0
    dtstamp: datetime | None = None
    proposal: Proposal | None = None
    delegated_to: tuple[str, ...] = ()
    digest: str = ""
