"""An inbox with so many mails that were taken in, and some answers that wait for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP

from benchmarks.data import NOON, Row, Table
from benchmarks.outbox_rows import INVITEES, Outbox, follow_ups_before, itself, outbox_tables, text

_STATUSES = ("ACCEPTED", "TENTATIVE", "DECLINED")
_INBOX = (
    "id", "digest", "message_id", "origin", "envelope_from", "envelope_to", "raw", "received_at", "attempts",
    "outcome", "reason", "reason_values", "follow_up_id", "sender", "subject",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Inbox:
    """`earlier` mails were taken in before, `waiting` ones are answers of as many invitees, ten to a follow-up."""

    earlier: int
    waiting: int


def inbox_tables(inbox: Inbox, *, is_sqlite: bool) -> list[Table]:
    """The rows of the inbox and of what it is about, as the database keeps them."""
    about = outbox_tables(Outbox(inbox.earlier, inbox.waiting), is_sqlite=is_sqlite)
    mails = Table("inbox", _INBOX, list(_mails(inbox, text if is_sqlite else itself)))
    return [*(table for table in about if table.name != "outbox"), mails]


def answer_to(follow_up: int, invitee: int) -> bytes:
    """The mail with which an invitee's program answers: a text, and the calendar beside it."""
    address = f"employee{invitee}@office.example"
    lines = (
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//A program//EN", "METHOD:REPLY",
        "BEGIN:VTIMEZONE", "TZID:Europe/Oslo", "BEGIN:STANDARD", "DTSTART:19701025T030000", "TZOFFSETFROM:+0200",
        "TZOFFSETTO:+0100", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", "END:STANDARD", "BEGIN:DAYLIGHT",
        "DTSTART:19700329T020000", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3",
        "END:DAYLIGHT", "END:VTIMEZONE",
        "BEGIN:VEVENT", f"UID:bench-{follow_up}", "SEQUENCE:0", f"DTSTAMP:{NOON:%Y%m%dT%H%M%SZ}",
        "DTSTART;TZID=Europe/Oslo:20260601T140000", "DTEND;TZID=Europe/Oslo:20260601T150000", "SUMMARY:A meeting",
        "ORGANIZER;CN=Kari:mailto:invito@office.example",
        f"ATTENDEE;CN=Employee {invitee};PARTSTAT={_STATUSES[invitee % 3]};ROLE=REQ-PARTICIPANT:mailto:{address}",
        "END:VEVENT", "END:VCALENDAR", "",
    )  # fmt: skip
    mail = EmailMessage(policy=SMTP)
    mail["From"] = f"Employee {invitee} <{address}>"
    mail["To"] = "invito@office.example"
    mail["Subject"] = "Accepted: A meeting"
    mail["Message-ID"] = f"<answer.{follow_up}.{invitee}@office.example>"
    mail["Date"] = NOON
    mail.set_content("I shall be there.\r\n")
    mail.add_alternative("\r\n".join(lines), subtype="calendar", params={"method": "REPLY"})
    return mail.as_bytes()


def _mails(inbox: Inbox, kept: object) -> Iterator[Row]:
    first = follow_ups_before(inbox.earlier)
    for number in range(inbox.earlier):
        raw = b"From: employee1@office.example\r\nSubject: Accepted\r\n\r\n" + b"x" * 2_000
        about = number // 100 + 1
        yield _mail(number, raw, "APPLIED", about, NOON - timedelta(days=400) + timedelta(seconds=number), kept)
    for number in range(inbox.waiting):
        raw = answer_to(first + number // INVITEES + 1, number % INVITEES + 1)
        yield _mail(inbox.earlier + number, raw, None, None, NOON + timedelta(seconds=number), kept)


def _mail(number: int, raw: bytes, outcome: str | None, about: int | None, at: datetime, kept: object) -> Row:
    return (
        number + 1, f"{number:064x}", f"<{number}@office.example>", "LMTP", "employee@office.example", "[]", raw,
        kept(at), 0, outcome, outcome and "ANSWERED", "{}", about, "employee1@office.example", "Accepted",  # type: ignore[operator]  # one of two functions
    )  # fmt: skip
