"""An iCalendar object as what it says to an organizer (RFC 5546 §3.2, §3.4)."""

import re
from dataclasses import dataclass

from invito.services.itip.calendar_lines import Block, Line, read_calendar_lines
from invito.services.itip.calendar_people import calendar_address, read_attendee
from invito.services.itip.calendar_times import Times, UnreadableTime
from invito.services.itip.plain_text import one_line, several_lines
from invito.services.itip.reasons import Reason, Why, why
from invito.services.itip.understood import AnswerMethod, Moment, TimeSpan, UnderstoodAttendee, UnderstoodComponent

_ANSWERS = {method.value: method for method in AnswerMethod}
_PRIVATE_COMMENTS = ("X-CALENDARSERVER-PRIVATE-COMMENT", "X-COMMENT")
_MOST_SEQUENCE = 2**31 - 1
_NUMBER = re.compile(r"\d{1,10}")
# Outlook repeats time and place above a line of these, and what was written by hand below.
_OUTLOOK_RULE = re.compile(r"^.*?\*(?:~\*){4,}\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ReadCalendar:
    """`method` is in capitals, None where neither the object nor its Content-Type names any."""

    method: str | None
    components: tuple[UnderstoodComponent, ...] = ()
    is_readable: bool = True
    is_free_busy: bool = False


def read_calendar(octets: bytes, charset: str | None, content_type_method: str | None) -> ReadCalendar:
    """The components are those of an answer: what has any other method is not read further.

    METHOD wins over the method of the Content-Type: Google says REPLY there of a COUNTER.

    :raises BeyondBounds: it is too large, or made of too much.
    """
    calendar = read_calendar_lines(octets, charset)
    method = one_line(calendar.text("METHOD") or content_type_method or "", 40).upper() or None
    answer = _ANSWERS.get(method or "")
    if answer is None:
        return ReadCalendar(method)
    times = Times(calendar)
    blocks = [block for block in calendar.blocks if block.name in ("VEVENT", "VTODO")]
    return ReadCalendar(
        method,
        tuple(_component(block, answer, times) for block in blocks),
        is_free_busy=any(block.name == "VFREEBUSY" for block in calendar.blocks),
    )


def _component(block: Block, method: AnswerMethod, times: Times) -> UnderstoodComponent:
    uid = one_line(block.text("UID"), 1_000) or None
    organizer = block.first("ORGANIZER")
    stamp = block.first("DTSTAMP")
    problems = list[Why]()
    attendees = _attendees(block.all("ATTENDEE"), times, problems)
    if method is AnswerMethod.REPLY and not attendees and not problems:
        problems.append(why(Reason.NO_ATTENDEE))
    return UnderstoodComponent(
        method=method,
        uid=uid,
        organizer=None if organizer is None else calendar_address(organizer.value),
        recurrence_id=_recurrence_id(block, times, problems),
        sequence=_sequence(block),
        dtstamp=None if stamp is None else times.instant(stamp),
        time=_time(block, times, method, problems),
        attendees=attendees,
        comments=_texts(block, "COMMENT"),
        private_comments=_texts(block, *_PRIVATE_COMMENTS),
        description=several_lines(_OUTLOOK_RULE.sub("", block.text("DESCRIPTION")[:20_000])) or None,
        problem=problems[0] if problems else None,
    )


def _texts(block: Block, *names: str) -> tuple[str, ...]:
    lines = [line for name in names for line in block.all(name)]
    return tuple(text for line in lines if (text := several_lines(line.text, 4_000)))


def _attendees(lines: list[Line], times: Times, problems: list[Why]) -> tuple[UnderstoodAttendee, ...]:
    found = list[UnderstoodAttendee]()
    for line in lines:
        try:
            found.append(read_attendee(line, times))
        except UnreadableTime as problem:
            problems.append(problem.why)
    return tuple(found)


def _recurrence_id(block: Block, times: Times, problems: list[Why]) -> Moment | None:
    line = block.first("RECURRENCE-ID")
    if line is None or not line.value.strip():
        return None
    start = block.first("DTSTART")
    try:
        return times.moment(line, None if start is None else start.parameters().get("TZID"))
    except UnreadableTime as problem:
        problems.append(problem.why)
        return None


def _time(block: Block, times: Times, method: AnswerMethod, problems: list[Why]) -> TimeSpan | None:
    """When the component is: what a COUNTER is about, and nothing that a REPLY depends on."""
    if method is not AnswerMethod.COUNTER:
        return None
    try:
        found = times.span(block)
    except UnreadableTime as problem:
        problems.append(problem.why)
        return None
    if found is None:
        problems.append(why(Reason.NO_PROPOSED_TIME))
    return found


def _sequence(block: Block) -> int:
    """SEQUENCE, else the one that Outlook keeps beside it."""
    for name in ("SEQUENCE", "X-MICROSOFT-CDO-APPT-SEQUENCE"):
        if found := _NUMBER.match(block.text(name)):
            return min(int(found[0]), _MOST_SEQUENCE)
    return 0
