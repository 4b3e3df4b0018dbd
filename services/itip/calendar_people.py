"""The ATTENDEEs and the ORGANIZER of a component, as programs write them (RFC 5545 §3.3.3, §3.8.4)."""

import re
from urllib.parse import unquote

from invito.services.addresses import normalised_address
from invito.services.itip.calendar_lines import Line
from invito.services.itip.calendar_times import Times
from invito.services.itip.plain_text import several_lines
from invito.services.itip.understood import TimeSpan, UnderstoodAttendee

_SCHEME = re.compile(r"^(?:\s*[\"'<]?\s*(?:mailto|smtp)\s*:(?://)?)+", re.IGNORECASE)
# "mailto:Ole Olsen <ole@kunde.example>": the name belongs into CN, but stands there.
_IN_BRACKETS = re.compile(r"[^<>]+<\s*([^<>]+@[^<>]+?)\s*>$")
_LONGEST = 1_000


def calendar_address(written: str) -> str | None:
    """The e-mail address of a CAL-ADDRESS, normalised: with or without mailto:, percent-encoded or not."""
    text = _SCHEME.sub("", written[:_LONGEST]).partition("?")[0].strip()
    if named := _IN_BRACKETS.match(text):
        text = named[1]
    text = text.strip("<>\"'").strip()
    decoded = unquote(text).strip() if "%" in text else text
    return normalised_address(decoded) or normalised_address(text)


def read_attendee(line: Line, times: Times) -> UnderstoodAttendee:
    """
    :raises UnreadableTime: it proposes a time that is none, or in a zone that nobody knows.
    """
    parameters = line.parameters()
    return UnderstoodAttendee(
        address=calendar_address(line.value),
        email=calendar_address(parameters.get("EMAIL", "")),
        sent_by=calendar_address(parameters.get("SENT-BY", "")),
        partstat=_partstat(parameters),
        delegated_to=tuple(
            address
            for written in parameters.get("DELEGATED-TO", "")[:_LONGEST].split(",")
            if (address := calendar_address(written))
        ),
        proposed=_proposed(parameters, times),
        comment=several_lines(parameters.get("X-RESPONSE-COMMENT", "")) or None,
    )


def _partstat(parameters: dict[str, str]) -> str:
    """PARTSTAT, or what it was called in vCalendar 1.0, where a confirmed one is what is now accepted."""
    said = (parameters.get("PARTSTAT") or parameters.get("STATUS") or "").strip().upper()
    return "ACCEPTED" if said == "CONFIRMED" else said[:50] or "NEEDS-ACTION"


def _proposed(parameters: dict[str, str], times: Times) -> TimeSpan | None:
    """X-PROPOSED-NEW-TIME or TO-ALL-PROPOSED-NEW-TIME (iOS)."""
    for name, value in parameters.items():
        if name.endswith("PROPOSED-NEW-TIME") and value.strip():
            return times.proposed(value)
    return None
