"""A mail as somebody reads it: its headers, its text, and what the invitation in it says to a calendar program."""

from collections.abc import Iterator
from datetime import date, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

from icalendar import Calendar, Component

_HEADERS = ("Return-Path", "Delivered-To", "From", "Reply-To", "To", "Date", "Subject", "Message-ID", "In-Reply-To")
_PROPERTIES = ("UID", "SEQUENCE", "STATUS", "RECURRENCE-ID", "DTSTART", "DTEND", "RRULE", "SUMMARY", "LOCATION")


def lines_of(raw: bytes) -> Iterator[str]:
    """What a mail of ours says."""
    mail = BytesParser(EmailMessage, policy=policy.default).parsebytes(raw)
    for name in _HEADERS:
        if name in mail:
            yield f"{name + ':':15}{mail[name]}"
    text = mail.get_body(("plain",))
    if text is not None:
        yield ""
        yield from text.get_content().rstrip().splitlines()
    for part in mail.walk():
        if part.get_content_type() == "text/calendar":
            yield from _calendar_lines(Calendar.from_ical(part.get_content()))
            return


def _calendar_lines(calendar: Component) -> Iterator[str]:
    for event in calendar.walk("VEVENT"):
        yield ""
        yield f"{'METHOD:':15}{calendar.get('METHOD', '')}"
        for name in _PROPERTIES:
            if name in event:
                yield f"{name + ':':15}{_text(event[name])}"
        for name in ("ORGANIZER", "ATTENDEE"):
            people = event.get(name, [])
            for one in people if isinstance(people, list) else [people]:
                yield f"{name + ':':15}{_person(one)}"


def _text(value: object) -> str:
    moment = getattr(value, "dt", None)
    if isinstance(moment, datetime):
        zone = getattr(moment.tzinfo, "key", None) or moment.tzname() or "no zone"
        return f"{moment:%Y-%m-%d %H:%M} {zone}"
    if isinstance(moment, date):
        return moment.isoformat()
    encoded = getattr(value, "to_ical", None)
    return encoded().decode() if isinstance(value, dict) and encoded is not None else str(value)


def _person(one: object) -> str:
    """Such as `Siri Kunde <siri@kunde.example>, REQ-PARTICIPANT, NEEDS-ACTION`."""
    parameters = getattr(one, "params", {})
    address = str(one)
    address = address[7:] if address.lower().startswith("mailto:") else address
    said = [str(parameters[name]) for name in ("ROLE", "PARTSTAT") if name in parameters]
    who = f"{parameters['CN']} <{address}>" if "CN" in parameters else address
    return ", ".join([who, *said])
