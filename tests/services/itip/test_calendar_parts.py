"""Where in a mail the calendar is found, whatever it is wrapped in (ITIP.md, In, 2)."""

from __future__ import annotations

import base64
import quopri
from typing import TYPE_CHECKING

import pytest

from invito.services.itip.reasons import Reason
from invito.services.itip.understanding import understand
from invito.services.itip.understood import MailKind

if TYPE_CHECKING:
    from tests.services.itip.conftest import Letters

BASE64 = "\r\nContent-Transfer-Encoding: base64"


def coded(text: str, charset: str = "utf-8") -> str:
    return base64.encodebytes(text.encode(charset)).decode()


@pytest.mark.parametrize(
    "headers",
    [
        "Content-Type: text/calendar; method=REPLY",
        'Content-Type: TEXT/CALENDAR; METHOD="REPLY"; CHARSET="utf-8"',
        "Content-Type: application/ics",
        'Content-Type: application/octet-stream; name="invite.ics"',
        "Content-Type: text/plain\r\nContent-Disposition: attachment; filename=answer.ICS",
        "Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename*=utf-8''svar%20her.ics",
    ],
)
def test_the_calendar_is_found_by_its_type_or_its_name(letters: Letters, headers: str) -> None:
    raw = letters.multipart(("Content-Type: text/plain", "I come."), (headers, letters.object()))

    mail = understand(raw)

    assert (mail.kind, mail.uids) == (MailKind.REPLY, ("8a3b",))


def test_the_calendar_is_found_in_nested_parts(letters: Letters) -> None:
    inner = letters.multipart(("Content-Type: text/calendar" + BASE64, coded(letters.object()))).decode()
    content_type, _, content = inner.partition("\r\n")[2].partition("\r\n\r\n")

    mail = understand(letters.multipart((content_type.replace("limit", "inner"), content.replace("limit", "inner"))))

    assert mail.kind is MailKind.REPLY


def test_text_calendar_wins_over_an_attachment(letters: Letters) -> None:
    attached = letters.object(attendees=["ATTENDEE;PARTSTAT=DECLINED:mailto:ole@kunde.example"])

    mail = understand(
        letters.multipart(
            ("Content-Type: application/ics", attached), ("Content-Type: text/calendar", letters.object())
        )
    )

    assert [one.attendees[0].partstat for one in mail.components] == ["ACCEPTED"]


def test_an_attachment_is_read_where_the_text_calendar_is_empty(letters: Letters) -> None:
    raw = letters.multipart(
        ("Content-Type: text/calendar", ""), ('Content-Type: application/ics; name="a.ics"', letters.object())
    )

    assert understand(raw).kind is MailKind.REPLY


def test_the_same_calendar_twice_counts_once(letters: Letters) -> None:
    text = letters.object()
    bare = text.replace("\r\n", "\n")

    mail = understand(
        letters.multipart(("Content-Type: text/calendar", text), ("Content-Type: text/calendar" + BASE64, coded(bare)))
    )

    assert len(mail.components) == 1


def test_several_calendars_in_one_mail_are_all_read(letters: Letters) -> None:
    mail = understand(
        letters.multipart(
            ("Content-Type: text/calendar", letters.object(uid="one")),
            ("Content-Type: text/calendar", letters.object(uid="two")),
        )
    )

    assert mail.uids == ("one", "two")


def test_an_answer_is_found_beside_a_calendar_that_is_not_ours(letters: Letters) -> None:
    mail = understand(
        letters.multipart(
            ("Content-Type: text/calendar", letters.object(method="PUBLISH", uid="other")),
            ("Content-Type: text/calendar", letters.object()),
        )
    )

    assert (mail.kind, mail.uids) == (MailKind.REPLY, ("8a3b",))


def test_a_calendar_within_a_forwarded_mail_is_somebody_elses(letters: Letters) -> None:
    forwarded = letters.mail(letters.object()).decode()

    mail = understand(
        letters.multipart(("Content-Type: text/plain", "See"), ("Content-Type: message/rfc822", forwarded))
    )

    assert mail.kind is MailKind.NO_CALENDAR


def test_the_method_of_the_object_wins_over_the_one_of_the_content_type(letters: Letters) -> None:
    text = letters.object("DTSTART:20261201T090000Z", method="COUNTER")

    assert understand(letters.mail(text, content_type="text/calendar; method=REPLY")).kind is MailKind.COUNTER


def test_the_method_of_the_content_type_stands_in_for_a_missing_one(letters: Letters) -> None:
    raw = letters.mail(letters.object(method=None), content_type="text/calendar; method=reply")

    assert understand(raw).kind is MailKind.REPLY


def test_a_calendar_without_any_method_is_not_ours(letters: Letters) -> None:
    mail = understand(letters.mail(letters.object(method=None)))

    assert mail.why is not None
    assert (mail.kind, mail.why.reason) == (MailKind.NOT_OURS, Reason.NO_METHOD)


@pytest.mark.parametrize("method", ["REQUEST", "PUBLISH", "ADD", "CANCEL", "DECLINECOUNTER", "X-OTHER"])
def test_what_organizers_send_is_not_ours_to_obey(letters: Letters, method: str) -> None:
    mail = understand(letters.mail(letters.object(method=method)))

    assert (mail.kind, mail.method, mail.components) == (MailKind.NOT_OURS, method, ())


def test_an_answer_to_a_question_about_free_and_busy_is_not_ours(letters: Letters) -> None:
    mail = understand(letters.mail(letters.object("FREEBUSY:20261201T080000Z/PT1H").replace("VEVENT", "VFREEBUSY")))

    assert mail.why is not None
    assert (mail.kind, mail.why.reason) == (MailKind.NOT_OURS, Reason.FREE_BUSY)


def test_a_text_calendar_without_a_calendar_is_not_understood(letters: Letters) -> None:
    mail = understand(letters.mail("Ole comes."))

    assert mail.why is not None
    assert (mail.kind, mail.why.reason) == (MailKind.NOT_UNDERSTOOD, Reason.UNREADABLE_CALENDAR)


@pytest.mark.parametrize("charset", ["utf-8", "utf-16", "utf-16-le", "iso-8859-1", "cp1252"])
@pytest.mark.parametrize("declared", [True, False])
def test_any_charset_is_read_declared_or_not(letters: Letters, charset: str, declared: bool) -> None:
    text = letters.object("COMMENT:Kjærlig hilsen frå Ås")
    parameter = f"; charset={charset}" if declared else ""

    component = letters.component(
        letters.multipart((f"Content-Type: text/calendar{parameter}{BASE64}", coded(text, charset)))
    )

    assert component.comments == ("Kjærlig hilsen frå Ås",)


@pytest.mark.parametrize("wrong", ["us-ascii", "iso-8859-1", "no-such-charset", "punycode", "zlib"])
def test_utf_8_is_read_under_the_name_of_another_charset(letters: Letters, wrong: str) -> None:
    raw = letters.mail(letters.object("COMMENT:Kjære Åse"), content_type=f"text/calendar; charset={wrong}")

    assert letters.component(raw).comments == ("Kjære Åse",)


def test_two_encodings_over_each_other_are_taken_off(letters: Letters) -> None:
    quoted = quopri.encodestring(letters.object("COMMENT:Kjære").encode()).decode()
    twice = base64.encodebytes(coded(letters.object()).encode()).decode()

    mails = [
        letters.multipart(("Content-Type: text/calendar" + BASE64, coded(quoted.replace("\n", "=0D=0A\n")))),
        letters.multipart(("Content-Type: text/calendar" + BASE64, twice)),
        # Said by no header.
        letters.multipart(("Content-Type: text/calendar", coded(letters.object()))),
    ]

    assert [understand(raw).kind for raw in mails] == [MailKind.REPLY] * 3


def test_a_calendar_that_is_said_to_be_base64_and_is_not_is_read(letters: Letters) -> None:
    assert (
        understand(letters.multipart(("Content-Type: text/calendar" + BASE64, letters.object()))).kind is MailKind.REPLY
    )
