"""The mail that an invitee gets, read again by Python's strict parser, icalendar and vobject (F17, F18)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any

import pytest
import vobject
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from invito.plugins.contract import Language
from invito.services.ids import FollowUpId, ReferenceId
from invito.services.mail.composing import NoAddress, compose
from invito.services.mail.letters import Letter
from invito.services.mail.senders import Sender
from invito.services.mail.values import ClaimedMail, ClaimId, MailId, MailMethod
from invito.services.mail.wording import html_of, plain_text_of, spoken_time, subject_of

if TYPE_CHECKING:
    from tests.services.conftest import Make

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
ADDRESS = "invito+abc@nordlys.example"
# What headers, HTML and iCalendar lines are made of, and anything else that an address book may hold.
typed = st.text(
    st.sampled_from('\\;:,"\n\r=?<>@()&%{}^ ATENDMILqu8-:æøå😀é\x00\u2028\u202e')
    | st.characters(exclude_categories=["Cs"]),
    max_size=120,
)
clean = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=120)
values_are_fixed = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None
)


def letter(make: Make, **fields: Any) -> Letter:
    """An invitation to Ola, to Kari's follow-up from noon to one."""
    mail = ClaimedMail(
        id=MailId(1), claim=ClaimId("x"), follow_up=FollowUpId(1), invitee=ReferenceId(2), method=MailMethod.REQUEST,
        sequence=3, stamped_at=NOON - timedelta(hours=1), occurrence=None, message_id="<1@nordlys.example>",
        to_address="ola@kunde.example", to_name="Ola Åsen", comment=None, created_at=NOON, attempts=1,
        may_be_out=False,
    )  # fmt: skip
    ola = make.participant(2, name="Ola Åsen", email="ola@kunde.example")
    there = Letter(
        mail=mail, follow_up=make.follow_up(), participants=(make.owner(name="Kari Nordmann"), ola), invitee=ola,
        sender=Sender("Kari Nordmann", ADDRESS, "invito+def@nordlys.example"), language=Language.EN,
        time_zone="Europe/Oslo", answer_url=None, thread=None, sent_at=NOON,
    )  # fmt: skip
    return replace(there, **fields)


def read(there: Letter) -> EmailMessage:
    """The mail as a strict reader has it from the wire."""
    message = message_from_bytes(compose(there), policy=policy.strict)
    assert isinstance(message, EmailMessage)
    return message


def part(message: EmailMessage, kind: str) -> EmailMessage:
    (found,) = [one for one in message.walk() if one.get_content_type() == kind]
    assert isinstance(found, EmailMessage)
    return found


def event_of(message: EmailMessage) -> Any:
    """The only VEVENT of the object, whose properties are of any type."""
    (event,) = Calendar.from_ical(part(message, "text/calendar").get_content()).walk("VEVENT")
    return event


def shape(message: EmailMessage) -> Any:
    kind = message.get_content_type()
    return (kind, [shape(one) for one in message.iter_parts()]) if message.is_multipart() else kind  # type: ignore[arg-type]  # parts are of the same class


def test_programs_find_text_html_and_the_object_where_they_look_for_it(make: Make) -> None:
    message = read(letter(make))

    assert shape(message) == (
        "multipart/mixed",
        [("multipart/alternative", ["text/plain", "text/html", "text/calendar"]), "application/ics"],
    )
    calendar, file = part(message, "text/calendar"), part(message, "application/ics")
    assert (calendar["Content-Type"].params["method"], calendar.get_content_charset()) == ("REQUEST", "utf-8")
    assert file.get_filename() == "invite.ics"
    assert file.get_content() == calendar.get_payload(decode=True)


def test_organizer_from_and_reply_to_are_one_address_and_nothing_says_that_a_machine_wrote(make: Make) -> None:
    message = read(letter(make))

    event = event_of(message)
    assert [one.addr_spec for name in ("From", "Reply-To") for one in message[name].addresses] == [ADDRESS] * 2
    assert str(event["ORGANIZER"]) == f"mailto:{ADDRESS}"
    assert [message[name].addresses[0].display_name for name in ("From", "To")] == ["Kari Nordmann", "Ola Åsen"]
    assert "Auto-Submitted" not in message
    assert (message["Message-ID"], message["Date"].datetime) == ("<1@nordlys.example>", NOON)


def test_the_object_is_of_the_revision_that_the_outbox_says(make: Make) -> None:
    there = letter(make, follow_up=make.follow_up(sequence=9, stamped_at=NOON))

    event = event_of(read(there))

    assert (event["SEQUENCE"], event["DTSTAMP"].dt) == (3, NOON - timedelta(hours=1))


def test_another_program_reads_the_object_too(make: Make) -> None:
    there = letter(make, follow_up=make.follow_up(title="Budsjett; «2027», \\ alt", location="Kaien 1"))

    calendar = vobject.readOne(part(read(there), "text/calendar").get_content())

    assert (calendar.method.value, calendar.vevent.summary.value) == ("REQUEST", "Budsjett; «2027», \\ alt")
    assert calendar.vevent.dtstart.value == there.follow_up.start
    assert len(calendar.vevent.attendee_list) == 2


def test_a_thread_keeps_a_long_id_whole(make: Make) -> None:
    first = f"<{'a' * 36}@{'b' * 60}.example>"

    head = compose(letter(make, thread=first)).decode().replace("\r\n ", " ")

    assert f"In-Reply-To: {first}\r\n" in head.replace(":  ", ": ")
    assert f"References: {first}\r\n" in head.replace(":  ", ": ")


@pytest.mark.parametrize(
    ("language", "zone", "spoken"),
    [
        (Language.EN, "Europe/Oslo", "Monday 30 November 2026, 13:00–14:00 (Europe/Oslo, UTC+01:00)"),
        (Language.NB, "Europe/Oslo", "mandag 30. november 2026, 13:00–14:00 (Europe/Oslo, UTC+01:00)"),
        (Language.EN, "Asia/Kathmandu", "Monday 30 November 2026, 17:45–18:45 (Asia/Kathmandu, UTC+05:45)"),
        (
            Language.EN, "Pacific/Auckland",
            "Tuesday 1 December 2026, 01:00–02:00 (Pacific/Auckland, UTC+13:00)",
        ),
    ],
)  # fmt: skip
def test_the_time_is_the_readers_and_names_its_zone(make: Make, language: Language, zone: str, spoken: str) -> None:
    there = letter(make, language=language, time_zone=zone)

    assert spoken in plain_text_of(there)
    assert spoken in html_of(there)


def test_what_goes_past_midnight_names_both_days(make: Make) -> None:
    follow_up = make.follow_up(end=NOON + timedelta(hours=12))

    spoken = spoken_time(follow_up, "Europe/Oslo", Language.EN)

    assert spoken == "Monday 30 November 2026, 13:00 – Tuesday 1 December 2026, 01:00 (Europe/Oslo, UTC+01:00)"


@pytest.mark.parametrize(
    ("days", "spoken"),
    [(1, "Tuesday 1 December 2026"), (3, "Tuesday 1 December 2026 – Thursday 3 December 2026")],
)
def test_whole_days_are_dates_wherever_the_reader_is(make: Make, days: int, spoken: str) -> None:
    start = datetime(2026, 11, 30, 23, tzinfo=UTC)
    follow_up = make.follow_up(is_all_day=True, start=start, end=start + timedelta(days=days))

    assert spoken_time(follow_up, "America/New_York", Language.EN) == spoken


def test_answer_links_are_in_text_and_html_where_there_is_an_answer_page(make: Make) -> None:
    there = letter(make, answer_url="https://invito.example/answer/token", language=Language.NB)

    for choice in ("accept", "tentative", "decline"):
        assert f"https://invito.example/answer/token?a={choice}" in plain_text_of(there)
        assert f'href="https://invito.example/answer/token?a={choice}"' in html_of(there)
    assert "Godta" in html_of(there)


@pytest.mark.parametrize("method", [MailMethod.CANCEL, MailMethod.DECLINECOUNTER])
def test_what_asks_nothing_has_no_answer_links(make: Make, method: MailMethod) -> None:
    there = letter(make, answer_url="https://invito.example/answer/token")
    there = replace(there, mail=replace(there.mail, method=method))

    assert "answer/token" not in plain_text_of(there) + html_of(there)


def test_nothing_is_fetched_from_elsewhere_when_the_mail_is_opened(make: Make) -> None:
    html = html_of(letter(make, answer_url="https://invito.example/answer/token"))

    assert not [name for name in ("<img", "<link", "<script", "url(", "@import", "<style") if name in html]


def test_the_owners_comment_is_shown(make: Make) -> None:
    there = letter(make)
    there = replace(there, mail=replace(there.mail, comment="Vel møtt!\nTa med <tall>"))

    assert "Kari Nordmann: Vel møtt!\nTa med <tall>" in plain_text_of(there)
    assert "Vel møtt!<br>Ta med &lt;tall&gt;" in html_of(there)


def test_of_many_participants_the_first_are_named(make: Make) -> None:
    there = letter(make, participants=tuple(make.participant(number) for number in range(2, 52)))

    assert "Ansatt 21 and 30 more" in plain_text_of(there)


def test_subjects_are_in_the_readers_language(make: Make) -> None:
    assert subject_of(letter(make, language=Language.NB)) == "Invitasjon: Budget"


def test_whoever_has_no_address_gets_no_mail(make: Make) -> None:
    there = letter(make)

    with pytest.raises(NoAddress):
        compose(replace(there, mail=replace(there.mail, to_address="ola at kunde")))


def test_domains_beyond_ascii_are_written_as_servers_take_them(make: Make) -> None:
    there = letter(make)

    message = read(replace(there, mail=replace(there.mail, to_address="ola@blåbær.example")))

    assert message["To"].addresses[0].addr_spec == "ola@xn--blbr-roah.example"


@values_are_fixed
@given(typed, typed, typed, typed, typed)
def test_no_text_adds_a_header_an_address_a_part_or_an_attendee(
    make: Make, name: str, title: str, location: str, description: str, comment: str
) -> None:
    there = letter(make, thread="<0@nordlys.example>", answer_url="https://invito.example/answer/token")
    plain = read(there)

    message = read(filled(there, name, title, location, description, comment))

    assert message.keys() == plain.keys()
    assert shape(message) == shape(plain)
    for header in ("From", "Reply-To", "To"):
        assert [one.addr_spec for one in message[header].addresses] == [
            one.addr_spec for one in plain[header].addresses
        ]
    assert attendees(message) == attendees(plain)
    html = part(message, "text/html").get_content()
    assert html.count("<a ") == 3
    assert "\r" not in str(message["Subject"]) + str(message["From"])


def test_html_in_texts_is_shown_and_not_obeyed(make: Make) -> None:
    evil = '<a href="https://evil.example">Here</a>'

    html = html_of(filled(letter(make), evil, evil, evil, evil, evil))

    assert "<a " not in html
    assert html.count("&lt;a href=") >= 6


def test_a_name_has_nothing_that_needs_quotes(make: Make) -> None:
    there = letter(make)

    message = read(replace(there, mail=replace(there.mail, to_name='Åsen, Ola "Olis" (Kunde) <x@y>')))

    assert str(message["To"]).startswith("Åsen Ola Olis Kunde x y <")
    assert b'"' not in message.as_bytes().partition(b"Subject:")[0]


@values_are_fixed
@given(clean, clean)
def test_what_is_written_can_be_read(make: Make, title: str, description: str) -> None:
    title = title.strip()
    there = letter(make, follow_up=make.follow_up(title=title, description=description))

    message = read(there)

    event = event_of(message)
    assert (str(event["SUMMARY"]), str(event.get("DESCRIPTION", ""))) == (title, description)


@values_are_fixed
@given(typed)
def test_every_line_is_short_enough_for_every_server_and_ascii(make: Make, text: str) -> None:
    raw = compose(filled(letter(make), text, text, text, text, text))

    assert raw.isascii()
    assert b"\x00" not in raw
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert b"\n" not in raw.replace(b"\r\n", b"")


def filled(there: Letter, name: str, title: str, location: str, description: str, comment: str) -> Letter:
    """The letter with these texts everywhere that they may stand."""
    owner = replace(there.follow_up.owner, name=name)
    follow_up = replace(there.follow_up, title=title, location=location, description=description, owner=owner)
    everyone = tuple(replace(one, name=name) for one in there.participants)
    return replace(
        there,
        mail=replace(there.mail, to_name=name, comment=comment),
        follow_up=follow_up,
        participants=everyone,
        invitee=everyone[1],
        sender=replace(there.sender, name=name),
    )


def attendees(message: EmailMessage) -> list[str]:
    return list(_attendees(message))


def _attendees(message: EmailMessage) -> Iterator[str]:
    event = event_of(message)
    yield str(event["ORGANIZER"])
    yield from map(str, event["ATTENDEE"])
