"""The VTIMEZONE of an object (RFC 5545 §3.6.5): when clocks change in a zone, around what the object is about.

By a yearly rule where there is one, as mail programs write it and some need it, else by the single dates. icalendar
writes one too, but looks for changes in strides of months, and so passes over those around Ramadan.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard
from icalendar.prop import vRecur

_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DAY = timedelta(days=1)
# So long a rule has to hold to be one.
_YEARS = 12


@dataclass(frozen=True, slots=True)
class _Change:
    """Clocks that are set: `local` is what they show just before, `name` what the time is called from then on."""

    local: datetime
    before: timedelta
    after: timedelta
    name: str


@lru_cache(64)
def zone_definition(name: str, first_year: int, last_year: int) -> Timezone:
    """The rules of an IANA zone that hold in these years; for one object or many, so nobody may change it."""
    zone = ZoneInfo(name)
    definition = Timezone()
    definition.add("tzid", name)
    rules = _yearly_rules(_changes(zone, first_year, first_year + _YEARS))
    if rules is not None:
        observances = [_observance(change, rule) for change, rule in rules]
    else:
        dates = _changes(zone, first_year, last_year + 1)
        observances = [_observance(change) for change in (_beginning(zone, first_year), *dates)]
    for observance in observances:
        definition.add_component(observance)
    return definition


def is_told_twice(local: datetime) -> bool:
    """Whether clocks of its zone show this time twice, so that a local time says too little (RFC 5545 §3.3.5)."""
    return local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset()


def _changes(zone: ZoneInfo, first_year: int, year_after: int) -> list[_Change]:
    """All of these years, in their order."""
    day, end = datetime(first_year, 1, 1, tzinfo=UTC), datetime(year_after, 1, 1, tzinfo=UTC)
    found = []
    while day < end:
        if day.astimezone(zone).utcoffset() != (day + _DAY).astimezone(zone).utcoffset():
            found.append(_change(zone, day, day + _DAY))
        day += _DAY
    return found


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> _Change:
    """The one between these two instants, to the second."""
    offset_before = _offset(zone, before)
    while after - before > timedelta(seconds=1):
        middle = (before + (after - before) / 2).replace(microsecond=0)
        before, after = (middle, after) if _offset(zone, middle) == offset_before else (before, middle)
    local = (after + offset_before).replace(tzinfo=None)
    return _Change(local, offset_before, _offset(zone, after), _name(zone, after))


def _beginning(zone: ZoneInfo, year: int) -> _Change:
    """The time that holds when a year begins, as if it were set then."""
    at = datetime(year, 1, 1, tzinfo=UTC)
    offset = _offset(zone, at)
    return _Change(at.replace(tzinfo=None), offset, offset, _name(zone, at))


def _yearly_rules(changes: Sequence[_Change]) -> list[tuple[_Change, vRecur]] | None:
    """The first change to summer time and the first back, each with the rule that all the others follow; else None."""
    if len(changes) != 2 * _YEARS:
        return None
    rules = []
    for each in (changes[::2], changes[1::2]):
        kinds = {(one.before, one.after, one.name, one.local.time()) for one in each}
        years = {one.local.year for one in each}
        nth = _nth_weekday([one.local.date() for one in each])
        if len(kinds) != 1 or len(years) != _YEARS or nth is None:
            return None
        rule = vRecur({"FREQ": "YEARLY", "BYMONTH": each[0].local.month, "BYDAY": nth})
        rules.append((each[0], rule))
    return rules


def _nth_weekday(days: Sequence[date]) -> str | None:
    """Such as -1SU where all are the last Sunday of one month; None where they have nothing of the kind in common."""
    if len({(day.month, day.weekday()) for day in days}) != 1:
        return None
    weekday = _WEEKDAYS[days[0].weekday()]
    if all((day + 7 * _DAY).month != day.month for day in days):
        return f"-1{weekday}"
    numbers = {(day.day - 1) // 7 + 1 for day in days}
    return f"{numbers.pop()}{weekday}" if len(numbers) == 1 else None


def _observance(change: _Change, rule: vRecur | None = None) -> TimezoneStandard | TimezoneDaylight:
    # By the clock, and not by law: Dublin's winter is its summer time set back, which few programs understand.
    observance = TimezoneDaylight() if change.after > change.before else TimezoneStandard()
    observance.add("dtstart", change.local)
    observance.add("tzname", change.name)
    observance.add("tzoffsetfrom", change.before)
    observance.add("tzoffsetto", change.after)
    if rule is not None:
        observance.add("rrule", rule)
    return observance


def _offset(zone: ZoneInfo, instant: datetime) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta()


def _name(zone: ZoneInfo, instant: datetime) -> str:
    return instant.astimezone(zone).tzname() or zone.key
