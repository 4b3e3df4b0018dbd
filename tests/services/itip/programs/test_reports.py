"""What servers and programs send back by themselves: failures, delays, receipts, complaints, and notes of absence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from invito.services.ids import ParticipantId
from invito.services.itip.known import Arrival
from invito.services.itip.reasons import Reason
from invito.services.itip.understanding import understand
from invito.services.itip.understood import MailKind, UnderstoodBounce
from invito.services.itip.verdicts import InboundOutcome
from tests.services.itip.programs.writing import OLE, crlf, in_base64, part, several, single

if TYPE_CHECKING:
    from tests.services.itip.conftest import Letters

RETURNED = (
    "Content-Type: message/rfc822\r\n\r\nFrom: invito@nordlys.example\r\nMessage-ID: <77@nordlys.example>\r\n\r\nHei"
)
HEADERS = (
    "Content-Type: text/rfc822-headers\r\n\r\nFrom: invito@nordlys.example\r\nMessage-ID: <77@nordlys.example>\r\n"
)
# As it comes to the tag of an invitee, from nobody.
TO_THE_TAG = Arrival(bounced=ParticipantId(2), has_null_sender=True)


def status(*fields: str, mta: str = "dns; mx.kunde.example", kind: str = "message/delivery-status") -> str:
    return f"Content-Type: {kind}\r\n\r\nReporting-MTA: {mta}\r\n\r\n" + "\r\n".join(fields) + "\r\n"


def report(*parts: str, sender: str = "MAILER-DAEMON@mx.kunde.example", subtype: str = "delivery-status") -> bytes:
    return several(f"report; report-type={subtype}", *parts, sender=sender, headers=("Auto-Submitted: auto-replied",))


FAILED = {
    "postfix": report(
        part("This is the mail system at host mx.kunde.example.\r\n", "text/plain; charset=us-ascii"),
        status(
            "Final-Recipient: rfc822; ole@kunde.example", "Original-Recipient: rfc822;ole@kunde.example",
            "Action: failed", "Status: 5.1.1", "Remote-MTA: dns; lmtp.kunde.example",
            "Diagnostic-Code: smtp; 550 5.1.1 <ole@kunde.example>: Recipient address", "    rejected: User unknown",
            mta="dns; mx.kunde.example\r\nX-Postfix-Queue-ID: 4F1\r\n"
            "X-Postfix-Sender: rfc822; invito@nordlys.example\r\nArrival-Date: Mon, 30 Nov 2026 13:00:00 +0100 (CET)",
        ),
        RETURNED,
    ),
    "exchange in german": report(
        part("Die Zustellung an folgende Empfaenger ist fehlgeschlagen.", "text/plain; charset=iso-8859-1"),
        status(
            "Final-recipient: RFC822; ole@kunde.example", "Action: failed", "Status: 5.1.10",
            "Diagnostic-code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found",
            "X-Display-Name: Ole", mta="dns;EX01.kunde.example",
        ),
        RETURNED, sender="MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@kunde.example",
    ),
    "sendmail": report(
        part("   ----- The following addresses had permanent fatal errors -----\r\n", "text/plain"),
        status("Final-Recipient: RFC822; ole@kunde.example", "Action: failed", "Status: 5.7.1",
               "Diagnostic-Code: SMTP; 550 5.7.1 Access denied"), HEADERS,
    ),
    "opensmtpd": several(
        "mixed",
        part("Hi! This is the MAILER-DAEMON, please DO NOT REPLY to this email.\r\n", "text/plain"),
        status("Final-Recipient: rfc822; ole@kunde.example", "Action: failed", "Status: 5.0.0"),
        RETURNED, sender="MAILER-DAEMON@mx.kunde.example",
    ),
    "smtputf8": report(
        part("Ikke levert", "text/plain; charset=utf-8"),
        status("Final-Recipient: utf-8; ole@kunde.example", "Action: failed", "Status: 5.1.1",
               kind="message/global-delivery-status"),
    ),
    "exim with a report": report(
        part("A message that you sent could not be delivered to one or more of its recipients.", "text/plain"),
        status("Action: failed", "Final-Recipient: rfc822;ole@kunde.example", "Status: 5.0.0",
               "Remote-MTA: dns; mx.kunde.example", "Diagnostic-Code: smtp; 550 No such user here"), RETURNED,
    ),
    "notes": report(
        part("Your message was not delivered", "text/plain"),
        status("Final-Recipient: rfc822;ole@kunde.example", "Action: failed", "Status: 5.1.1",
               "Diagnostic-Code: X-Notes; User ole not listed in public Name & Address Book"), RETURNED,
    ),
    "status in base64": report(
        part("Not delivered", "text/plain"),
        part(in_base64("Reporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; ole@kunde.example\nAction: failed\n"),
             "message/delivery-status", "Content-Transfer-Encoding: base64"), RETURNED,
    ),
    "action in capitals with a comment": report(
        part("Not delivered", "text/plain"),
        status("FINAL-RECIPIENT: RFC822;<ole@kunde.example>", "ACTION: Failed (mailbox full)", "STATUS: 5.2.2 (full)"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FAILED)
def test_a_report_of_a_failure_says_whom_it_did_not_reach(name: str) -> None:
    mail = understand(FAILED[name])

    assert mail.kind is MailKind.BOUNCE
    assert mail.bounce is not None
    assert (mail.bounce.recipient, mail.bounce.is_delayed) == (OLE, False)
    if b"<77@" in FAILED[name]:
        assert mail.bounce.returned_message_id == "<77@nordlys.example>"


TOLD = {
    "qmail": crlf("""
        Hi. This is the qmail-send program at mx.kunde.example.
        I'm afraid I wasn't able to deliver your message to the following addresses.
        This is a permanent error; I've given up. Sorry it didn't work out.

        <ole@kunde.example>:
        Sorry, no mailbox here by that name. (#5.1.1)

        --- Below this line is a copy of the message.

        Return-Path: <invito@nordlys.example>
        Message-ID: <77@nordlys.example>
    """),
    "exim": crlf("""
        This message was created automatically by mail delivery software.

        A message that you sent could not be delivered to one or more of its
        recipients. This is a permanent error. The following address(es) failed:

          ole@kunde.example
            SMTP error from remote mail server after RCPT TO:<ole@kunde.example>:
            550 5.1.1 User unknown

        ------ This is a copy of the message, including all the headers. ------

        Message-ID: <77@nordlys.example>
    """),
}


@pytest.mark.parametrize("name", TOLD)
def test_a_failure_that_is_told_in_words_is_one(letters: Letters, name: str) -> None:
    raw = single(TOLD[name], "text/plain; charset=us-ascii", sender="MAILER-DAEMON@mx.kunde.example")

    mail, verdict = understand(raw), letters.verdict(raw, arrival=TO_THE_TAG)

    assert isinstance(mail.bounce, UnderstoodBounce)
    assert (mail.bounce.recipient, mail.bounce.returned_message_id) == (OLE, "<77@nordlys.example>")
    assert (verdict.outcome, verdict.participant) == (InboundOutcome.BOUNCE, 2)


@pytest.mark.parametrize(
    "words",
    ["Nachricht konnte nicht zugestellt werden", "Non remis", "Posten kunne ikke leveres", "配信できませんでした"],
)
def test_a_failure_in_any_language_is_known_by_the_tag_and_the_null_sender(letters: Letters, words: str) -> None:
    raw = single(in_base64(words), "text/plain; charset=utf-8", "Content-Transfer-Encoding: base64",
                 sender="postmaster@mx.kunde.example")  # fmt: skip

    assert letters.verdict(raw, arrival=TO_THE_TAG).outcome is InboundOutcome.BOUNCE


@pytest.mark.parametrize(
    "fields",
    [
        ("Action: delayed", "Status: 4.4.1", "Will-Retry-Until: Fri, 4 Dec 2026 13:00:00 +0100"),
        ("Action: Delayed", "Status: 4.0.0"),
    ],
)
def test_a_delay_is_no_failure_yet(letters: Letters, fields: tuple[str, ...]) -> None:
    raw = report(part("Ennå ikke levert", "text/plain; charset=utf-8"),
                 status("Final-Recipient: rfc822; ole@kunde.example", *fields), HEADERS)  # fmt: skip

    assert letters.verdict(raw, arrival=TO_THE_TAG).why.reason is Reason.DELIVERY_DELAYED


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded"])
def test_a_report_that_a_mail_arrived_is_no_failure(letters: Letters, action: str) -> None:
    raw = report(part("Your message was delivered", "text/plain"),
                 status("Final-Recipient: rfc822; ole@kunde.example", f"Action: {action}"))  # fmt: skip

    verdict = letters.verdict(raw, arrival=TO_THE_TAG)

    assert (verdict.outcome, verdict.why.reason) == (InboundOutcome.NOT_OURS, Reason.REPORT)


RECEIPTS = {
    "thunderbird": report(
        part("This is a Return Receipt for the mail that you sent to ole@kunde.example.", "text/plain"),
        "Content-Type: message/disposition-notification; name=MDNPart2.txt\r\nContent-Disposition: inline\r\n\r\n"
        "Reporting-UA: kunde.example; Thunderbird\r\nFinal-Recipient: rfc822;ole@kunde.example\r\n"
        "Original-Message-ID: <77@nordlys.example>\r\n"
        "Disposition: manual-action/MDN-sent-manually; displayed\r\n", HEADERS,
        sender=OLE, subtype="disposition-notification",
    ),
    "deleted unread": report(
        part("Not read: Budget. The message was deleted without being read, failed", "text/plain"),
        "Content-Type: message/disposition-notification\r\n\r\nFinal-Recipient: RFC822; ole@kunde.example\r\n"
        "Disposition: automatic-action/MDN-sent-automatically; deleted\r\n",
        sender=OLE, subtype="disposition-notification",
    ),
    "complaint": report(
        part("This is an email abuse report for a message that could not be accepted: unknown", "text/plain"),
        "Content-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nUser-Agent: FBL/1.0\r\nVersion: 1\r\n"
        "Original-Rcpt-To: ole@kunde.example\r\n", RETURNED,
        sender="complaints@provider.example", subtype="feedback-report",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", RECEIPTS)
def test_a_receipt_and_a_complaint_are_no_failures_even_from_nobody_to_the_tag(letters: Letters, name: str) -> None:
    verdict = letters.verdict(RECEIPTS[name], arrival=TO_THE_TAG)

    assert (verdict.outcome, verdict.why.reason) == (InboundOutcome.NOT_OURS, Reason.REPORT)


ABSENT = {
    "vacation of RFC 3834": ("Auto-Submitted: auto-replied",),
    "auto-generated": ("Auto-Submitted: auto-generated", "X-Auto-Response-Suppress: All"),
    "exchange": ("X-Auto-Response-Suppress: DR, RN, NRN, OOF, AutoReply", "X-MS-Exchange-Inbox-Rules-Loop: ole"),
    "precedence": ("Precedence: auto_reply",),
    "bulk": ("Precedence: bulk", "X-Autoreply: yes"),
    "no mark at all": (),
}


@pytest.mark.parametrize("name", ABSENT)
@pytest.mark.parametrize("word", ["Jeg er ikke på kontoret", "I no longer work here: mail to me is rejected"])
def test_a_note_of_absence_is_no_failure_of_the_one_who_wrote_it(letters: Letters, name: str, word: str) -> None:
    raw = single(word, "text/plain; charset=utf-8", *ABSENT[name], "Return-Path: <>")
    arrival = Arrival(bounced=ParticipantId(2), bounced_address=OLE, has_null_sender=True)

    assert letters.verdict(raw, arrival=arrival).outcome is InboundOutcome.NOT_OURS


def test_a_note_of_absence_with_a_calendar_of_it_is_none_of_ours(letters: Letters) -> None:
    raw = several(
        "mixed",
        part("Borte", "text/plain; charset=utf-8"),
        part(letters.object(method="PUBLISH"), "text/calendar; method=PUBLISH; charset=utf-8"),
        headers=("Auto-Submitted: auto-replied",),
    )

    assert letters.verdict(raw).outcome is InboundOutcome.NOT_OURS


@pytest.mark.parametrize(
    ("content_type", "reason"),
    [
        ('application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"', Reason.ENCRYPTED),
        ('application/x-pkcs7-mime; smime-type=signed-data; name="smime.p7m"', Reason.ENCRYPTED),
        ("application/pgp-encrypted", Reason.ENCRYPTED),
        ("application/vnd.ms-tnef", Reason.OUTLOOK_FORMAT),
        ("image/png", Reason.NO_CALENDAR),
    ],
)
def test_what_cannot_be_read_is_kept_with_why(letters: Letters, content_type: str, reason: Reason) -> None:
    raw = several("mixed", part("Se vedlegg", "text/plain"), part("MIIB", content_type))

    verdict = letters.verdict(raw)

    assert (verdict.outcome, verdict.why.reason) == (InboundOutcome.NOT_OURS, reason)
