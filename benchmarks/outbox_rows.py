"""An outbox with so many mails that were sent, and some that are ready."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from benchmarks.data import NOON, Row, Table

_EMPLOYEES = 101
_A_FOLLOW_UP = 100
INVITEES = 10


@dataclass(frozen=True, slots=True)
class Outbox:
    """`earlier` mails were sent before, `ready` ones wait, ten to a follow-up."""

    earlier: int
    ready: int


def follow_ups_before(earlier: int) -> int:
    """How many follow-ups the earlier mails are about, which come before those that are waited for."""
    return -(-earlier // _A_FOLLOW_UP)


def outbox_tables(outbox: Outbox, *, is_sqlite: bool) -> list[Table]:
    """The rows of the outbox and of what it is about, as the database keeps them."""
    rows = _Rows(outbox, text if is_sqlite else itself)
    return [
        Table("reference", ("id", "text", "identity_id"), [(n, f"employee:{n}", n) for n in range(1, _EMPLOYEES + 1)]),
        Table("owner", ("reference_id", "name", "email", "groups"), [(1, "Kari", "kari@office.example", "[]")]),
        Table("follow_up", _FOLLOW_UP, list(rows.follow_ups())),
        Table("participant", _PARTICIPANT, list(rows.participants())),
        Table("outbox", _OUTBOX, list(rows.mails())),
    ]


_FOLLOW_UP = (
    "id", "uid", "sequence", "moved_sequence", "rearranged_sequence", "version", "revision", "type", "title",
    "title_words", "start", "end", "time_zone", "is_all_day", "priority", "show_as", "visibility",
    "owner_reference_id", "is_completed", "is_cancelled", "stamped_at", "created_at", "updated_at",
)  # fmt: skip
_PARTICIPANT = (
    "id", "follow_up_id", "reference_id", "position", "kind", "role", "name", "email", "is_location", "status",
    "status_origin", "was_seen", "wants_email", "email_delivery", "invited_at",
)  # fmt: skip
_OUTBOX = (
    "id", "follow_up_id", "reference_id", "method", "sequence", "stamped_at", "recurrence_id", "message_id",
    "to_address", "address_key", "to_name", "state", "created_at", "next_at", "attempts",
    "finished_at",
)  # fmt: skip


def itself(instant: datetime) -> object:
    return instant


def text(instant: datetime) -> object:
    return instant.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _invitee(follow_up: int, place: int) -> int:
    """Whom a follow-up invites at this place: not always the same ten of the hundred."""
    return (follow_up * INVITEES + place) % (_EMPLOYEES - 1) + 2


class _Rows:
    def __init__(self, outbox: Outbox, kept: object) -> None:
        self._outbox = outbox
        self._end = kept(NOON - timedelta(days=30, hours=-1))  # type: ignore[operator]  # one of the two above
        self._now = kept(NOON - timedelta(days=30))  # type: ignore[operator]  # one of the two above
        self._old = follow_ups_before(outbox.earlier)
        self._new = -(-outbox.ready // INVITEES)

    def follow_ups(self) -> Iterator[Row]:
        now = self._now
        for number in range(1, self._old + self._new + 1):
            yield (
                number, f"bench-{number}", 0, 0, 0, 1, 1, "APPOINTMENT", "A meeting", " a meeting", now, self._end,
                "Europe/Oslo", False, "MEDIUM", "BUSY", "ALL", 1, False, False, now, now, now,
            )  # fmt: skip

    def participants(self) -> Iterator[Row]:
        number = 0
        for follow_up in range(self._old + 1, self._old + self._new + 1):
            for place in range(INVITEES + 1):
                number += 1
                role, mails = ("OWNER", False) if place == 0 else ("REQUIRED", True)
                reference = 1 if place == 0 else _invitee(follow_up, place - 1)
                yield (
                    number, follow_up, reference, place, "EMPLOYEE", role, f"Employee {reference}",
                    f"employee{reference}@office.example", False, "NOT_SEEN", "INVITED", False, mails, "QUEUED",
                    self._now,
                )  # fmt: skip

    def mails(self) -> Iterator[Row]:
        for number in range(self._outbox.earlier):
            follow_up, invitee = number // _A_FOLLOW_UP + 1, number % _A_FOLLOW_UP + 2
            yield self._mail(number + 1, follow_up, invitee, "SENT")
        for number in range(self._outbox.ready):
            follow_up = self._old + number // INVITEES + 1
            invitee = _invitee(follow_up, number % INVITEES)
            yield self._mail(self._outbox.earlier + number + 1, follow_up, invitee, "QUEUED")

    def _mail(self, number: int, follow_up: int, invitee: int, state: str) -> Row:
        address = f"employee{invitee}@office.example"
        return (
            number, follow_up, invitee, "REQUEST", 0, self._now, "", f"<{number}@office.example>",
            address, address, f"Employee {invitee}", state, self._now, self._now, 0,
            self._now if state == "SENT" else None,
        )  # fmt: skip
