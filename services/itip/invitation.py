"""The iCalendar object that invitees get: a REQUEST, or a CANCEL for what is cancelled (ITIP.md, Out)."""

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
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

# How far around a follow-up its VTIMEZONE tells when clocks change.
_ZONE_RULES = timedelta(days=400)
# What no content line may hold (RFC 5545 §3.1): names come from address books, where anything may stand.
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def invitation_object(follow_up: FollowUp, participants: Sequence[Participant], mail_from: str | None) -> str:
    """The text/calendar object, with CRLF and folded lines. Answers go to the service's address, else to the owner's.

    Who has no e-mail address is no ATTENDEE; a resource's name goes into RESOURCES. A task or phone call is a VEVENT
    too, since mail programs do not take VTODO invitations.
    """
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", PRODID)
    calendar.add("method", "CANCEL" if follow_up.is_cancelled else "REQUEST")
    event = _event(follow_up)
    organizer = mail_from or normalised_address(follow_up.owner.email)
    if organizer is not None:
        event.add("organizer", _address(organizer, {"CN": follow_up.owner.name}))
    for one in participants:
        address = normalised_address(one.email)
        if one.kind is not ParticipantKind.RESOURCE and address is not None:
            event.add("attendee", _attendee(one, address))
    resources = [one.name for one in participants if one.kind is ParticipantKind.RESOURCE]
    if resources:
        event.add("resources", [vText(_without_controls(name)) for name in resources])
    calendar.add_component(event)
    if not follow_up.is_all_day:
        day = follow_up.start.date()
        calendar.add_missing_timezones(first_date=day - _ZONE_RULES, last_date=day + _ZONE_RULES)
    text: bytes = calendar.to_ical()
    return text.decode()


def _event(follow_up: FollowUp) -> Event:
    event = Event()
    event.add("uid", follow_up.uid)
    event.add("sequence", follow_up.sequence)
    event.add("dtstamp", follow_up.stamped_at)
    event.add("created", follow_up.created_at)
    event.add("dtstart", _time(follow_up, follow_up.start))
    event.add("dtend", _time(follow_up, follow_up.end))
    event.add("summary", follow_up.title)
    if follow_up.location:
        event.add("location", follow_up.location)
    if follow_up.description:
        event.add("description", follow_up.description)
    event.add("status", "CANCELLED" if follow_up.is_cancelled else "CONFIRMED")
    event.add("transp", "OPAQUE" if follow_up.show_as is ShowAs.BUSY else "TRANSPARENT")
    event.add("class", _CLASS[follow_up.visibility])
    event.add("priority", _PRIORITY[follow_up.priority])
    return event


def _time(follow_up: FollowUp, instant: datetime) -> date | datetime:
    local = instant.astimezone(ZoneInfo(follow_up.time_zone))
    return local.date() if follow_up.is_all_day else local


def _attendee(participant: Participant, address: str) -> vCalAddress:
    return _address(
        address,
        {
            "CN": participant.name,
            "CUTYPE": "INDIVIDUAL",
            "ROLE": _ROLE[participant.role],
            "PARTSTAT": _PARTSTAT[participant.status],
            "RSVP": "FALSE" if participant.role is ParticipantRole.OWNER else "TRUE",
        },
    )


def _address(address: str, parameters: dict[str, str]) -> vCalAddress:
    value = vCalAddress(f"mailto:{address}")
    for name, text in parameters.items():
        # A parameter has no way to hold a double quote (RFC 5545 §3.2).
        value.params[name] = vText(_without_controls(text).replace('"', "'"))
    return value


def _without_controls(name: str) -> str:
    return _CONTROLS.sub(" ", name)
