"""Answers in the manner of Outlook and Exchange, old and new, with buttons and without."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from invito.services.follow_ups.values import ParticipantStatus
from invito.services.itip.reasons import Reason
from invito.services.itip.understanding import understand
from invito.services.itip.understood import MailKind
from invito.services.itip.verdicts import InboundOutcome
from tests.services.itip.programs.writing import crlf, in_base64, part, quoted, several, single

if TYPE_CHECKING:
    from tests.services.itip.conftest import Letters

ACCEPTED, TENTATIVE, DECLINED = ParticipantStatus.ACCEPTED, ParticipantStatus.TENTATIVE, ParticipantStatus.DECLINED

WINDOWS_ZONE = """\
BEGIN:VTIMEZONE
TZID:W. Europe Standard Time
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
"""
EXCHANGE = (
    """\
BEGIN:VCALENDAR
METHOD:{method}
PRODID:Microsoft Exchange Server 2010
VERSION:2.0
"""
    + WINDOWS_ZONE
    + """\
BEGIN:VEVENT
ATTENDEE;PARTSTAT={partstat};CN="Olsen, Ole":MAILTO:ole@kunde.exa
 mple
COMMENT;LANGUAGE=nb-NO:{comment}\\n
UID:8a3b
SUMMARY;LANGUAGE=nb-NO:Godtatt: Budget
DTSTART;TZID=W. Europe Standard Time:20261201T{start}
DTEND;TZID=W. Europe Standard Time:20261201T{end}
CLASS:PUBLIC
PRIORITY:5
DTSTAMP:20261130T120000Z
TRANSP:OPAQUE
STATUS:CONFIRMED
SEQUENCE:0
LOCATION;LANGUAGE=nb-NO:Kaien
X-MICROSOFT-CDO-APPT-SEQUENCE:0
X-MICROSOFT-CDO-OWNERAPPTID:2119283712
X-MICROSOFT-CDO-BUSYSTATUS:BUSY
X-MICROSOFT-CDO-INTENDEDSTATUS:BUSY
X-MICROSOFT-CDO-ALLDAYEVENT:FALSE
X-MICROSOFT-DISALLOW-COUNTER:FALSE
X-MS-OLK-ORIGINALSTART;TZID=W. Europe Standard Time:20261201T090000
X-MS-OLK-ORIGINALEND;TZID=W. Europe Standard Time:20261201T100000
END:VEVENT
END:VCALENDAR
"""
)


def exchange(
    partstat: str, comment: str = "", method: str = "REPLY", start: str = "090000", end: str = "100000"
) -> bytes:
    text = crlf(EXCHANGE.format(partstat=partstat, comment=comment, method=method, start=start, end=end))
    return several(
        "alternative",
        part(quoted(comment), 'text/plain; charset="iso-8859-1"', "Content-Transfer-Encoding: quoted-printable"),
        part(
            quoted(f"<html><body><p>{comment}</p></body></html>"),
            'text/html; charset="iso-8859-1"',
            "Content-Transfer-Encoding: quoted-printable",
        ),
        part(in_base64(text), f'text/calendar; charset="utf-8"; method={method}', "Content-Transfer-Encoding: base64"),
        headers=("X-MS-Has-Attach:", "X-MS-TNEF-Correlator:", "Thread-Topic: Budget"),
    )


@pytest.mark.parametrize(
    ("partstat", "comment", "expected"),
    [("ACCEPTED", "", ACCEPTED), ("TENTATIVE", "", TENTATIVE), ("DECLINED", "Er på kurs", DECLINED)],
)
def test_exchange_answers_with_a_zone_of_windows_and_no_organizer(
    letters: Letters, partstat: str, comment: str, expected: ParticipantStatus
) -> None:
    verdict = letters.verdict(exchange(partstat, comment))

    assert (verdict.outcome, verdict.status) == (InboundOutcome.APPLIED, expected)
    assert verdict.comment == (comment or None)


def test_exchange_proposes_another_time_with_the_old_one_beside_it(letters: Letters) -> None:
    verdict = letters.verdict(exchange("TENTATIVE", "Heller senere", "COUNTER", "130000", "140000"))

    assert verdict.proposal is not None
    assert verdict.proposal.start == datetime(2026, 12, 1, 12, tzinfo=UTC)
    assert verdict.proposal.end == datetime(2026, 12, 1, 13, tzinfo=UTC)
    assert (verdict.status, verdict.comment) == (TENTATIVE, "Heller senere")


def test_a_proposal_of_exchange_without_any_attendee_is_whose_address_it_comes_from(letters: Letters) -> None:
    text = crlf(EXCHANGE.format(partstat="X", comment="", method="COUNTER", start="130000", end="140000"))
    without = text[: text.index("ATTENDEE")] + text[text.index("COMMENT") :]

    verdict = letters.verdict(single(without, "text/calendar; charset=utf-8; method=COUNTER"))

    assert (verdict.participant, verdict.proposal is not None) == (2, True)


def test_outlook_sends_the_whole_list_of_a_meeting_back(letters: Letters) -> None:
    text = crlf("""
        BEGIN:VCALENDAR
        PRODID:-//Microsoft Corporation//Outlook 16.0 MIMEDIR//EN
        VERSION:2.0
        METHOD:REPLY
        X-MS-OLK-FORCEINSPECTOROPEN:TRUE
        BEGIN:VEVENT
        ATTENDEE;CN="Eva; sjef: øverst";RSVP=TRUE:mailto:eva@kunde.example
        ATTENDEE;CN=Ole;PARTSTAT=TENTATIVE:mailto:OLE@Kunde.example
        ATTENDEE;CN=per@gmail.com;RSVP=TRUE:mailto:per@gmail.com
        CLASS:PUBLIC
        CREATED:20261130T110000Z
        DESCRIPTION:\\n
        DTSTAMP:20261130T120000Z
        DTSTART;TZID="W. Europe Standard Time":20261201T090000
        LAST-MODIFIED:20261130T110000Z
        ORGANIZER;CN="Kari":mailto:invito@nordlys.example
        PRIORITY:5
        SEQUENCE:0
        SUMMARY;LANGUAGE=en-us:Tentative: Budget
        TRANSP:OPAQUE
        UID:8a3b
        X-ALT-DESC;FMTTYPE=text/html:<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2//E
        \tN">\\n<HTML>\\n<BODY>\\n<P DIR=LTR><SPAN LANG="nb"></SPAN></P>\\n</BODY>\\n</HTML>
        X-MICROSOFT-CDO-REPLYTIME:20261130T120000Z
        BEGIN:VALARM
        TRIGGER:-PT15M
        ACTION:DISPLAY
        DESCRIPTION:Reminder
        END:VALARM
        END:VEVENT
        END:VCALENDAR
    """)

    verdict = letters.verdict(single(text, 'text/calendar; name="meeting.ics"; method=REPLY; charset=utf-8'))

    assert (verdict.participant, verdict.status, verdict.comment) == (2, TENTATIVE, None)


def test_outlook_2003_says_its_time_in_capitals_and_its_words_in_the_description(letters: Letters) -> None:
    text = crlf("""
        BEGIN:VCALENDAR
        PRODID:-//Microsoft Corporation//Outlook 11.0 MIMEDIR//EN
        VERSION:2.0
        METHOD:REPLY
        BEGIN:VEVENT
        ATTENDEE;PARTSTAT=DECLINED:MAILTO:ole@kunde.example
        ORGANIZER:MAILTO:invito@nordlys.example
        DTSTART:20261201T080000Z
        DTEND:20261201T090000Z
        TRANSP:TRANSPARENT
        SEQUENCE:0
        UID:8a3b
        DTSTAMP:20261130T120000Z
        DESCRIPTION:When: 1. desember 2026 09:00-10:00\\nWhere: Kaien\\n\\n*~*~*~*~*~*
         ~*~*~*~*\\n\\nRekker det ikke\\n
        SUMMARY:Declined: Budget
        PRIORITY:5
        X-MICROSOFT-CDO-IMPORTANCE:1
        CLASS:PUBLIC
        END:VEVENT
        END:VCALENDAR
    """)

    verdict = letters.verdict(single(text, 'text/calendar; method=REPLY;\r\n\tcharset="utf-8"'))

    assert (verdict.status, verdict.comment) == (DECLINED, "Rekker det ikke")


def test_an_answer_in_winmail_dat_alone_is_kept_and_said_to_be_outlooks_own(letters: Letters) -> None:
    raw = several(
        "mixed",
        part("", "text/plain; charset=us-ascii"),
        part(
            "eJ8+IgEQAQaQCAAEAAAAAAABAAEAAQeQBgAIAAAA5AQ=",
            'application/ms-tnef; name="winmail.dat"',
            'Content-Disposition: attachment; filename="winmail.dat"',
            "Content-Transfer-Encoding: base64",
        ),
    )

    understood, verdict = understand(raw), letters.verdict(raw)

    assert understood.kind is MailKind.NO_CALENDAR
    assert (verdict.outcome, verdict.why.reason) == (InboundOutcome.NOT_OURS, Reason.OUTLOOK_FORMAT)


@pytest.mark.parametrize("name", ["winmail.dat", "WINMAIL.DAT", "att00001.dat"])
def test_a_calendar_beside_winmail_dat_counts(letters: Letters, name: str) -> None:
    answer = letters.object()
    raw = several(
        "mixed",
        part(answer, "text/calendar; method=REPLY; charset=utf-8"),
        part("eJ8+Ig==", f'application/ms-tnef; name="{name}"', "Content-Transfer-Encoding: base64"),
    )

    assert letters.verdict(raw).status is ACCEPTED


def test_teams_writes_a_wall_of_text_that_is_no_reason(letters: Letters) -> None:
    text = f"Går ikke\r\n{'_' * 80}\r\nMicrosoft Teams-møte\r\nBli med: https://teams.example/l/meetup\r\n"
    calendar = letters.object(attendees=["ATTENDEE;PARTSTAT=DECLINED:mailto:ole@kunde.example"])
    raw = several(
        "alternative",
        part(text, "text/plain; charset=utf-8"),
        part(calendar, "text/calendar; charset=utf-8; method=REPLY"),
    )

    assert letters.verdict(raw).comment == "Går ikke"


def test_the_sequence_that_outlook_keeps_beside_the_standards_counts_where_that_is_missing(letters: Letters) -> None:
    moved = letters.follow_up(sequence=2, moved_sequence=2)
    text = letters.object("X-MICROSOFT-CDO-APPT-SEQUENCE:2")

    assert letters.verdict(letters.mail(text), moved).outcome is InboundOutcome.APPLIED


def test_exchange_answers_one_occurrence_by_a_zone_that_it_made_up(letters: Letters) -> None:
    text = crlf("""
        BEGIN:VCALENDAR
        METHOD:REPLY
        PRODID:Microsoft Exchange Server 2010
        VERSION:2.0
        BEGIN:VTIMEZONE
        TZID:Customized Time Zone
        BEGIN:STANDARD
        DTSTART:16010101T030000
        TZOFFSETFROM:+0200
        TZOFFSETTO:+0100
        RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
        END:STANDARD
        BEGIN:DAYLIGHT
        DTSTART:16010101T020000
        TZOFFSETFROM:+0100
        TZOFFSETTO:+0200
        RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
        END:DAYLIGHT
        END:VTIMEZONE
        BEGIN:VEVENT
        ATTENDEE;PARTSTAT=DECLINED;CN=Ole:MAILTO:ole@kunde.example
        UID:8a3b
        RECURRENCE-ID;TZID=Customized Time Zone:20261201T090000
        SUMMARY;LANGUAGE=en-US:Declined: Budget
        DTSTART;TZID=Customized Time Zone:20261201T090000
        DTEND;TZID=Customized Time Zone:20261201T100000
        DTSTAMP:20261130T120000Z
        SEQUENCE:0
        END:VEVENT
        END:VCALENDAR
    """)

    assert letters.verdict(single(text, "text/calendar; charset=utf-8; method=REPLY")).status is DECLINED
