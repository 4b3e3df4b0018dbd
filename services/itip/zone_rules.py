"""The rules of a VTIMEZONE (RFC 5545 §3.6.5) at one moment: the yearly ones that programs write, and single dates."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from invito.services.itip.calendar_lines import Block

_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_UNDERSTOOD = frozenset({"FREQ", "INTERVAL", "BYMONTH", "BYDAY", "BYMONTHDAY", "UNTIL", "WKST"})
_BYDAY = re.compile(r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)")
_OFFSET = re.compile(r"([+-]?)(\d\d):?(\d\d):?(\d\d)?")
_LOCAL_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)?Z?)?")
_MOST_DATES = 500


@dataclass(frozen=True, slots=True)
class _Yearly:
    """A day of a month: the weekday's nth (the last if negative), or whichever of these days is that weekday."""

    month: int
    weekday: int | None
    nth: int | None
    days: tuple[int, ...]
    until: datetime | None

    def in_year(self, year: int, onset: datetime) -> datetime | None:
        first = onset.replace(year=year, month=self.month, day=1)
        month = [first + timedelta(days=day) for day in range(31) if (first + timedelta(days=day)).month == self.month]
        fitting = [
            one
            for one in month
            if (self.weekday is None or one.weekday() == self.weekday)
            and (not self.days or one.day in self.days or one.day - len(month) - 1 in self.days)
        ]
        if not fitting or abs(self.nth or 1) > len(fitting):
            return None
        found = fitting[(self.nth or 1) - 1 if (self.nth or 1) > 0 else self.nth or 0]
        return found if self.until is None or found <= self.until + timedelta(days=1) else None


@dataclass(frozen=True, slots=True)
class _Observance:
    """STANDARD or DAYLIGHT: from when on which offset holds."""

    offset: timedelta
    offset_before: timedelta
    onset: datetime
    dates: tuple[datetime, ...]
    yearly: _Yearly | None

    def last_before(self, local: datetime) -> datetime | None:
        found = [one for one in (self.onset, *self.dates) if one <= local]
        if self.yearly and self.onset <= local:
            years = (year for year in (local.year - 1, local.year) if year >= self.onset.year and year > 1)
            found += [
                one for year in years if (one := self.yearly.in_year(year, self.onset)) and self.onset <= one <= local
            ]
        return max(found, default=None)


@dataclass(frozen=True, slots=True)
class ZoneRules:
    observances: tuple[_Observance, ...]

    @staticmethod
    def read(definition: Block) -> "ZoneRules | None":
        """None where it has rules that no program is known to write, or none at all."""
        try:
            observances = tuple(_observances(definition))
        except (ValueError, OverflowError):
            return None
        return ZoneRules(observances) if observances else None

    def offset_at(self, local: datetime) -> timedelta:
        """What is to be taken off this local time to get UTC."""
        begun = [(last, one.offset) for one in self.observances if (last := one.last_before(local))]
        if begun:
            return max(begun)[1]
        return min(self.observances, key=lambda one: one.onset).offset_before


def _observances(definition: Block) -> Iterator[_Observance]:
    for block in definition.blocks:
        if block.name in ("STANDARD", "DAYLIGHT"):
            onset = _local_time(block.text("DTSTART"))
            written = [one for line in block.all("RDATE") for one in line.value.split(",")]
            if len(written) > _MOST_DATES:
                raise ValueError("more dates than clocks were ever changed")
            rule = block.first("RRULE")
            yield _Observance(
                _offset(block.text("TZOFFSETTO")),
                _offset(block.text("TZOFFSETFROM") or block.text("TZOFFSETTO")),
                onset,
                tuple(_local_time(one) for one in written),
                None if rule is None else _yearly(rule.value, onset),
            )


def _yearly(rule: str, onset: datetime) -> _Yearly:
    """
    :raises ValueError: it is not the rule of one day a year.
    """
    parts = dict(part.strip().upper().split("=", 1) for part in rule.split(";") if "=" in part)
    if parts.get("FREQ") != "YEARLY" or parts.get("INTERVAL", "1") != "1" or not parts.keys() <= _UNDERSTOOD:
        raise ValueError("not one day a year")
    by_day = _BYDAY.fullmatch(parts["BYDAY"]) if "BYDAY" in parts else None
    if "BYDAY" in parts and by_day is None:
        raise ValueError("several weekdays")
    days = tuple(int(day) for day in parts.get("BYMONTHDAY", "").split(",") if day)
    month = int(parts.get("BYMONTH", onset.month))
    if not 1 <= month <= 12:
        raise ValueError("no month")
    return _Yearly(
        month,
        None if by_day is None else _WEEKDAYS.index(by_day[2]),
        int(by_day[1]) if by_day and by_day[1] else None,
        days or (() if by_day else (onset.day,)),
        _local_time(parts["UNTIL"]) if "UNTIL" in parts else None,
    )


def _local_time(text: str) -> datetime:
    found = _LOCAL_TIME.fullmatch(text.strip().upper())
    if not found:
        raise ValueError("no local time")
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
    return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001  # a local time


def _offset(text: str) -> timedelta:
    found = _OFFSET.fullmatch(text.strip())
    if not found:
        raise ValueError("no offset")
    offset = timedelta(hours=int(found[2]), minutes=int(found[3]), seconds=int(found[4] or 0))
    return -offset if found[1] == "-" else offset
