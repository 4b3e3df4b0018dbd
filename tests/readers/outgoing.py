"""Objects of all kinds that go out, each with what it is to say to whoever reads it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from invito.services.follow_ups.values import FollowUp, Participant, ParticipantRole, ParticipantStatus
from invito.services.itip.invitation import (
    Issue,
    Organizer,
    cancel_object,
    declined_counter_object,
    request_object,
    withdrawal_object,
)
from tests.readers.sayings import Moment, Saying, person
from tests.services.conftest import Make

METHODS = ("REQUEST", "CANCEL", "withdrawal", "DECLINECOUNTER")
# Rules that programs get wrong: half an hour of summer, two hours, minus one in winter, Ramadan, none, the south,
# quarters of an hour, dates that were skipped, those that changed their mind, and some that lie at midnight.
ZONES = (
    "Europe/Oslo", "Europe/Dublin", "Antarctica/Troll", "Africa/Casablanca", "Africa/Cairo", "Asia/Tehran",
    "Asia/Kathmandu", "Asia/Gaza", "Australia/Lord_Howe", "Pacific/Auckland", "Pacific/Chatham", "Pacific/Apia",
    "Pacific/Kiritimati", "America/St_Johns", "America/Phoenix", "America/Nuuk", "America/Santiago",
    "America/Sao_Paulo", "Etc/UTC", "Etc/GMT+12",
)  # fmt: skip
NAMES = {
    "commas": "Nordmann, Kari, d.y.",
    "quotes": 'Kari "Kaffe" O\'Nordmann',
    "semicolons": "Nordmann; Kari: avd. 3; PARTSTAT=ACCEPTED",
    "emoji": "Kari 👩🏽‍💻 Nordmann 🇳🇴",
    "right to left": "كاري نوردمان (קארי)",
    "turned": "Kari \u202enosdron\u202c \u200fNordmann",
    "lines": "Kari\r\nATTENDEE:mailto:evil@elsewhere.example\nNordmann\u2028\x00",
    "carets": "Kari ^n Nord^^mann ^'x^'",
    "backslashes": "Kari \\n Nord\\\\mann\\;\\,",
    "very long": "Nordmann-Ødegård " * 60,
    "nothing but blanks": "  ",
}
SEASONS = (datetime(2027, 1, 15, 9, 30, tzinfo=UTC), datetime(2027, 7, 15, 22, 15, tzinfo=UTC))
_STAMPED = datetime(2026, 11, 30, 11, tzinfo=UTC)
_ORGANIZER = "invito+aaaa@nordlys.example"
_WRITTEN_AS = {"REQUEST": "CONFIRMED", "CANCEL": "CANCELLED"}
_MAKE = Make()


@dataclass(frozen=True)
class Outgoing:
    """An object as it goes out, and what it says."""

    text: str
    says: Saying


def outgoing(
    method: str = "REQUEST",
    *,
    follow_up: FollowUp | None = None,
    name: str = "Kari Nordmann",
    comment: str | None = None,
    invitees: Sequence[Participant] | None = None,
    resources: Sequence[Participant] = (),
    occurrence: datetime | None = None,
) -> Outgoing:
    """One object, in the words of ITIP.md's table; `withdrawal` and DECLINECOUNTER are about the first invitee."""
    follow_up = follow_up or _MAKE.follow_up()
    invitees = [_MAKE.owner(name=name), _MAKE.participant(2, name=name)] if invitees is None else invitees
    issue = Issue(3, _STAMPED, Organizer(_ORGANIZER, name), comment, occurrence)
    everybody = [*invitees, *resources]
    match method:
        case "REQUEST":
            text = request_object(follow_up, everybody, issue)
        case "CANCEL":
            text = cancel_object(follow_up, everybody, issue)
        case "withdrawal":
            text, everybody = withdrawal_object(follow_up, everybody[0], issue), everybody[:1]
        case _:
            text, everybody = declined_counter_object(follow_up, everybody[0], issue), everybody[:1]
    people = [one for one in everybody if one.role is not ParticipantRole.RESOURCE]
    says = Saying(
        method="CANCEL" if method == "withdrawal" else method,
        uid=follow_up.uid,
        sequence=3,
        status=_WRITTEN_AS.get(method),
        stamped_at=_STAMPED,
        start=_moment(follow_up, follow_up.start),
        end=_moment(follow_up, follow_up.end),
        occurrence=None if occurrence is None else _moment(follow_up, occurrence),
        summary=follow_up.title,
        location=follow_up.location,
        description=follow_up.description,
        comment=comment,
        organizer=person(f"mailto:{_ORGANIZER}", {"CN": shown(name)}),
        attendees=tuple(person(f"mailto:{one.email}", _parameters(one)) for one in people),
        resources=tuple(shown(one.name, in_parameter=False) for one in everybody if one not in people),
    )
    return Outgoing(text, says)


def in_zones() -> Iterator[tuple[str, Outgoing]]:
    """Each method in each zone, in both halves of the year, around each change of the clocks, and all day."""
    for zone in ZONES:
        for number, start in enumerate((*SEASONS, *_around_changes(zone))):
            there = _MAKE.follow_up(start=start, end=start + timedelta(minutes=90), time_zone=zone)
            yield f"{zone} {start:%Y-%m-%dT%H:%M}", outgoing(METHODS[number % len(METHODS)], follow_up=there)
        for method in METHODS:
            yield f"{zone} {method}, all day", outgoing(method, follow_up=_all_day(zone))
            moved = _MAKE.follow_up(start=SEASONS[0], end=SEASONS[0] + timedelta(hours=1), time_zone=zone)
            one = outgoing(method, follow_up=moved, occurrence=SEASONS[0] - timedelta(hours=3))
            yield f"{zone} {method}, one occurrence", one


def with_names() -> Iterator[tuple[str, Outgoing]]:
    """Each method with each name, which is title, place, text and comment too."""
    for label, name in NAMES.items():
        typed = name.replace("\r", "").replace("\x00", "")
        there = _MAKE.follow_up(title=typed, location=typed, description=f"{typed}\n{typed}")
        for method in METHODS:
            rooms = [_MAKE.resource(8, name=name)]
            one = outgoing(method, follow_up=there, name=name, comment=typed, resources=rooms)
            yield f"{label}, {method}", one


def with_crowds() -> Iterator[tuple[str, Outgoing]]:
    """Nobody, one and a thousand; with resources and without."""
    rooms = [_MAKE.resource(2_001, name="Storsalen; øst, 2. etg."), _MAKE.resource(2_002, name='Projektor "4K"')]
    roles = (ParticipantRole.REQUIRED, ParticipantRole.OPTIONAL)
    everyone = [
        replace(_MAKE.participant(2 + number, status=status, role=roles[number % 2]), name=f"Ansatt {number}, Salg")
        for number, status in enumerate(list(ParticipantStatus) * 200)
    ]
    for method in ("REQUEST", "CANCEL"):
        for count in (0, 1, 1_000):
            for there in ([], rooms):
                one = outgoing(method, invitees=everyone[:count], resources=there)
                yield f"{method}, {count:,} with {len(there)} resources", one


def shown(name: str, *, in_parameter: bool = True) -> str:
    """A name as it may be written: in one line, turned nowhere, without double quotes and backslashes in parameters."""
    line = "".join(" " if ord(one) < 32 or one == "\u2028" else one for one in name)
    line = "".join(one for one in line if one not in "\u200f\u202c\u202e").strip()
    return line.replace('"', "'").replace("\\", "/") if in_parameter else line


def _parameters(one: Participant) -> dict[str, str]:
    roles = {ParticipantRole.OWNER: "CHAIR", ParticipantRole.OPTIONAL: "OPT-PARTICIPANT"}
    is_unanswered = one.status in (ParticipantStatus.NOT_SEEN, ParticipantStatus.SEEN)
    return {
        "CN": shown(one.name),
        "CUTYPE": "INDIVIDUAL",
        "ROLE": roles.get(one.role, "REQ-PARTICIPANT"),
        "PARTSTAT": "NEEDS-ACTION" if is_unanswered else one.status.value,
        "RSVP": "FALSE" if one.role is ParticipantRole.OWNER else "TRUE",
    }


def _moment(follow_up: FollowUp, instant: datetime) -> Moment:
    return instant.astimezone(ZoneInfo(follow_up.time_zone)).date() if follow_up.is_all_day else instant


def _all_day(zone: str) -> FollowUp:
    first = datetime(2027, 3, 28, tzinfo=ZoneInfo(zone))
    until = datetime(2027, 3, 30, tzinfo=ZoneInfo(zone))
    return _MAKE.follow_up(start=first.astimezone(UTC), end=until.astimezone(UTC), time_zone=zone, is_all_day=True)


def _around_changes(zone: str) -> Iterator[datetime]:
    """The hours before and after each change of the clocks in 2027, which are told apart by UTC alone."""
    rules, hour = ZoneInfo(zone), datetime(2027, 1, 1, tzinfo=UTC)
    while hour.year == 2027:
        following = hour + timedelta(hours=1)
        if hour.astimezone(rules).utcoffset() != following.astimezone(rules).utcoffset():
            yield from (hour - timedelta(minutes=30), hour + timedelta(minutes=30), following + timedelta(minutes=30))
        hour = following
