"""Which of a participant's answers stands (ITIP.md, In, 6 and 10): the same in any order and repetition."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from invito.services.follow_ups.values import ParticipantStatus


@dataclass(frozen=True)
class StoredAnswer:
    """An answer that was believed, of one participant about one occurrence or the whole. `answered_at` in UTC."""

    status: ParticipantStatus
    comment: str | None
    sequence: int
    answered_at: datetime
    digest: str


Answer = TypeVar("Answer", bound=StoredAnswer)


def answered_at(first_arrival: datetime, dtstamp: datetime | None, date: datetime | None) -> datetime:
    """When an answer was given, in UTC: min(first arrival, max(DTSTAMP, Date)).

    iOS and Outlook for Mac repeat the REQUEST's DTSTAMP, so the later of the two says more; what is later than the
    arrival came from a clock that is wrong, or from somebody who would have the last word.
    """
    said = [one for one in (dtstamp, date) if one is not None]
    return min(first_arrival, max(said)) if said else first_arrival


def standing(answers: Iterable[Answer], moved_sequence: int, set_by_hand_at: datetime | None = None) -> Answer | None:
    """The one given last of those that answer the present time; None where there is none, or a hand was later.

    :param answers: all that were stored of one participant and one occurrence, in any order, repeated or not.
    :param moved_sequence: the SEQUENCE with which the time last changed.
    """
    in_time = [one for one in answers if one.sequence >= moved_sequence]
    last = max(in_time, key=lambda one: (one.answered_at, one.digest), default=None)
    if last is None or (set_by_hand_at is not None and set_by_hand_at > last.answered_at):
        return None
    return last
