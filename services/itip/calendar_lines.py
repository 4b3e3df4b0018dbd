"""The content lines and components of an iCalendar object (RFC 5545 §3.1), whatever became of it on its way.

`icalendar` gives up an object whose END is missing, one with a line outside of a component that is none, and one with
bare CRs; it loses an ATTENDEE with a quotation mark in a name, and a letter folded in its middle. Programs send all of
these. So lines are read here, and nothing is refused but what is more than the bounds.
"""

import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from invito.services.itip.mail_tree import BeyondBounds
from invito.services.itip.plain_text import decoded_text
from invito.services.itip.reasons import Reason, why

MOST_CALENDAR_OCTETS = 256 * 1024
MOST_COMPONENTS = 50
MOST_LINES = 2_000

# Neither begins within a run of line breaks: tried at each of them, a long run would cost its square.
_LINE_BREAK = re.compile(rb"(?<!\r)\r+\n|\r")
# An empty line within a fold was put there by a gateway.
_FOLD = re.compile(rb"(?<!\n)\n+[ \t]")
_NAME = re.compile(r"\s*([A-Za-z0-9_.-]+)\s*[;:]")
# These begin no property, but what was left of one when its fold was lost.
_NO_NAMES = frozenset({"MAILTO", "HTTP", "HTTPS"})
_ADDRESSES = frozenset({"ATTENDEE", "ORGANIZER"})
_TEXTS = frozenset({"COMMENT", "DESCRIPTION", "SUMMARY", "LOCATION", "X-COMMENT", "X-CALENDARSERVER-PRIVATE-COMMENT"})
# In a row where two programs each put one before the address.
_MAILTO = re.compile(r"(?::\s*mailto)+\s*:", re.IGNORECASE | re.ASCII)
_TIMES = frozenset({"DTSTART", "DTEND", "DUE", "RECURRENCE-ID", "DTSTAMP"})
# These are a single word: what follows on a line of its own is none of theirs.
_WORDS = frozenset({"BEGIN", "END", "METHOD", "VERSION", "CALSCALE", "STATUS", "SEQUENCE", "TRANSP"})
_DATE = re.compile(r":\s*(?=\d{4}-?\d\d-?\d\d)")
_LONGEST_TIME = 1_000
_CARETS = {"^n": "\n", "^'": '"', "^^": "^"}
_CARET = re.compile(r"\^[n'^]")
_QUOTED_PRINTABLE = re.compile(r"\bQUOTED-PRINTABLE\b", re.IGNORECASE)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


@dataclass(slots=True)
class Line:
    """A property as it is written: neither its parameters nor its value are taken apart."""

    name: str
    written_parameters: str
    value: str

    @property
    def text(self) -> str:
        """The value as TEXT (§3.3.11), or in the encoding that vCalendar 1.0 had for it."""
        if _QUOTED_PRINTABLE.search(self.written_parameters):
            octets = quopri.decodestring(self.value.encode())
            return decoded_text(octets, self.parameters().get("CHARSET"))
        return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], self.value)

    def parameters(self) -> dict[str, str]:
        """By name in capitals, without quotation marks; the first where a program wrote several of one name."""
        found = dict[str, str]()
        for one in _split_outside_quotes(self.written_parameters, ";"):
            name, is_given, value = one.partition("=")
            if is_given:
                plain = _CARET.sub(lambda caret: _CARETS[caret[0]], value.strip().replace('"', ""))
                found.setdefault(name.strip().upper(), plain)
        return found


@dataclass(slots=True)
class Block:
    """A component: its own properties in order, and the components in it."""

    name: str
    lines: list[Line] = field(default_factory=list)
    blocks: list["Block"] = field(default_factory=list)

    def all(self, name: str) -> list[Line]:
        return [line for line in self.lines if line.name == name]

    def first(self, name: str) -> Line | None:
        """Where a program wrote a property twice, its first stands."""
        return next((line for line in self.lines if line.name == name), None)

    def text(self, name: str) -> str:
        line = self.first(name)
        return "" if line is None else line.text.strip()


def read_calendar_lines(octets: bytes, charset: str | None) -> Block:
    """The components of an object, and its own properties; nested ones that lack their END end with what is around.

    :raises BeyondBounds: it is too large, or made of too much.
    """
    if len(octets) > MOST_CALENDAR_OCTETS:
        raise BeyondBounds(why(Reason.CALENDAR_TOO_LARGE, limit=MOST_CALENDAR_OCTETS))
    calendar = Block("VCALENDAR")
    open_blocks = [calendar]
    lines_of_component = 0
    for line in _lines(_unfolded(octets, charset)):
        name = line.value.strip().upper()
        if line.name == "BEGIN":
            if name == "VCALENDAR":
                open_blocks = [calendar]
                continue
            if _is_whole(name):
                open_blocks, lines_of_component = [calendar], 0
                if len(calendar.blocks) == MOST_COMPONENTS:
                    raise BeyondBounds(why(Reason.TOO_MANY_COMPONENTS, limit=MOST_COMPONENTS))
            block = Block(name)
            # What lies in an alarm or deeper is of no use, and the depth is the sender's choice.
            if len(open_blocks) <= 3:
                open_blocks[-1].blocks.append(block)
            open_blocks.append(block)
        elif line.name == "END":
            _close(open_blocks, name)
        else:
            lines_of_component += 1
            if lines_of_component > MOST_LINES:
                raise BeyondBounds(why(Reason.TOO_MANY_LINES, limit=MOST_LINES))
            open_blocks[-1].lines.append(line)
    return calendar


def _is_whole(name: str) -> bool:
    """Whether it is a component of the calendar itself, so that what is still open before it lacks its END."""
    return name in {"VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VTIMEZONE"}


def _close(open_blocks: list[Block], name: str) -> None:
    for depth in range(len(open_blocks) - 1, 0, -1):
        if open_blocks[depth].name == name:
            del open_blocks[depth:]
            return
    if name == "VCALENDAR":
        del open_blocks[1:]


def _unfolded(octets: bytes, charset: str | None) -> str:
    """The text with one line a property. Unfolded as octets, since lines are folded inside of characters too."""
    if b"\0" in octets[:200]:
        text = decoded_text(octets, charset if charset and "16" in charset else _utf16_of(octets))
        octets, charset = text.encode("utf-8", "replace"), "utf-8"
    return decoded_text(_FOLD.sub(b"", _LINE_BREAK.sub(b"\n", octets)), charset)


def _utf16_of(octets: bytes) -> str:
    return "utf-16-be" if octets[:1] == b"\0" else "utf-16-le"


def _lines(text: str) -> Iterator[Line]:
    """What begins with no name is what was left of the line before when a fold or a line break in a text was lost."""
    name, pieces = "", list[str]()
    for written in text.split("\n"):
        begin = _NAME.match(written)
        if begin and begin[1].upper() not in _NO_NAMES:
            if name:
                yield _line(name, pieces)
            name, pieces = begin[1].upper(), [written[begin.end(1) :].lstrip()]
        elif written.strip():
            pieces.append(written)
    if name:
        yield _line(name, pieces)


def _line(name: str, pieces: list[str]) -> Line:
    rest = pieces[0] if name in _WORDS else ("\n" if name in _TEXTS else "").join(pieces)
    colon = _colon_of_address(rest) if name in _ADDRESSES else _colon_of_time(rest) if name in _TIMES else -1
    if colon < 0:
        colon = _colon_outside_quotes(rest)
    if colon < 0:
        # A quotation mark without its second one.
        colon = rest.find(":")
    if colon < 0:
        return Line(name, rest, "")
    return Line(name, rest[:colon], rest[colon + 1 :])


def _colon_of_address(rest: str) -> int:
    """The colon before the last mailto:, since a parameter may hold another one without quotation marks."""
    found = [run.start() for run in _MAILTO.finditer(rest)]
    return found[-1] if found and rest.count('"', 0, found[-1]) % 2 == rest.count('"') % 2 else -1


def _colon_of_time(rest: str) -> int:
    """The colon before a date: "(UTC+01:00) Brussels" and "tzone://Microsoft/Utc" come without quotation marks too."""
    found = [colon.start() for colon in _DATE.finditer(rest[:_LONGEST_TIME])]
    return found[-1] if found else -1


def _colon_outside_quotes(rest: str) -> int:
    start = 0
    for number, piece in enumerate(rest.split('"')):
        if number % 2 == 0 and ":" in piece:
            return start + piece.index(":")
        start += len(piece) + 1
    return -1


def _split_outside_quotes(text: str, separator: str) -> list[str]:
    """The pieces between separators; where a quotation mark lacks its second one, quotation marks mean nothing."""
    if text.count('"') % 2:
        return text.split(separator)
    pieces = [""]
    for number, stretch in enumerate(text.split('"')):
        if number % 2:
            pieces[-1] += f'"{stretch}"'
        else:
            first, *others = stretch.split(separator)
            pieces[-1] += first
            pieces.extend(others)
    return pieces
