"""A vCard 3.0 or 4.0 (RFC 2426, RFC 6350) as an entry. What cannot be shown of it is left out."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

import vobject
from vobject.base import Component, ContentLine, VObjectError

from invito.plugins import MOST_IN_NAME, Entry, ParticipantKind, clean_address, clean_text

DIRECTORY = "carddav"
_VERSIONS = ("3.0", "4.0")
_MOST_CHARACTERS = 100_000
_MOST_IN_UID = 400
_NOT_PREFERRED = 101
# What is large and never read. A line that begins with a blank goes on the line before it.
_LARGE = re.compile(r"(?im)^(?:[\w-]+\.)?(?:PHOTO|LOGO|SOUND|KEY)[;:].*(?:\r?\n[ \t].*)*\r?\n?")
_KINDS = {
    "": ParticipantKind.PERSON,
    "individual": ParticipantKind.PERSON,
    "org": ParticipantKind.COMPANY,
    "location": ParticipantKind.RESOURCE,
}
WhyNot = Literal["is too large", "cannot be read", "is of another version", "has no name"]


@dataclass(frozen=True, slots=True)
class Card:
    """Who is on a card, and all addresses that they have, in lower case. Nobody is on the card of a group."""

    entry: Entry | None
    addresses: tuple[str, ...] = ()


def read_card(text: str, path: str) -> Card | WhyNot:
    """The card, or in a word why it is not used. `path` is where it lies, by which it is known if it has no UID."""
    text = _LARGE.sub("", text)
    if len(text) > _MOST_CHARACTERS:
        return "is too large"
    try:
        component = next(vobject.readComponents(text), None)
        if component is None:
            return "cannot be read"
        if _first(component, "version") not in _VERSIONS:
            return "is of another version"
        return _card(component, path)
    # vobject lets what its own parsers stumble over through as it comes.
    except (VObjectError, ValueError, LookupError, TypeError, AttributeError):
        return "cannot be read"


def _card(component: Component, path: str) -> Card | WhyNot:
    kind = (_first(component, "kind") or _first(component, "x-addressbookserver-kind")).lower()
    if kind == "group":
        return Card(None)
    if _first(component, "x-abshowas").upper() == "COMPANY":
        kind = "org"
    organization = clean_text(_first(component, "org"), MOST_IN_NAME)
    written = (clean_address(one.removeprefix("mailto:")) for one in _values(component, "email"))
    addresses = tuple(address for address in written if address is not None)
    name = clean_text(_first(component, "fn") or organization or next(iter(addresses), ""), MOST_IN_NAME)
    if not name:
        return "has no name"
    entry = Entry(
        reference=f"{DIRECTORY}:{_id_of(_first(component, 'uid') or path)}",
        kind=_KINDS.get(kind, ParticipantKind.OTHER),
        name=name,
        email=next(iter(addresses), None),
        organization=organization or None,
        title=clean_text(_first(component, "title"), MOST_IN_NAME) or None,
        is_location=kind == "location",
        place=name if kind == "location" else None,
    )
    return Card(entry, tuple(dict.fromkeys(address.lower() for address in addresses)))


def _id_of(uid: str) -> str:
    """As it is, or a hash of what a reference cannot hold."""
    return uid if uid == clean_text(uid, _MOST_IN_UID) else sha256(uid.encode()).hexdigest()


def _first(component: Component, name: str) -> str:
    return next(_values(component, name), "")


def _values(component: Component, name: str) -> Iterator[str]:
    """The values of a property that are not empty, the preferred one first; of structured ones the first part."""
    for line in sorted(component.contents.get(name, ()), key=_preference):
        value = line.value
        if isinstance(value, list):
            value = value[0] if value else ""
        text = clean_text(str(value), _MOST_CHARACTERS)
        if text:
            yield text


def _preference(line: ContentLine) -> int:
    """4.0 says PREF=1, 3.0 TYPE=PREF; those without are in the order of the card."""
    first = str(next(iter(line.params.get("PREF", ())), ""))
    if first.isascii() and first.isdigit():
        return int(first)
    return 1 if "PREF" in (str(kind).upper() for kind in line.params.get("TYPE", ())) else _NOT_PREFERRED
