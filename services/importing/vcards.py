"""vCard 3.0 and 4.0 files (RFC 2426, RFC 6350), card by card, so that a bad one spoils no other."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import vobject
from vobject.base import Component, ContentLine, VObjectError

from invito.services.importing.marked_blocks import blocks_of
from invito.services.importing.reports import BadRow, UnreadableFile
from invito.services.importing.text_files import on_one_line, text_of

_MOST_LINES_OF_A_CARD = 20_000
_VERSIONS = ("3.0", "4.0")
_PREFERRED_LAST = 101
# What is large and never read: pictures, sounds, keys. A line that begins with a blank goes on the line before it.
_LARGE = re.compile(r"(?im)^(?:[\w-]+\.)?(?:PHOTO|LOGO|SOUND|KEY)[;:].*(?:\r?\n[ \t].*)*\r?\n?")


@dataclass(frozen=True, slots=True)
class Card:
    """What a card says of somebody. `line` is that of its BEGIN; what it does not say is empty."""

    line: int
    uid: str
    kind: str
    name: str
    email: str
    title: str
    company: str
    categories: tuple[str, ...]
    language: str
    time_zone: str


def read_cards(path: Path, notes: list[str] | None = None) -> Iterator[Card | BadRow]:
    """
    :raises UnreadableFile: there is no card in it.
    """
    text = text_of(path, notes)
    if "BEGIN:VCARD" not in text.upper():
        raise UnreadableFile(f"{path} holds no vCard: no line is BEGIN:VCARD.")
    for block in blocks_of(text, ("VCARD",)):
        if not block.has_begin:
            yield BadRow(block.line, "ends a card (END:VCARD) that has no BEGIN:VCARD")
        elif not block.has_end:
            yield BadRow(block.line, "has no END:VCARD")
        elif len(block.lines) > _MOST_LINES_OF_A_CARD:
            yield BadRow(block.line, f"has more than {_MOST_LINES_OF_A_CARD} lines")
        else:
            yield _card(block.line, "\r\n".join(block.lines) + "\r\n")


def _card(line: int, text: str) -> Card | BadRow:
    try:
        component = vobject.readOne(_LARGE.sub("", text))
        version = _text(component, "version")
        if version not in _VERSIONS:
            return BadRow(line, f"is vCard {version or 'without a version'}; 3.0 and 4.0 are read")
        return Card(
            line,
            _text(component, "uid"),
            _text(component, "kind").lower() or _apple_kind(component),
            _name(component),
            _text(component, "email").removeprefix("mailto:"),
            _text(component, "title"),
            _text(component, "org"),
            _categories(component),
            _text(component, "lang"),
            _text(component, "tz"),
        )
    # vobject lets what its own parsers stumble over through as it comes.
    except (VObjectError, ValueError, LookupError, TypeError, AttributeError) as problem:
        return BadRow(line, f"cannot be read: {problem}")


def _text(component: Component, name: str) -> str:
    """The preferred one of the values, of a structured one its first part."""
    lines = sorted(component.contents.get(name, ()), key=_preference)
    if not lines:
        return ""
    value = lines[0].value
    if isinstance(value, list):
        value = value[0] if value else ""
    return on_one_line(str(value))


def _preference(line: ContentLine) -> int:
    """vCard 4.0 says PREF=1, 3.0 TYPE=PREF; without either it is the last in line."""
    first, *_ = line.params.get("PREF", [""])
    if first.isdigit():
        return int(first)
    return 1 if "PREF" in (kind.upper() for kind in line.params.get("TYPE", ())) else _PREFERRED_LAST


def _name(component: Component) -> str:
    formatted = _text(component, "fn")
    if formatted or "n" not in component.contents:
        return formatted
    name = component.contents["n"][0].value
    return " ".join(" ".join(map(_joined, (name.given, name.additional, name.family))).split())


def _joined(part: str | list[str]) -> str:
    return on_one_line(part if isinstance(part, str) else " ".join(part))


def _categories(component: Component) -> tuple[str, ...]:
    values = [value for line in component.contents.get("categories", ()) for value in line.value]
    return tuple(dict.fromkeys(filter(None, map(on_one_line, values))))


def _apple_kind(component: Component) -> str:
    return "org" if _text(component, "x-abshowas").upper() == "COMPANY" else ""
