"""Who does not work every day is busy on the others: a further calendar for participants of any source."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field

from invito.plugins import PluginContext, Span, hookimpl

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_WEEK: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class WeekdaysSettings(BaseModel):
    days: Mapping[str, frozenset[Weekday]] = Field({}, description="The days that each reference works, as JSON.")
    time_zone: ZoneInfo = Field(ZoneInfo("UTC"), description="Where a day begins and ends: an IANA name.")


settings_model = WeekdaysSettings
_settings = WeekdaysSettings()


@hookimpl
def invito_startup(context: PluginContext[WeekdaysSettings]) -> None:
    global _settings  # noqa: PLW0603  # there is one module, and one of its settings
    _settings = context.settings


@hookimpl
def invito_busy_spans(references: Sequence[str], span: Span) -> dict[str, list[Span]]:
    days = _settings.days
    return {one: list(days_off(days[one], _settings.time_zone, span)) for one in references if one in days}


def days_off(working: frozenset[Weekday], zone: ZoneInfo, span: Span) -> Iterator[Span]:
    """The days of `span` that are none of these weekdays, each from midnight to midnight in this zone."""
    day, last = span.start.astimezone(zone).date(), span.end.astimezone(zone).date()
    while day <= last:
        off = Span(_midnight(day, zone), _midnight(day + timedelta(days=1), zone))
        if _WEEK[day.weekday()] not in working and off.overlaps(span):
            yield off
        day += timedelta(days=1)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
