"""The time zones that calendar programs name (TZID), and when a local time of theirs is.

A zone that is known by name is taken from the IANA data, any other from the VTIMEZONE that the object brings. Its rules
are looked up for one year, never expanded: whoever sent it chose them.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from invito.services.itip.calendar_lines import Block
from invito.services.itip.zone_rules import ZoneRules

_MICROSOFT = "tzone://microsoft/"
_WITH_CITIES = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")
_UTC_NAMES = frozenset({"utc", "gmt", "z", "zulu", "coordinated universal time", "greenwich mean time", "(utc)"})
_OFFSET = re.compile(r"\(?(?:UTC|GMT)?\s*([+-])(\d{1,2}):?(\d\d)?\)?", re.IGNORECASE)
# "(UTC+01:00) Brussels, Copenhagen, Madrid, Paris", and the same with GMT before 2009.
_OUTLOOK_LABEL = re.compile(r"\((?:UTC|GMT)\s*(?:([+-])(\d{1,2})[:.]?(\d\d))?\)\s*(.+)", re.IGNORECASE)
_BETWEEN_PLACES = re.compile(r"[,/]")
_NO_LETTERS = re.compile(r"[^a-z]")
# Exchange numbers zones of one name, Outlook spells out what the registry says otherwise.
_NUMBERED = re.compile(r"\s+\d+$")
_NORTH_AMERICAN = re.compile(r"(.+?) Time \(US (?:&|and) Canada\)$", re.IGNORECASE)


class Zones:
    """The zones that are known, and those that an object defines."""

    def __init__(self, definitions: Sequence[Block]) -> None:
        self._definitions = {_plain(one.text("TZID")): one for one in definitions}

    @property
    def only_one(self) -> str | None:
        """The zone that an object with a single one means where it names none."""
        return next(iter(self._definitions)) if len(self._definitions) == 1 else None

    def instant(self, local: datetime, tzid: str) -> datetime | None:
        """When this local time is, in UTC; None in a zone that nobody knows.

        Of a time that comes twice it is the first; one that the clocks skip is as if they had not been put forward yet.

        :raises OverflowError: it is earlier or later than any time there is.
        """
        name = _plain(tzid)
        zone = named_zone(name)
        if zone is None and (definition := self._definitions.get(name)):
            rules = ZoneRules.read(definition)
            if rules is not None:
                return (local - rules.offset_at(local)).replace(tzinfo=UTC)
            zone = named_zone(_plain(definition.text("X-LIC-LOCATION")))
        zone = zone or _fixed(name)
        return None if zone is None else local.replace(tzinfo=zone).astimezone(UTC)


@lru_cache(maxsize=1_000)
def named_zone(name: str) -> tzinfo | None:
    """The zone of an IANA name, with a path before it too, of a name of Windows', or of a label of Outlook's."""
    folded = name.casefold()
    if folded.startswith(_MICROSOFT):
        return named_zone(name[len(_MICROSOFT) :])
    if folded in _UTC_NAMES:
        return UTC
    iana = _iana_names()
    # "/freeassociation.sourceforge.net/Tzfile/Europe/Oslo", "/mozilla.org/20070129_1/Europe/Oslo"
    segments = folded.strip("/").split("/")
    for first in range(max(0, len(segments) - 3), len(segments)) if "/" in name else (0,):
        if found := iana.get("/".join(segments[first:])):
            return ZoneInfo(found)
    unnumbered = _NUMBERED.sub("", folded)
    if found := _windows_names().get(unnumbered):
        return ZoneInfo(found)
    return _labelled(name) or _misspelt(folded)


def _labelled(name: str) -> tzinfo | None:
    """The zone of one of the places that a label names, if it has the offset that the label says."""
    label = _OUTLOOK_LABEL.fullmatch(name)
    places = label[4] if label else name
    if american := _NORTH_AMERICAN.search(places):
        found = _windows_names().get(f"{american[1]} standard time".casefold())
        return ZoneInfo(found) if found else None
    if label and places.casefold() in _UTC_NAMES:
        return UTC
    if label and (found := _windows_names().get(f"{places} standard time".casefold())):
        return ZoneInfo(found)
    for place in _BETWEEN_PLACES.split(places) if label or "," in places else ():
        city = _cities().get(place.strip().casefold())
        if city and (label is None or _has_offset(ZoneInfo(city), _offset_of(label[1], label[2], label[3]))):
            return ZoneInfo(city)
    return None


def _misspelt(folded: str) -> tzinfo | None:
    """An IANA name with something else between its words: "Europe_Oslo", "US-Eastern", "America/New York"."""
    found = _names_by_letters().get(_NO_LETTERS.sub("", folded))
    return ZoneInfo(found) if found and not any(map(str.isdigit, folded)) else None


def _fixed(name: str) -> tzinfo | None:
    found = _OFFSET.fullmatch(name.strip())
    if not found:
        return None
    offset = _offset_of(found[1], found[2], found[3])
    return timezone(offset) if abs(offset) < timedelta(hours=24) else None


def _offset_of(sign: str | None, hours: str | None, minutes: str | None) -> timedelta:
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    return -offset if sign == "-" else offset


def _has_offset(zone: ZoneInfo, offset: timedelta) -> bool:
    """Whether this is its offset in some part of the year: labels name the one in winter, with exceptions."""
    return any(datetime(2025, month, 1, tzinfo=zone).utcoffset() == offset for month in (1, 7))


def _plain(tzid: str) -> str:
    return tzid.replace("\\", "").strip().strip("\"'").strip()


@cache
def _iana_names() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones()}


@cache
def _names_by_letters() -> dict[str, str]:
    """Of an area and a place alone: what numbers tell apart has the same letters."""
    areas = (name for name in available_timezones() if "/" in name and not any(map(str.isdigit, name)))
    return {_NO_LETTERS.sub("", name.casefold()): name for name in sorted(areas)}


@cache
def _windows_names() -> dict[str, str]:
    return {name.casefold(): zone for name, zone in WINDOWS_TO_OLSON.items()}


@cache
def _cities() -> dict[str, str]:
    places = (name for name in sorted(available_timezones()) if name.startswith(_WITH_CITIES))
    return {name.rpartition("/")[2].replace("_", " ").casefold(): name for name in places}
