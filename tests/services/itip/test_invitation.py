"""The iCalendar object that invitees get, read again by a program that is not ours (ITIP.md, Out; RFC 5545, 5546)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
import vobject
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from icalendar import Calendar, Event

from invito.services.follow_ups.values import (
    FollowUp,
    FollowUpType,
    Participant,
    ParticipantRole,
    ParticipantStatus,
    Priority,
    ShowAs,
    Visibility,
)
from invito.services.itip.invitation import (
    Issue,
    Organizer,
    cancel_object,
    declined_counter_object,
    invitation_object,
    request_object,
    withdrawal_object,
)

if TYPE_CHECKING:
    from tests.services.conftest import Make

SERVICE = "invito@nordlys.example"
START = datetime(2026, 12, 1, 8, tzinfo=UTC)

# Characters that mean something in iCalendar, letters that fold inside of an octet, and anything else typed.
typed = st.text(
    st.sampled_from('\\;:,"\n\r=^ ATENDMIL:æøå😀é') | st.characters(exclude_categories=["Cs", "Cc"]), max_size=120
)
values_are_fixed = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def read(text: str) -> tuple[Calendar, Any]:
    """The object and its only VEVENT, as icalendar reads them: its properties are of any type."""
    calendar = Calendar.from_ical(text)
    (event,) = calendar.walk("VEVENT")
    return calendar, event


def attendees(event: Event) -> dict[str, dict[str, str]]:
    """The parameters of each ATTENDEE by address."""
    found = event.get("attendee", [])
    return {str(one): dict(one.params) for one in (found if isinstance(found, list) else [found])}


def test_an_invitation_is_a_request_with_all_that_mail_programs_show(make: Make) -> None:
    follow_up = make.follow_up(
        uid="8a3b", sequence=3, title="Budsjett", description="Ta med tall", location="Storsalen",
        start=START, end=START + timedelta(hours=1),
    )  # fmt: skip

    calendar, event = read(invitation_object(follow_up, [make.owner()], SERVICE))

    assert (calendar["VERSION"], calendar["METHOD"], calendar["PRODID"]) == ("2.0", "REQUEST", "-//Invito//Invito//EN")
    assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == ("8a3b", 3, "CONFIRMED")
    assert (event["SUMMARY"], event["DESCRIPTION"], event["LOCATION"]) == ("Budsjett", "Ta med tall", "Storsalen")
    assert event["DTSTAMP"].dt == follow_up.stamped_at
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (follow_up.start, follow_up.end)


def test_a_cancelled_follow_up_is_a_cancel(make: Make) -> None:
    calendar, event = read(invitation_object(make.follow_up(is_cancelled=True), [make.owner()], SERVICE))

    assert (calendar["METHOD"], event["STATUS"]) == ("CANCEL", "CANCELLED")


@pytest.mark.parametrize("kind", FollowUpType)
def test_tasks_and_phone_calls_are_events_too(make: Make, kind: FollowUpType) -> None:
    calendar, _ = read(invitation_object(make.follow_up(type=kind), [make.owner()], SERVICE))

    assert not calendar.walk("VTODO")


@pytest.mark.parametrize(
    ("field", "value", "name", "written"),
    [
        ("show_as", ShowAs.BUSY, "TRANSP", "OPAQUE"),
        ("show_as", ShowAs.FREE, "TRANSP", "TRANSPARENT"),
        ("visibility", Visibility.ALL, "CLASS", "PUBLIC"),
        ("visibility", Visibility.OWNER_GROUP, "CLASS", "PRIVATE"),
        ("visibility", Visibility.OWNER, "CLASS", "PRIVATE"),
        ("priority", Priority.HIGH, "PRIORITY", 1),
        ("priority", Priority.MEDIUM, "PRIORITY", 5),
        ("priority", Priority.LOW, "PRIORITY", 9),
    ],
)
def test_a_field_is_written_in_the_words_of_the_standard(
    make: Make, field: str, value: object, name: str, written: object
) -> None:
    _, event = read(invitation_object(make.follow_up(**{field: value}), [make.owner()], SERVICE))

    assert event[name] == written


@pytest.mark.parametrize(
    ("status", "partstat"),
    [
        (ParticipantStatus.NOT_SEEN, "NEEDS-ACTION"),
        (ParticipantStatus.SEEN, "NEEDS-ACTION"),
        (ParticipantStatus.ACCEPTED, "ACCEPTED"),
        (ParticipantStatus.TENTATIVE, "TENTATIVE"),
        (ParticipantStatus.DECLINED, "DECLINED"),
    ],
)
def test_a_status_is_written_as_partstat(make: Make, status: ParticipantStatus, partstat: str) -> None:
    _, event = read(invitation_object(make.follow_up(), [make.participant(status=status)], SERVICE))

    assert [one["PARTSTAT"] for one in attendees(event).values()] == [partstat]


def test_everyone_with_an_address_is_an_attendee_whose_answer_is_asked_for_but_for_the_owners(make: Make) -> None:
    optional = make.participant(3, role=ParticipantRole.OPTIONAL)
    everyone = [make.owner(), make.participant(2), optional, make.participant(4, email=None)]
    everyone.append(make.participant(5, email="no address"))

    _, event = read(invitation_object(make.follow_up(), everyone, SERVICE))

    assert {address: (one["ROLE"], one["RSVP"], one["CUTYPE"]) for address, one in attendees(event).items()} == {
        "mailto:ansatt1@nordlys.example": ("CHAIR", "FALSE", "INDIVIDUAL"),
        "mailto:ansatt2@nordlys.example": ("REQ-PARTICIPANT", "TRUE", "INDIVIDUAL"),
        "mailto:ansatt3@nordlys.example": ("OPT-PARTICIPANT", "TRUE", "INDIVIDUAL"),
    }


def test_a_resource_is_named_and_gets_no_mail_even_where_it_has_an_address(make: Make) -> None:
    rooms = [make.resource(8, name="Sal, stor", email="sal@nordlys.example"), make.resource(9, name="Projektor")]

    text = invitation_object(make.follow_up(), [make.owner(), *rooms], SERVICE)

    _, event = read(text)
    assert "sal@nordlys.example" not in text
    assert list(attendees(event)) == ["mailto:ansatt1@nordlys.example"]
    # RFC 5545 §3.8.1.10 takes several properties as well as one with commas.
    assert "RESOURCES:Sal\\, stor\r\nRESOURCES:Projektor" in unfolded(text)


def test_answers_go_to_the_services_address_with_the_owners_name(make: Make) -> None:
    _, event = read(invitation_object(make.follow_up(), [make.owner()], SERVICE))

    assert (str(event["ORGANIZER"]), event["ORGANIZER"].params["CN"]) == (f"mailto:{SERVICE}", "Kari Nordmann")


def test_answers_go_to_the_owner_where_the_service_has_no_address(make: Make) -> None:
    _, event = read(invitation_object(make.follow_up(), [make.owner()], None))

    assert str(event["ORGANIZER"]) == "mailto:kari@nordlys.example"


def test_nobody_is_asked_to_answer_where_nobody_has_an_address(make: Make) -> None:
    follow_up = make.follow_up()
    follow_up = replace(follow_up, owner=replace(follow_up.owner, email=None))

    _, event = read(invitation_object(follow_up, [make.owner(email=None)], None))

    assert "ORGANIZER" not in event
    assert "ATTENDEE" not in event


@pytest.mark.parametrize("zone", ["Europe/Oslo", "America/New_York", "Asia/Kathmandu", "Africa/Casablanca"])
def test_the_time_is_given_in_its_zone_with_the_rules_of_that_zone(make: Make, zone: str) -> None:
    follow_up = make.follow_up(start=START, end=START + timedelta(hours=1), time_zone=zone)

    calendar, event = read(invitation_object(follow_up, [make.owner()], SERVICE))

    assert event["DTSTART"].params["TZID"] == zone
    assert [part["TZID"] for part in calendar.walk("VTIMEZONE")] == [zone]
    (rules,) = calendar.timezones
    assert event["DTSTART"].dt.replace(tzinfo=rules.to_tz()).astimezone(UTC) == START


def test_all_day_is_dates_and_the_end_is_the_day_after(make: Make) -> None:
    oslo = ZoneInfo("Europe/Oslo")
    midnight = datetime(2026, 3, 29, tzinfo=oslo)
    follow_up = make.follow_up(
        is_all_day=True, start=midnight.astimezone(UTC), end=datetime(2026, 3, 30, tzinfo=oslo).astimezone(UTC)
    )

    calendar, event = read(invitation_object(follow_up, [make.owner()], SERVICE))

    assert (event["DTSTART"].dt, event["DTEND"].dt) == (date(2026, 3, 29), date(2026, 3, 30))
    assert not calendar.walk("VTIMEZONE")


@values_are_fixed
@given(typed, typed, typed, typed)
def test_no_text_adds_a_property_a_component_or_an_attendee(
    make: Make, title: str, description: str, location: str, name: str
) -> None:
    # A name that a directory gave is as little to be trusted as what is typed.
    participants = [make.owner(name=name), make.participant(2, name=name), make.resource(name=name)]
    plain = invitation_object(filled(make.follow_up(), "x", "y", "z", "n"), renamed(participants, "n"), SERVICE)

    text = invitation_object(
        filled(make.follow_up(), title or "x", description or "y", location or "z", name), participants, SERVICE
    )

    assert names(text) == names(plain)
    assert list(attendees(read(text)[1])) == list(attendees(read(plain)[1]))


@values_are_fixed
@given(typed.filter(lambda text: "\r" not in text), typed.filter(lambda text: "\r" not in text))
def test_text_arrives_as_it_was_typed(make: Make, title: str, description: str) -> None:
    _, event = read(invitation_object(filled(make.follow_up(), title, description, None, "n"), [], SERVICE))

    assert str(event["SUMMARY"]) == title
    assert str(event.get("DESCRIPTION", "")) == description


@values_are_fixed
@given(typed, typed)
def test_lines_end_with_crlf_and_are_folded_at_75_octets_never_inside_a_character(
    make: Make, title: str, description: str
) -> None:
    follow_up = filled(make.follow_up(), title or "x", description, None, "n")

    lines = invitation_object(follow_up, [make.owner(name=title)], SERVICE).encode().split(b"\r\n")

    assert lines[-1] == b""
    assert all(len(line) <= 75 and b"\n" not in line and b"\r" not in line for line in lines)
    assert all(line.decode() for line in lines[:-1])


def issue(**fields: Any) -> Issue:
    there = Issue(4, START - timedelta(days=1), Organizer("invito+tag@nordlys.example", "Kari Nordmann"))
    return replace(there, **fields)


def test_an_object_is_of_the_revision_that_goes_out_and_not_of_the_follow_up(make: Make) -> None:
    follow_up = make.follow_up(sequence=9)

    _, event = read(request_object(follow_up, [make.owner()], issue(comment="Vel møtt")))

    assert (event["SEQUENCE"], event["DTSTAMP"].dt) == (4, START - timedelta(days=1))
    assert (str(event["ORGANIZER"]), event["COMMENT"]) == ("mailto:invito+tag@nordlys.example", "Vel møtt")


def test_whoever_is_taken_out_is_the_only_attendee_of_a_cancel_without_status(make: Make) -> None:
    calendar, event = read(withdrawal_object(make.follow_up(), make.participant(2), issue()))

    assert calendar["METHOD"] == "CANCEL"
    assert list(attendees(event)) == ["mailto:ansatt2@nordlys.example"]
    assert "STATUS" not in event


def test_a_cancel_for_all_names_all_and_says_cancelled(make: Make) -> None:
    calendar, event = read(cancel_object(make.follow_up(), [make.owner(), make.participant(2)], issue()))

    assert (calendar["METHOD"], event["STATUS"]) == ("CANCEL", "CANCELLED")
    assert len(attendees(event)) == 2


def test_a_refused_proposal_is_answered_to_who_made_it(make: Make) -> None:
    calendar, event = read(declined_counter_object(make.follow_up(), make.participant(2), issue()))

    assert (calendar["METHOD"], event["SEQUENCE"]) == ("DECLINECOUNTER", 4)
    assert list(attendees(event)) == ["mailto:ansatt2@nordlys.example"]


@pytest.mark.parametrize("write", [request_object, cancel_object])
def test_one_occurrence_is_named_by_when_it_was_to_begin(make: Make, write: Any) -> None:
    timed = make.follow_up(start=START + timedelta(hours=2), end=START + timedelta(hours=3))
    days = make.follow_up(is_all_day=True, start=START.replace(hour=23), end=START.replace(day=2, hour=23))

    _, event = read(write(timed, [make.owner()], issue(occurrence=START)))
    _, day = read(write(days, [make.owner()], issue(occurrence=START.replace(hour=23))))

    assert (event["RECURRENCE-ID"].dt, event["RECURRENCE-ID"].params["TZID"]) == (START, "Europe/Oslo")
    assert event["DTSTART"].dt == START + timedelta(hours=2)
    assert day["RECURRENCE-ID"].dt == date(2026, 12, 2)


def test_an_object_is_written_once_for_all_whatever_deliveries_change_meanwhile(make: Make) -> None:
    before, after = make.follow_up(revision=1), make.follow_up(revision=2, updated_at=START)

    sent = replace(make.owner(), held_sequence=3)

    assert request_object(before, [make.owner()], issue()) is request_object(after, [sent], issue())


@pytest.mark.parametrize("write", [request_object, cancel_object])
def test_vobject_reads_what_is_written(make: Make, write: Any) -> None:
    follow_up = make.follow_up(title="Møte; \\ «nå», alle", description="En\nto", location="Kaien 1")

    calendar = vobject.readOne(write(follow_up, [make.owner(), make.participant(2)], issue(occurrence=START)))

    event = calendar.vevent
    assert (event.summary.value, event.description.value) == ("Møte; \\ «nå», alle", "En\nto")
    assert (event.dtstart.value, event.recurrence_id.value) == (follow_up.start, START)
    assert [one.value for one in event.attendee_list] == [
        "mailto:ansatt1@nordlys.example", "mailto:ansatt2@nordlys.example",
    ]  # fmt: skip


def filled(there: FollowUp, title: str, description: str, location: str | None, owner: str) -> FollowUp:
    owner_there = replace(there.owner, name=owner)
    return replace(there, title=title, description=description, location=location, owner=owner_there)


def renamed(participants: list[Participant], name: str) -> list[Participant]:
    return [replace(one, name=name) for one in participants]


def unfolded(text: str) -> str:
    return text.replace("\r\n ", "")


def names(text: str) -> list[str]:
    """The name of each line, BEGIN and END with what begins and ends."""
    lines = unfolded(text).split("\r\n")
    return [line if line.startswith(("BEGIN", "END")) else line.partition(":")[0].partition(";")[0] for line in lines]
