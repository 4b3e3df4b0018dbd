"""An incoming mail as it was understood: plain values that cross a process border and are stored as JSON."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from invito.services.itip.reasons import Why


class MailKind(Enum):
    """What a mail is. Only the first three may change a follow-up; BOUNCE tells of a mail that went out."""

    REPLY = "REPLY"
    COUNTER = "COUNTER"
    REFRESH = "REFRESH"
    NOT_OURS = "NOT_OURS"
    BOUNCE = "BOUNCE"
    AUTO_REPLY = "AUTO_REPLY"
    NO_CALENDAR = "NO_CALENDAR"
    NOT_UNDERSTOOD = "NOT_UNDERSTOOD"
    QUARANTINED = "QUARANTINED"


class AnswerMethod(Enum):
    """The methods that an invitee sends to the organizer (RFC 5546 §1.4)."""

    REPLY = "REPLY"
    COUNTER = "COUNTER"
    REFRESH = "REFRESH"


@dataclass(frozen=True, slots=True)
class Instant:
    """A moment in UTC."""

    at: datetime


@dataclass(frozen=True, slots=True)
class WholeDay:
    """A date that is the same day everywhere (VALUE=DATE)."""

    day: date


# Named by different fields, so that JSON says which it is.
Moment = Instant | WholeDay


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """[start, end) half-open. No end: as long as what it takes the place of."""

    start: Moment
    end: Moment | None


@dataclass(frozen=True, slots=True)
class UnderstoodAttendee:
    """An ATTENDEE of the component itself. Addresses are normalised; None where there is none that mail can go to.

    `partstat` is in capitals, NEEDS-ACTION where it is missing (RFC 5545 §3.2.12).
    """

    address: str | None
    email: str | None
    sent_by: str | None
    partstat: str
    delegated_to: tuple[str, ...]
    proposed: TimeSpan | None
    comment: str | None


@dataclass(frozen=True, slots=True)
class UnderstoodComponent:
    """A VEVENT or VTODO. `problem` says why nothing can follow from it; the fields are what could be read.

    `sequence` is 0 where it is missing (RFC 5545 §3.8.7.4). `comments` are those of the
    standard, `private_comments` those of programs' own, in the order in which they count.
    """

    method: AnswerMethod
    uid: str | None
    organizer: str | None
    recurrence_id: Moment | None
    sequence: int
    dtstamp: datetime | None
    time: TimeSpan | None
    attendees: tuple[UnderstoodAttendee, ...]
    comments: tuple[str, ...]
    private_comments: tuple[str, ...]
    description: str | None
    problem: Why | None


@dataclass(frozen=True, slots=True)
class UnderstoodBounce:
    """What a mail server says of a mail that it returns (RFC 3464), as far as it says it.

    `recipient` is whom the mail could not be brought to, `returned_…` are of the mail that went out.
    """

    is_delayed: bool
    recipient: str | None
    status: str | None
    diagnosis: str | None
    returned_message_id: str | None
    returned_uid: str | None


@dataclass(frozen=True, slots=True)
class UnderstoodMail:
    """`from_addresses` are all that From names, none where any of it cannot be read: only a single one is believed.

    `sent_at` is Date, in UTC. `recipients` are where a tag may be, those of the delivery first. `text` is what a person
    may have written. `method` is the calendar's, in capitals. Texts hold no control or bidirectional characters.
    """

    kind: MailKind
    why: Why | None = None
    method: str | None = None
    message_id: str | None = None
    from_addresses: tuple[str, ...] = ()
    sender_name: str | None = None
    subject: str | None = None
    sent_at: datetime | None = None
    is_auto_submitted: bool = False
    has_null_sender: bool = False
    recipients: tuple[str, ...] = ()
    authentication_results: tuple[str, ...] = ()
    text: str | None = None
    components: tuple[UnderstoodComponent, ...] = ()
    bounce: UnderstoodBounce | None = None

    @property
    def sender(self) -> str | None:
        """From's address, where it names exactly one."""
        return self.from_addresses[0] if len(self.from_addresses) == 1 else None

    @property
    def uids(self) -> tuple[str, ...]:
        """The UIDs that it answers, each once, in order."""
        return tuple(dict.fromkeys(one.uid for one in self.components if one.uid is not None))

    @property
    def organizers(self) -> tuple[str, ...]:
        """The addresses that its objects are addressed to: a tag may be in them."""
        return tuple(dict.fromkeys(one.organizer for one in self.components if one.organizer is not None))
