"""What becomes of a follow-up's fields: read from what was typed, all errors together."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from invito.services.errors import Path, Refusal, UserError, UserErrorCode, user_error
from invito.services.follow_ups import texts, times
from invito.services.follow_ups.commands import LEFT_OUT, CreateFollowUp, FieldChanges, LeftOut
from invito.services.follow_ups.values import FollowUp, Owner, Priority, ShowAs, Visibility
from invito.services.ids import FollowUpId

T = TypeVar("T")


@dataclass(slots=True)
class ErrorList:
    """Collects what is wrong with each field, so that a form can show all of it at once."""

    errors: list[UserError] = field(default_factory=list)

    def attempt(self, read: Callable[..., T], *arguments: Any, fallback: T, **options: Any) -> T:
        """What `read` answers; its refusal is kept, and the fallback stands in."""
        try:
            return read(*arguments, **options)
        except Refusal as refusal:
            self.errors.extend(refusal.errors)
            return fallback


def new_follow_up(command: CreateFollowUp, owner: Owner, zone_name: str, uid: str, now: datetime) -> FollowUp:
    """The follow-up that is asked for; its id comes when it is stored.

    :raises Refusal: INVALID_INPUT, INVALID_TIME, INVALID_TIME_ZONE, with the path of each field.
    """
    wrong = ErrorList()
    title = wrong.attempt(texts.read_title, command.title, ("title",), fallback="")
    description = wrong.attempt(_read_description, command.description, fallback=None)
    location = wrong.attempt(_read_location, command.location, fallback=None)
    named = zone_name if command.time_zone is None else command.time_zone
    zone = wrong.attempt(times.read_zone, named, ("timeZone",), fallback=None)
    span = wrong.attempt(_first_span, command, zone, fallback=None) if zone is not None else None
    if wrong.errors or span is None or zone is None:
        raise Refusal(*wrong.errors)
    return FollowUp(
        id=FollowUpId(0), uid=uid, sequence=0, moved_sequence=0, rearranged_sequence=0, version=1, revision=1,
        type=command.type, title=title,
        description=description, start=span[0], end=span[1], time_zone=zone.key, is_all_day=command.is_all_day,
        location=location, priority=command.priority, show_as=command.show_as, visibility=command.visibility,
        owner=owner, is_completed=False, is_cancelled=False, stamped_at=now, created_at=now, updated_at=now,
    )  # fmt: skip


def changed_follow_up(there: FollowUp, changes: FieldChanges) -> FollowUp:
    """The follow-up with these fields changed.

    :raises Refusal: INVALID_INPUT, INVALID_TIME, INVALID_TIME_ZONE, with the path of each field.
    """
    wrong = ErrorList()
    title, description, location = there.title, there.description, there.location
    if changes.title is not LEFT_OUT:
        title = wrong.attempt(texts.read_title, changes.title, ("title",), fallback=title)
    if changes.description is not LEFT_OUT:
        description = wrong.attempt(_read_description, changes.description, fallback=None)
    if changes.location is not LEFT_OUT:
        location = wrong.attempt(_read_location, changes.location, fallback=None)
    moved = wrong.attempt(_moved, there, changes, fallback=there)
    if wrong.errors:
        raise Refusal(*wrong.errors)
    return replace(
        moved,
        title=title,
        description=description,
        location=location,
        # A form sends what nobody changed in it, too.
        location_from=there.location_from if location == there.location else None,
        priority=_chosen(changes.priority, there.priority, Priority.MEDIUM),
        show_as=_chosen(changes.show_as, there.show_as, ShowAs.BUSY),
        visibility=_chosen(changes.visibility, there.visibility, Visibility.ALL),
        is_completed=_chosen(changes.is_completed, there.is_completed, False),
    )


def has_moved(before: FollowUp, after: FollowUp) -> bool:
    """Whether the time changed, so that everyone is asked again (F4)."""
    return (before.start, before.end, before.time_zone, before.is_all_day) != (
        after.start,
        after.end,
        after.time_zone,
        after.is_all_day,
    )


def has_new_place(before: FollowUp, after: FollowUp) -> bool:
    return before.location != after.location


def has_new_text(before: FollowUp, after: FollowUp) -> bool:
    return (before.title, before.description) != (after.title, after.description)


def _first_span(command: CreateFollowUp, zone: ZoneInfo) -> tuple[datetime, datetime]:
    read = times.read_moment if command.is_all_day else times.read_instant
    start = read(command.start, zone, ("start",))
    end, path = _first_end(command, start, zone)
    if command.is_all_day:
        times.check_days(start, command.end, end, zone, path)
        if end < start:
            times.checked_span(start, end, path)
        start, end = times.whole_days(start, end, zone)
    times.checked_span(start, end, path)
    return start, end


def _first_end(command: CreateFollowUp, start: datetime, zone: ZoneInfo) -> tuple[datetime, Path]:
    if command.end is not None and command.duration is not None:
        message = "Give the end or the duration, not both."
        raise Refusal(user_error(UserErrorCode.INVALID_TIME, ("duration",), message))
    if command.end is not None:
        read = times.read_moment if command.is_all_day else times.read_instant
        return read(command.end, zone, ("end",)), ("end",)
    if command.duration is not None:
        length = times.read_duration(command.duration, ("duration",))
        if command.is_all_day:
            return times.clock_time_after(start, sum(length, timedelta()), zone), ("duration",)
        return length.after(start, zone), ("duration",)
    if command.is_all_day:
        return times.next_midnight(start, zone), ("end",)
    return start + times.DEFAULT_DURATION, ("end",)


def _moved(there: FollowUp, changes: FieldChanges) -> FollowUp:
    """Its time as changed: a new start alone keeps the length, a new zone alone keeps the instants.

    What lasts whole days keeps their number and their dates instead, since days are not equally long.
    """
    if changes.time_zone is None:
        raise _cannot_be_cleared("timeZone")
    name = there.time_zone if changes.time_zone is LEFT_OUT else changes.time_zone
    zone = times.read_zone(name, ("timeZone",))
    is_all_day = _chosen(changes.is_all_day, there.is_all_day, False)
    first, last = (instant.astimezone(ZoneInfo(there.time_zone)).date() for instant in (there.start, there.end))
    by_date = there.is_all_day and is_all_day
    read = times.read_moment if is_all_day else times.read_instant
    begin = times.start_of_day(first, zone) if by_date else there.start
    start = _read_change(changes.start, begin, partial(read, zone=zone), "start")
    if by_date:
        end = times.start_of_day(start.astimezone(zone).date() + (last - first), zone)
    else:
        end = start + (there.end - there.start)
    if changes.end is not LEFT_OUT:
        end = _read_change(changes.end, end, partial(read, zone=zone), "end")
    path = ("end",) if changes.end is not LEFT_OUT else ("start",)
    if is_all_day and isinstance(changes.end, str):
        times.check_days(start, changes.end, end, zone, path)
    if is_all_day and end >= start:
        start, end = times.whole_days(start, end, zone)
    times.checked_span(start, end, path)
    return replace(there, start=start, end=end, time_zone=zone.key, is_all_day=is_all_day)


def _read_change(typed: str | None | LeftOut, there: datetime, read: Callable[..., datetime], name: str) -> datetime:
    if typed is LEFT_OUT:
        return there
    if typed is None:
        raise _cannot_be_cleared(name)
    return read(typed, path=(name,))


def _cannot_be_cleared(name: str) -> Refusal:
    message = "A follow-up cannot be without it: give a value, or leave the field out to keep what is there."
    return Refusal(user_error(UserErrorCode.INVALID_TIME, (name,), message))


def _chosen(changed: T | None | LeftOut, there: T, cleared: T) -> T:
    if changed is LEFT_OUT:
        return there
    return cleared if changed is None else changed


def _read_description(typed: str | None) -> str | None:
    return texts.read_optional_text(typed, texts.MOST_IN_DESCRIPTION, ("description",), one_line=False)


def _read_location(typed: str | None) -> str | None:
    return texts.read_optional_text(typed, texts.MOST_IN_LOCATION, ("location",))
