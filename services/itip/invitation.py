"""The iCalendar objects that go out: REQUEST, CANCEL and DECLINECOUNTER (ITIP.md, Out; RFC 5546 §3.2)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress, vText

from invito.plugins.contract import ParticipantKind
from invito.services.addresses import normalised_address
from invito.services.follow_ups.values import (
    FollowUp,
    Participant,
    ParticipantRole,
    ParticipantStatus,
    Priority,
    ShowAs,
    Visibility,
)
from invito.services.itip.lines import unbroken
from invito.services.itip.written_zones import is_told_twice, zone_definition

PRODID = "-//Invito//Invito//EN"

_ROLE = {
    ParticipantRole.OWNER: "CHAIR",
    ParticipantRole.REQUIRED: "REQ-PARTICIPANT",
    ParticipantRole.OPTIONAL: "OPT-PARTICIPANT",
    ParticipantRole.RESOURCE: "NON-PARTICIPANT",
}
_PARTSTAT = {
    ParticipantStatus.NOT_SEEN: "NEEDS-ACTION",
    ParticipantStatus.SEEN: "NEEDS-ACTION",
    ParticipantStatus.ACCEPTED: "ACCEPTED",
    ParticipantStatus.TENTATIVE: "TENTATIVE",
    ParticipantStatus.DECLINED: "DECLINED",
}
# RFC 5545 §3.8.1.9: 1 is the highest, 5 the normal, 9 the lowest.
_PRIORITY = {Priority.HIGH: 1, Priority.MEDIUM: 5, Priority.LOW: 9}
_CLASS = {Visibility.ALL: "PUBLIC", Visibility.OWNER_GROUP: "PRIVATE", Visibility.OWNER: "PRIVATE"}

# A parameter has no way to hold a double quote (RFC 5545 §3.2), and some programs take a backslash for the begin of an
# escape, which it is in texts alone: to them "NORDLYS\\nils" is two lines.
_NOT_IN_PARAMETERS = str.maketrans({'"': "'", "\\": "/"})

# Whoever is invited together gets the same object: with a thousand of them, writing it takes far longer than sending.
_KEPT = 32


@dataclass(frozen=True, slots=True)
class Organizer:
    """Programs answer to this address, whichever the mail came from."""

    address: str
    name: str


@dataclass(frozen=True, slots=True)
class Issue:
    """Which revision of an object goes out, and in whose name. `stamped_at` is DTSTAMP, a UTC instant.

    `occurrence` is the UTC instant at which the one occurrence was to begin that the object is about (RECURRENCE-ID);
    the follow-up's times are that occurrence's then.
    """

    sequence: int
    stamped_at: datetime
    organizer: Organizer | None
    comment: str | None = None
    occurrence: datetime | None = None


def invitation_object(follow_up: FollowUp, participants: Sequence[Participant], mail_from: str | None) -> str:
    """The object as it stands now. Answers go to the service's address, else to the owner's."""
    address = mail_from or normalised_address(follow_up.owner.email)
    organizer = None if address is None else Organizer(address, follow_up.owner.name)
    issue = Issue(follow_up.sequence, follow_up.stamped_at, organizer)
    return (cancel_object if follow_up.is_cancelled else request_object)(follow_up, participants, issue)


def request_object(follow_up: FollowUp, participants: Sequence[Participant], issue: Issue) -> str:
    """A REQUEST, with CRLF and folded lines.

    Who has no e-mail address is no ATTENDEE; a resource's name goes into RESOURCES. A task or phone call is a VEVENT
    too, since mail programs do not take VTODO invitations.
    """
    return _text("REQUEST", "CONFIRMED", follow_up, participants, issue)


def cancel_object(follow_up: FollowUp, participants: Sequence[Participant], issue: Issue) -> str:
    """A CANCEL of the whole follow-up, or of one occurrence of it for everybody."""
    return _text("CANCEL", "CANCELLED", follow_up, participants, issue)


def withdrawal_object(follow_up: FollowUp, participant: Participant, issue: Issue) -> str:
    """A CANCEL for one who was removed: that ATTENDEE alone, and no STATUS, since it goes on (RFC 5546 §3.2.5)."""
    return _text("CANCEL", None, follow_up, [participant], issue)


def declined_counter_object(follow_up: FollowUp, participant: Participant, issue: Issue) -> str:
    """A DECLINECOUNTER to the one whose proposal is refused."""
    return _text("DECLINECOUNTER", None, follow_up, [participant], issue)


@dataclass(frozen=True, slots=True)
class _Attendee:
    address: str
    name: str
    role: ParticipantRole
    status: ParticipantStatus


@dataclass(frozen=True, slots=True)
class _Object:
    """All that an object says: two that are equal read the same."""

    method: str
    status: str | None
    follow_up: FollowUp
    attendees: tuple[_Attendee, ...]
    resources: tuple[str, ...]
    issue: Issue


def _text(
    method: str, status: str | None, follow_up: FollowUp, participants: Sequence[Participant], issue: Issue
) -> str:
    people = [one for one in participants if one.kind is not ParticipantKind.RESOURCE]
    attendees = [
        _Attendee(address, one.name, one.role, one.status)
        for one in people
        if (address := normalised_address(one.email)) is not None
    ]
    resources = [unbroken(one.name).strip() for one in participants if one.kind is ParticipantKind.RESOURCE]
    # What rises with every answer and delivery is not said.
    said = replace(follow_up, version=0, revision=0, updated_at=follow_up.created_at)
    return _written(_Object(method, status, said, tuple(attendees), tuple(resources), issue))


@lru_cache(_KEPT)
def _written(there: _Object) -> str:
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", PRODID)
    calendar.add("method", there.method)
    event = _event(there.follow_up, there.status, there.issue)
    if there.issue.organizer is not None:
        event.add("organizer", _address(there.issue.organizer.address, {"CN": there.issue.organizer.name}))
    for one in there.attendees:
        event.add("attendee", _attendee(one))
    if there.resources:
        event.add("resources", [vText(name) for name in there.resources])
    calendar.add_component(event)
    year = there.follow_up.start.year
    for name in calendar.get_missing_tzids():
        calendar.subcomponents.insert(0, zone_definition(name, year - 1, year + 1))
    text: bytes = calendar.to_ical()
    return text.decode()


def _event(follow_up: FollowUp, status: str | None, issue: Issue) -> Event:
    event = Event()
    event.add("uid", follow_up.uid)
    times = _times(follow_up, issue.occurrence)
    if issue.occurrence is not None:
        event.add("recurrence-id", times[issue.occurrence])
    event.add("sequence", issue.sequence)
    event.add("dtstamp", issue.stamped_at)
    event.add("created", follow_up.created_at)
    event.add("dtstart", times[follow_up.start])
    event.add("dtend", times[follow_up.end])
    event.add("summary", follow_up.title)
    if follow_up.location:
        event.add("location", follow_up.location)
    if follow_up.description:
        event.add("description", follow_up.description)
    if issue.comment:
        event.add("comment", issue.comment)
    if status is not None:
        event.add("status", status)
    event.add("transp", "OPAQUE" if follow_up.show_as is ShowAs.BUSY else "TRANSPARENT")
    event.add("class", _CLASS[follow_up.visibility])
    event.add("priority", _PRIORITY[follow_up.priority])
    return event


def _times(follow_up: FollowUp, occurrence: datetime | None) -> dict[datetime, date | datetime]:
    """How each instant is written: as a day, or in the follow-up's zone; all in UTC where clocks show one twice."""
    zone = ZoneInfo(follow_up.time_zone)
    instants = {follow_up.start, follow_up.end, occurrence or follow_up.start}
    local = {instant: instant.astimezone(zone) for instant in instants}
    if follow_up.is_all_day:
        return {instant: there.date() for instant, there in local.items()}
    return dict(zip(instants, instants, strict=True)) if any(map(is_told_twice, local.values())) else dict(local)


def _attendee(attendee: _Attendee) -> vCalAddress:
    return _address(
        attendee.address,
        {
            "CN": attendee.name,
            "CUTYPE": "INDIVIDUAL",
            "ROLE": _ROLE[attendee.role],
            "PARTSTAT": _PARTSTAT[attendee.status],
            "RSVP": "FALSE" if attendee.role is ParticipantRole.OWNER else "TRUE",
        },
    )


def _address(address: str, parameters: dict[str, str]) -> vCalAddress:
    value = vCalAddress(f"mailto:{address}")
    for name, text in parameters.items():
        # Blanks at the ends get lost on the way through calendars, and with them a name that is nothing else.
        if said := unbroken(text).translate(_NOT_IN_PARAMETERS).strip():
            value.params[name] = vText(said)
    return value
