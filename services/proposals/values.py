"""A counter-proposal as a value."""

from dataclasses import dataclass
from datetime import datetime
from typing import NewType

from invito.services.ids import ParticipantId

ProposalId = NewType("ProposalId", int)


@dataclass(frozen=True, slots=True)
class Proposal:
    """Another time, [start, end) half-open, as UTC instants; `received_at` is one too. All day is midnight to midnight
    in the follow-up's zone.

    `is_open` until the owner declines it or the follow-up's time changes.
    """

    id: ProposalId
    participant: ParticipantId
    start: datetime
    end: datetime
    comment: str | None
    received_at: datetime
    is_open: bool
    is_all_day: bool = False
