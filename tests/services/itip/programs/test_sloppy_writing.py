"""What programs of many makers write besides the standard, one oddity at a time: each is understood all the same."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from invito.services.follow_ups.values import ParticipantStatus
from invito.services.itip.understanding import understand
from invito.services.itip.verdicts import InboundOutcome
from tests.services.itip.programs.writing import OLE, in_base64, nested, part, quoted, several, single

if TYPE_CHECKING:
    from tests.services.itip.conftest import Letters

ACCEPTED, DECLINED = ParticipantStatus.ACCEPTED, ParticipantStatus.DECLINED
REPLY = "text/calendar; charset=utf-8; method=REPLY"


@pytest.mark.parametrize(
    "attendee",
    [
        "ATTENDEE;PARTSTAT=ACCEPTED:MAILTO:ole@kunde.example",
        "ATTENDEE;PARTSTAT=ACCEPTED:Mailto: ole@kunde.example ",
        "ATTENDEE;PARTSTAT=ACCEPTED:ole@kunde.example",
        'ATTENDEE;PARTSTAT=ACCEPTED:"mailto:ole@kunde.example"',
        'ATTENDEE;PARTSTAT=ACCEPTED:mailto:"ole@kunde.example"',
        "ATTENDEE;PARTSTAT=ACCEPTED:mailto:<ole@kunde.example>",
        "ATTENDEE;PARTSTAT=ACCEPTED:<mailto:ole@kunde.example>",
        "ATTENDEE;PARTSTAT=ACCEPTED:mailto:Ole Olsen <ole@kunde.example>",
        'ATTENDEE;PARTSTAT=ACCEPTED:mailto:"Olsen, Ole" <ole@kunde.example>',
        "ATTENDEE;PARTSTAT=ACCEPTED:mailto:ole%40kunde.example",
        "ATTENDEE;PARTSTAT=ACCEPTED:MAILTO:mailto:ole@kunde.example",
        "ATTENDEE;PARTSTAT=ACCEPTED:mailto:ole@kunde.example?subject=Budget",
        "ATTENDEE;PARTSTAT=ACCEPTED:mailto://ole@kunde.example",
        'ATTENDEE;PARTSTAT=ACCEPTED;CN="Ole: sjef; økonomi":mailto:ole@kunde.example',
        'ATTENDEE;PARTSTAT=ACCEPTED;CN="Ole "Olemann" Olsen":mailto:ole@kunde.example',
        'ATTENDEE;PARTSTAT=ACCEPTED;CN="Ole:mailto:ole@kunde.example',
        "ATTENDEE;PARTSTAT=ACCEPTED;CN='Ole':mailto:ole@kunde.example",
        "ATTENDEE;CN=ole@kunde.example;PARTSTAT=ACCEPTED;X-NUM-GUESTS=0:mailto:ole@kunde.example",
        'ATTENDEE;PARTSTAT="ACCEPTED":mailto:ole@kunde.example',
        "ATTENDEE;partstat=accepted:mailto:ole@kunde.example",
        "attendee;Partstat=Accepted:mailto:Ole@Kunde.Example",
        "ATTENDEE ; PARTSTAT = ACCEPTED : mailto:ole@kunde.example",
        "ATTENDEE;;PARTSTAT=ACCEPTED;:mailto:ole@kunde.example",
        "ATTENDEE;VALUE=CAL-ADDRESS;PARTSTAT=ACCEPTED:mailto:ole@kunde.example",
        'ATTENDEE;VALUE=URI;CN="Ole";PARTSTAT=ACCEPTED:mailto:ole@kunde.example',
        'ATTENDEE;PARTSTAT=ACCEPTED;EMAIL="ole@kunde.example":urn:uuid:3d0bc1f0-66ae-4bd0-9b3c-5d5e9b7f1c11',
        "ATTENDEE;PARTSTAT=ACCEPTED;EMAIL=ole@kunde.example:/principals/__uids__/ole/",
        "ATTENDEE;PARTSTAT=ACCEPTED;EMAIL=ole@kunde.example:https://dav.example/principals/users/ole/",
        "ATTENDEE;PARTSTAT=ACCEPTED;EMAIL=ole@kunde.example:invalid:nomail",
        'ATTENDEE;PARTSTAT=ACCEPTED;SENT-BY="mailto:ole@kunde.example":mailto:ole.olsen@kunde.example',
        "ATTENDEE;STATUS=ACCEPTED;ROLE=ATTENDEE;RSVP=NO:ole@kunde.example",
        "ATTENDEE;STATUS=CONFIRMED;ROLE=ATTENDEE:Ole Olsen <ole@kunde.example>",
        "ATTENDEE;PARTSTAT=ACCEPT\r\n ED;CN=O\r\n\tle:mai\r\n lto:ole@kunde.example",
        "ATTENDEE;PARTSTAT=ACCEPTED;CN=Ole\r\n :mailto:ole@kunde.example",
        "ATTENDEE;PARTSTAT=ACCEPTED;CN=Ole;\r\nROLE=REQ-PARTICIPANT:mailto:ole@kunde.example",
        "ATTENDEE;PARTSTAT=ACCEPTED;CN=Ole:\r\nmailto:ole@kunde.example",
        'ATTENDEE;CN="Ole Olsen/Kunde"\r\n ;RSVP=FALSE;PARTSTAT=ACCEPTED\r\n ;ROLE=CHAIR:mailto:ole@kunde.example',
        "ATTENDEE;PARTSTAT=ACCEPTED;PARTSTAT=NEEDS-ACTION:mailto:ole@kunde.example",
    ],
)  # fmt: skip
def test_an_attendee_is_understood_however_it_is_written(letters: Letters, attendee: str) -> None:
    raw = single(letters.object(attendees=[attendee]), REPLY)

    verdict = letters.verdict(raw)

    assert (verdict.participant, verdict.status, verdict.outcome) == (2, ACCEPTED, InboundOutcome.APPLIED)
    (who,) = letters.component(raw).attendees
    # And not by From alone, which says the same.
    assert OLE in {(one or "").lower() for one in (who.address, who.email, who.sent_by)}


@pytest.mark.parametrize(
    "content_type",
    [
        "text/calendar",
        "TEXT/CALENDAR; METHOD=REPLY",
        "text/calendar; method=reply; charset=UTF-8",
        'text/calendar; charset="utf-8"; method="REPLY"; component=VEVENT; name=reply.ics',
        "text/calendar;method=REPLY;charset=utf-8;component=vevent;optinfo=VERSION:2.0",
        "text/calendar; charset=utf8; method=REPLY;",
        "text/calendar; charset=x-unknown; method=REPLY",
        "text/calendar; charset=utf-8 ; method = REPLY",
        "text/calendar; method*=utf-8''REPLY",
        "text/x-vcalendar; charset=utf-8",
        "application/ics; name=invite.ics",
        'application/octet-stream; name="reply.ics"',
        'application/octet-stream; name="=?utf-8?B?c3Zhci5pY3M=?="',
        'text/plain; name="svar.ics"',
        "application/calendar",
        "text/calendar; format=flowed; delsp=yes; charset=utf-8; method=REPLY",
    ],
)
def test_a_calendar_is_found_under_any_of_its_types(letters: Letters, content_type: str) -> None:
    assert letters.verdict(single(letters.object(), content_type)).status is ACCEPTED


@pytest.mark.parametrize(
    "disposition",
    [
        "attachment; filename=invite.ics",
        'attachment; filename="Svar på møte.ICS"',
        "attachment;\r\n filename*=utf-8''svar%20p%C3%A5.ics",
        "attachment;\r\n filename*0=invi;\r\n filename*1=te.ics",
        'attachment; filename="=?utf-8?Q?svar=2Eics?="',
        "inline; filename=iCal-20261130-130000.ics",
    ],
)
def test_a_calendar_is_found_by_the_name_of_its_file(letters: Letters, disposition: str) -> None:
    raw = several(
        "mixed",
        part("Jeg kommer.", "text/plain; charset=utf-8"),
        part(
            in_base64(letters.object()),
            "application/octet-stream",
            f"Content-Disposition: {disposition}",
            "Content-Transfer-Encoding: base64",
        ),
    )

    assert letters.verdict(raw).status is ACCEPTED


def test_the_method_may_stand_in_the_content_type_alone(letters: Letters) -> None:
    assert letters.verdict(single(letters.object(method=None), REPLY)).status is ACCEPTED


@pytest.mark.parametrize("charset", ["utf-16", "utf-16-le", "utf-16-be", "utf-7", "cp1252", "iso-8859-15"])
def test_an_object_is_understood_in_any_charset(letters: Letters, charset: str) -> None:
    text = letters.object("COMMENT:Går ikke", attendees=[f"ATTENDEE;PARTSTAT=DECLINED:mailto:{OLE}"])
    raw = single(
        in_base64(text, charset), f"text/calendar; charset={charset}; method=REPLY", "Content-Transfer-Encoding: base64"
    )

    verdict = letters.verdict(raw)

    assert (verdict.status, verdict.comment) == (DECLINED, "Går ikke")


@pytest.mark.parametrize("charset", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_known_without_its_name(letters: Letters, charset: str) -> None:
    raw = single(in_base64(letters.object(), charset), "text/calendar", "Content-Transfer-Encoding: base64")

    assert letters.verdict(raw).status is ACCEPTED


@pytest.mark.parametrize(
    "encoding", ["quoted-printable", "QUOTED-PRINTABLE ", "base64", "BASE64", "8bit", "binary", "7bit"]
)
def test_an_object_is_understood_in_any_transfer_encoding(letters: Letters, encoding: str) -> None:
    text = letters.object(
        "COMMENT:" + "Jeg må dessverre melde avbud, siden båten går før møtet er over. " * 3,
        attendees=[f"ATTENDEE;CN=Ole Åsmund Olsen;PARTSTAT=DECLINED;ROLE=REQ-PARTICIPANT:mailto:{OLE}"],
    )
    name = encoding.strip().lower()
    written = quoted(text) if name == "quoted-printable" else in_base64(text) if name == "base64" else text

    verdict = letters.verdict(single(written, REPLY, f"Content-Transfer-Encoding: {encoding}"))

    assert verdict.status is DECLINED
    assert verdict.comment is not None
    assert verdict.comment.startswith("Jeg må dessverre")


def test_quoted_printable_may_break_softly_within_a_name_of_a_property(letters: Letters) -> None:
    text = letters.object().replace("ATTENDEE;PARTSTAT=ACCEPTED", "ATT=\r\nENDEE;PARTST=\r\nAT=3DACC=\r\nEPTED")

    assert letters.verdict(single(text, REPLY, "Content-Transfer-Encoding: quoted-printable")).status is ACCEPTED


@pytest.mark.parametrize("ends", ["\n", "\r", "\r\r\n", "\r\n\r\n", "\n\n"])
def test_lines_may_end_in_any_way(letters: Letters, ends: str) -> None:
    text = letters.object().replace("\r\n", ends)
    raw = single(in_base64(text), REPLY, "Content-Transfer-Encoding: base64")

    assert letters.verdict(raw).status is ACCEPTED


@pytest.mark.parametrize(
    "change",
    [
        str.lower,
        lambda text: text.replace("BEGIN:", "begin:").replace("END:", "end:"),
        lambda text: "\ufeff" + text,
        lambda text: "\r\n  \r\n" + text,
        lambda text: text.replace("END:VEVENT\r\nEND:VCALENDAR\r\n", ""),
        lambda text: text + "\r\n_______________\r\nLista: https://lists.example/\r\n",
        lambda text: text + "-- \r\nSendt fra min telefon\r\n",
        lambda text: "Ole har svart:\r\n\r\n" + text,
        lambda text: text.replace("METHOD:REPLY\r\n", "").replace("END:VCALENDAR", "METHOD:REPLY\r\nEND:VCALENDAR"),
        lambda text: text.replace("METHOD:REPLY", "METHOD:REPLY\r\nMETHOD:REPLY"),
        lambda text: text.replace("METHOD:REPLY", "METHOD;X-A=B: Reply "),
        lambda text: text.replace("DTSTAMP:20261130T120000Z", "DTSTAMP:20261130T130000"),
        lambda text: text.replace("DTSTAMP:20261130T120000Z\r\n", ""),
        lambda text: text.replace("DTSTAMP:20261130T120000Z", "DTSTAMP;VALUE=DATE-TIME:2026-11-30T12:00:00.000Z"),
        lambda text: text.replace("DTSTAMP:20261130T120000Z", "DTSTAMP;TZID=Europe/Oslo:20261130T130000"),
        lambda text: text.replace("DTSTAMP:20261130T120000Z", "DTSTAMP:nonsense"),
        lambda text: text.replace("END:VEVENT", "DTSTART;TZID=Nowhere/Known:20261201T090000\r\nEND:VEVENT"),
        lambda text: text.replace("END:VEVENT", "RRULE:FREQ=SECONDLY;UNTIL=29991231\r\nEND:VEVENT"),
        lambda text: text.replace("END:VEVENT", "SEQUENCE:\r\nEND:VEVENT"),
        lambda text: text.replace("END:VEVENT", "SEQUENCE:0.0\r\nEND:VEVENT"),
        lambda text: text.replace("UID:8a3b", "UID: 8a3b "),
        lambda text: text.replace("UID:8a3b", "UID;X-A=1:8a3b"),
        lambda text: text.replace("UID:8a3b", "UID:8a\r\n 3b"),
        lambda text: text.replace("END:VEVENT", "BEGIN:VALARM\r\nATTENDEE:x@y.example\r\nEND:VALARM\r\nEND:VEVENT"),
        lambda text: text.replace("VERSION:2.0", "VERSION:1.0"),
        lambda text: text.replace("BEGIN:VEVENT", "BEGIN:VTODO").replace("END:VEVENT", "END:VTODO"),
    ],
)  # fmt: skip
def test_an_object_is_understood_with_this_about_it(letters: Letters, change: object) -> None:
    text = change(letters.object())  # type: ignore[operator]  # one of the functions above

    verdict = letters.verdict(single(text, REPLY))

    assert (verdict.outcome, verdict.status) == (InboundOutcome.APPLIED, ACCEPTED)


def test_an_answer_to_a_mailing_list_comes_with_its_footer_as_a_part(letters: Letters) -> None:
    raw = several(
        "mixed",
        nested("alternative", part("Ja", "text/plain"), part(letters.object(), REPLY)),
        part("____\r\nlista mailing list\r\n", 'text/plain; charset="us-ascii"', "Content-Disposition: inline"),
    )

    assert letters.verdict(raw).status is ACCEPTED


@pytest.mark.parametrize("protocol", ["application/pkcs7-signature", "application/pgp-signature"])
def test_a_signed_answer_is_read_within_its_signature(letters: Letters, protocol: str) -> None:
    raw = several(
        f'signed; protocol="{protocol}"; micalg=sha-256',
        nested("alternative", part("Ja", "text/plain"), part(letters.object(), REPLY)),
        part("MIIB", f"{protocol}; name=smime.p7s", "Content-Transfer-Encoding: base64"),
    )

    assert letters.verdict(raw).status is ACCEPTED


def test_an_answer_that_was_passed_on_is_nobodys_answer(letters: Letters) -> None:
    inner = single(letters.object(), REPLY)
    raw = several("mixed", part("Se her", "text/plain"), b"Content-Type: message/rfc822\r\n\r\n" + inner)

    assert letters.verdict(raw).outcome is InboundOutcome.NOT_OURS


def test_a_series_and_one_of_its_days_are_answered_each_by_itself(letters: Letters) -> None:
    text = letters.lines(
        "BEGIN:VCALENDAR", "VERSION:2.0", "METHOD:REPLY",
        "BEGIN:VEVENT", "UID:8a3b", "DTSTAMP:20261130T120000Z",
        f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{OLE}", "END:VEVENT",
        "BEGIN:VEVENT", "UID:8a3b", "DTSTAMP:20261130T120000Z", "RECURRENCE-ID:20261201T080000Z",
        f"ATTENDEE;PARTSTAT=DECLINED:mailto:{OLE}", "END:VEVENT", "END:VCALENDAR",
    )  # fmt: skip

    assert [one.status for one in letters.verdicts(single(text, REPLY))] == [ACCEPTED, DECLINED]


@pytest.mark.parametrize(
    ("written", "hour"),
    [
        ("DTSTART:20261201T120000Z", 12),
        ("DTSTART;TZID=Europe/Oslo:20261201T130000", 12),
        ("DTSTART;TZID=W. Europe Standard Time:20261201T130000", 12),
        ('DTSTART;TZID="(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna":20261201T130000', 12),
        ("DTSTART;TZID=(GMT+01.00) Sarajevo/Warsaw/Zagreb:20261201T130000", 12),
        ("DTSTART;TZID=Romance Standard Time:20261201T130000", 12),
        ("DTSTART;TZID=Europe_Oslo:20261201T130000", 12),
        ("DTSTART;TZID=GMT+0100:20261201T130000", 12),
        ("DTSTART;TZID=UTC+1:20261201T130000", 12),
        ("DTSTART;TZID=CET:20261201T130000", 12),
        ("DTSTART;TZID=Eastern Standard Time:20261201T070000", 12),
        ("DTSTART;TZID=US-Eastern:20261201T070000", 12),
        ("DTSTART;TZID=US/Eastern:20261201T070000", 12),
        ("DTSTART;TZID=America/New York:20261201T070000", 12),
        ("DTSTART;TZID=/softwarestudio.org/Olson_20011030_5/Europe/Oslo:20261201T130000", 12),
        ("DTSTART;TZID=/citadel.org/20210210_1/Europe/Oslo:20261201T130000", 12),
        ("DTSTART;TZID=tzone://Microsoft/Custom:20261201T120000Z", 12),
        ("DTSTART;TZID=Etc/GMT-1:20261201T130000", 12),
        ("DTSTART;TZID=GMT:20261201T120000", 12),
        ("DTSTART;VALUE=DATE-TIME;TZID=Europe/Oslo:20261201T130000", 12),
        ("DTSTART:20261201T130000+0100", 12),
        ("DTSTART:2026-12-01T12:00:00Z", 12),
    ],
)
def test_a_proposed_time_is_understood_in_any_zone(letters: Letters, written: str, hour: int) -> None:
    raw = letters.answer("TENTATIVE", written, "DURATION:PT1H", method="COUNTER")

    verdict = letters.verdict(raw)

    assert verdict.proposal is not None, understand(raw)
    assert verdict.proposal.start == datetime(2026, 12, 1, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "COMMENT:Er bortreist",
        "COMMENT;LANGUAGE=nb:Er bortreist\\n",
        'COMMENT;ALTREP="CID:part1@kunde.example":Er bortreist',
        "X-COMMENT:Er bortreist",
        "X-CALENDARSERVER-PRIVATE-COMMENT:Er bortreist",
        "X-MICROSOFT-CDO-COMMENT:\r\nCOMMENT:Er bortreist",
        "COMMENT:\r\nCOMMENT:Er bortreist",
        "COMMENT;ENCODING=QUOTED-PRINTABLE:Er=20bortreist",
    ],
)
def test_a_word_beside_an_answer_is_understood_however_it_is_written(letters: Letters, written: str) -> None:
    assert letters.verdict(letters.answer("DECLINED", written)).comment == "Er bortreist"
