"""Where in a mail the calendar is (RFC 6047): programs put it into the text, into an attachment, or into both."""

import base64
import binascii
import quopri
import re
from collections.abc import Iterator
from email.message import Message

from invito.services.itip.calendar_lines import MOST_CALENDAR_OCTETS
from invito.services.itip.calendar_reading import ReadCalendar, read_calendar
from invito.services.itip.mail_tree import (
    BeyondBounds,
    Part,
    file_name,
    leaves,
    octets_as_written,
    octets_of,
    parameter,
)
from invito.services.itip.reasons import Reason, why

_CALENDAR_TYPES = frozenset({"text/calendar", "text/x-vcalendar", "application/calendar"})
_BEGIN = re.compile(rb"B\0?E\0?G\0?I\0?N\0?:\0?\s*V\0?C\0?A\0?L\0?E\0?N\0?D\0?A\0?R", re.IGNORECASE)
# What a second quoted-printable encoding leaves: "=0D=0A" at the ends of lines, or "=" in place of each "=".
_QUOTED = re.compile(rb"=0D|PARTSTAT=3D|VCALENDAR\s*=\r?\n", re.IGNORECASE)
_BASE64 = re.compile(rb"[A-Za-z0-9+/=_\s-]+")


def read_calendars(mail: Part) -> list[ReadCalendar]:
    """The calendars in a mail; the same one may be in there twice. text/calendar wins over attachments.

    A single one that is not readable where none of those that there should be is.

    :raises BeyondBounds: one is too large, or made of too much.
    """
    inline, attached = list[Message](), list[Message]()
    for part in leaves(mail):
        if part.get_content_type() in _CALENDAR_TYPES:
            inline.append(part)
        elif part.get_content_type() == "application/ics" or file_name(part).lower().rstrip().endswith(
            (".ics", ".vcs")
        ):
            attached.append(part)
    found = list(_readable(inline)) or list(_readable(attached))
    if not found and (inline or attached):
        return [ReadCalendar(None, is_readable=False)]
    return found


def _readable(parts: list[Message]) -> Iterator[ReadCalendar]:
    for part in parts:
        octets = calendar_octets(part)
        if len(octets) > MOST_CALENDAR_OCTETS:
            raise BeyondBounds(why(Reason.CALENDAR_TOO_LARGE, limit=MOST_CALENDAR_OCTETS))
        if _BEGIN.search(octets):
            yield read_calendar(octets, parameter(part, "charset"), parameter(part, "method"))


def calendar_octets(part: Message) -> bytes:
    """What a part holds, with a second transfer encoding taken off, or one that its headers do not tell of."""
    octets = octets_of(part)
    if _BEGIN.search(octets):
        return quopri.decodestring(octets) if _QUOTED.search(octets) else octets
    decoded = _from_base64(octets)
    # Else by a header that says base64 of what is none.
    return decoded if _BEGIN.search(decoded) else octets_as_written(part)


def _from_base64(octets: bytes) -> bytes:
    if len(octets) < 8 or not _BASE64.fullmatch(octets):
        return b""
    letters = b"".join(octets.split()).rstrip(b"=")
    try:
        return base64.b64decode(letters + b"=" * (-len(letters) % 4))
    except binascii.Error:
        return b""
