"""Mail that comes back, in the words of the servers that people use (ITIP.md, In, 2)."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from invito.services.ids import ParticipantId
from invito.services.itip.known import Arrival
from invito.services.itip.reasons import Reason
from invito.services.itip.understanding import understand
from invito.services.itip.understood import MailKind, UnderstoodBounce, UnderstoodMail
from invito.services.itip.verdicts import InboundOutcome as Outcome

if TYPE_CHECKING:
    from tests.services.itip.conftest import Letters

NULL_SENDER = "Return-Path: <>"
REPORT = """Reporting-MTA: dns; mx.kunde.example

Original-Recipient: rfc822;ole@kunde.example
Final-Recipient: rfc822; olsen@intern.kunde.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <ole@kunde.example>: no such user
"""
EXIM = """This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  ole@kunde.example
    host mx.kunde.example [192.0.2.1]
    SMTP error from remote mail server after RCPT TO:<ole@kunde.example>:
    550 5.1.1 No such user

------ This is a copy of the message, including all the headers. ------

Message-ID: <sent@nordlys.example>
Subject: Budget
"""
QMAIL = """Hi. This is the qmail-send program at mx.kunde.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<ole@kunde.example>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Message-ID: <sent@nordlys.example>
"""
SENDMAIL = """The original message was received at Mon, 30 Nov 2026 12:00:00 GMT

   ----- The following addresses had permanent fatal errors -----
<ole@kunde.example>

   ----- Transcript of session follows -----
550 5.1.1 <ole@kunde.example>... User unknown
"""


def report(letters: Letters, text: str = REPORT, *returned: tuple[str, str], subtype: str = "report") -> bytes:
    return letters.multipart(
        ("Content-Type: text/plain", "I am sorry."),
        ("Content-Type: message/delivery-status", text),
        *returned,
        subtype=subtype,
        sender="MAILER-DAEMON@mx.kunde.example",
    )


def bounce(raw: bytes) -> UnderstoodBounce:
    mail = understand(raw)
    assert mail.kind is MailKind.BOUNCE
    assert mail.bounce is not None
    return mail.bounce


@pytest.mark.parametrize("subtype", ["report", "mixed"])
def test_a_delivery_status_tells_who_did_not_get_what_and_why(letters: Letters, subtype: str) -> None:
    head = "Message-ID: <sent@nordlys.example>\r\nContent-Type: text/calendar\r\n\r\n"
    ours = ("Content-Type: message/rfc822", head + letters.object(method="REQUEST"))

    found = bounce(report(letters, REPORT, ours, subtype=subtype))

    assert found == UnderstoodBounce(
        is_delayed=False,
        recipient="ole@kunde.example",
        status="5.1.1",
        diagnosis="550 5.1.1 <ole@kunde.example>: no such user",
        returned_message_id="<sent@nordlys.example>",
        returned_uid="8a3b",
    )


def test_a_mail_that_comes_back_is_not_asked_for_an_answer(letters: Letters) -> None:
    ours = letters.mail(letters.object()).decode()

    verdict = letters.verdict(report(letters, REPORT, ("Content-Type: message/rfc822", ours)))

    assert (verdict.outcome, verdict.participant, verdict.status) == (Outcome.BOUNCE, 2, None)


def test_headers_alone_may_come_back(letters: Letters) -> None:
    headers = ("Content-Type: text/rfc822-headers", "Subject: Budget\r\nMessage-ID: <sent@nordlys.example>\r\n")

    assert bounce(report(letters, REPORT, headers)).returned_message_id == "<sent@nordlys.example>"


def test_a_delay_is_no_failure_yet(letters: Letters) -> None:
    mail = understand(report(letters, REPORT.replace("failed", "delayed").replace("5.1.1", "4.4.1")))

    assert mail.bounce is not None
    assert mail.why is not None
    assert (mail.bounce.is_delayed, mail.why.reason) == (True, Reason.DELIVERY_DELAYED)


def test_a_failure_counts_before_a_delay(letters: Letters) -> None:
    delayed = REPORT.replace("failed", "delayed").replace("ole@", "eva@")

    found = bounce(report(letters, delayed + REPORT.partition("\n")[2]))

    assert (found.is_delayed, found.recipient) == (False, "ole@kunde.example")


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded"])
def test_a_delivery_that_succeeded_is_no_bounce(letters: Letters, action: str) -> None:
    assert understand(report(letters, REPORT.replace("failed", action))).kind is MailKind.AUTO_REPLY


def test_an_encoded_report_is_read(letters: Letters) -> None:
    encoded = base64.encodebytes(REPORT.encode()).decode()
    part = ("Content-Type: message/delivery-status\r\nContent-Transfer-Encoding: base64", encoded)

    assert bounce(letters.multipart(part, subtype="report")).recipient == "ole@kunde.example"


def test_an_empty_report_is_a_failure_too(letters: Letters) -> None:
    raw = report(letters, "").replace(b"From:", b"X-Failed-Recipients: ole@kunde.example\r\nFrom:")

    assert bounce(raw).recipient == "ole@kunde.example"


def test_a_read_receipt_is_no_bounce(letters: Letters) -> None:
    receipt = ("Content-Type: message/disposition-notification", "Disposition: manual-action; displayed\r\n")

    mail = understand(letters.multipart(("Content-Type: text/plain", "Read."), receipt, subtype="report"))

    assert mail.kind is MailKind.AUTO_REPLY


def test_a_report_that_somebody_forwards_is_not_about_us(letters: Letters) -> None:
    forwarded = report(letters).decode().replace("limit", "inner")

    mail = understand(
        letters.multipart(("Content-Type: text/plain", "Look"), ("Content-Type: message/rfc822", forwarded))
    )

    assert mail.kind is MailKind.NO_CALENDAR


@pytest.mark.parametrize("text", [EXIM, QMAIL, SENDMAIL], ids=["Exim", "qmail", "Sendmail"])
@pytest.mark.parametrize("sender", ["Mail Delivery System <Mailer-Daemon@mx.kunde.example>", "<>"])
def test_words_of_servers_without_reports_are_known(letters: Letters, text: str, sender: str) -> None:
    found = bounce(letters.mail(text, NULL_SENDER, sender=sender, content_type="text/plain"))

    assert (found.is_delayed, found.recipient) == (False, "ole@kunde.example")
    assert found.diagnosis is not None
    assert "5.1.1" in found.diagnosis
    assert found.returned_message_id == ("<sent@nordlys.example>" if "Message-ID" in text else None)


def test_who_is_named_in_a_header_did_not_get_it(letters: Letters) -> None:
    raw = letters.mail("Sorry", "X-Failed-Recipients: ole@kunde.example", content_type="text/plain")

    assert bounce(raw).recipient == "ole@kunde.example"


def test_who_is_away_and_repeats_a_servers_words_sends_no_bounce(letters: Letters) -> None:
    raw = letters.mail(EXIM, NULL_SENDER, "Auto-Submitted: auto-replied", content_type="text/plain")

    assert understand(raw).kind is MailKind.AUTO_REPLY


def test_a_person_who_tells_of_a_failure_sends_no_bounce(letters: Letters) -> None:
    assert understand(letters.mail(EXIM, content_type="text/plain")).kind is MailKind.NO_CALENDAR


def test_an_answer_without_a_sender_is_an_answer(letters: Letters) -> None:
    raw = letters.multipart(
        ("Content-Type: text/plain", QMAIL),
        ("Content-Type: text/calendar", letters.object()),
        head=NULL_SENDER + "\r\n",
    )

    assert understand(raw).kind is MailKind.REPLY


def test_what_comes_back_to_an_invitees_tag_without_a_sender_is_a_bounce(letters: Letters) -> None:
    raw = letters.mail("Det gikk ikke.", "Subject: Feil", content_type="text/plain")
    tag = Arrival(has_null_sender=True, bounced=ParticipantId(3))

    verdict = letters.verdict(raw, arrival=tag)

    assert (verdict.outcome, verdict.participant) == (Outcome.BOUNCE, 3)
    assert letters.verdict(raw, arrival=Arrival(bounced=ParticipantId(3))).outcome is Outcome.NOT_OURS
    assert letters.verdict(raw, arrival=Arrival(has_null_sender=True)).outcome is Outcome.NOT_OURS


@pytest.mark.parametrize(
    "mark",
    [
        "Auto-Submitted: auto-replied (vacation)",
        "X-Autoreply: yes",
        "Precedence: auto_reply",
        "X-Apple-Action: VACATION",
    ],
)
def test_a_vacation_answer_is_no_bounce_though_it_has_no_sender_either(letters: Letters, mark: str) -> None:
    raw = letters.mail("I am away.", NULL_SENDER, mark, content_type="text/plain")

    verdict = letters.verdict(raw, arrival=Arrival(has_null_sender=True, bounced=ParticipantId(2)))

    assert (verdict.outcome, verdict.why.reason) == (Outcome.NOT_OURS, Reason.AUTOMATIC_REPLY)


def test_the_tag_says_whom_a_bounce_is_about_before_the_address_does(letters: Letters) -> None:
    mail = UnderstoodMail(MailKind.BOUNCE, bounce=UnderstoodBounce(False, "ole@kunde.example", None, None, None, None))

    assert letters.verdict(mail, arrival=Arrival(bounced=ParticipantId(3))).participant == 3
    assert letters.verdict(mail).participant == 2
