"""Which mails are believed (ITIP.md, In, 5; TRUST.md, forged answers by mail)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from invito.services.itip.authentication import says_fail
from invito.services.itip.known import Arrival
from invito.services.itip.reasons import Reason
from invito.services.itip.understood import MailKind, UnderstoodMail
from invito.services.itip.verdicts import InboundOutcome as Outcome

if TYPE_CHECKING:
    from tests.services.itip.conftest import Letters

SERVER = frozenset({"mx.nordlys.example"})
NO_TAG = Arrival()


def answer(letters: Letters, sender: str, *headers: str, address: str = "ole@kunde.example") -> bytes:
    text = letters.object(attendees=[f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{address}"])
    return letters.mail(text, *headers, sender=sender)


def results(text: str, server: str = "mx.nordlys.example") -> str:
    return f"Authentication-Results: {server}; {text}"


def test_from_of_the_participant_is_believed_where_no_server_says_fail(letters: Letters) -> None:
    raw = answer(letters, "ole@kunde.example")

    assert letters.verdict(raw, arrival=NO_TAG).outcome is Outcome.APPLIED


def test_from_of_the_participant_is_not_believed_where_a_trusted_server_says_fail(letters: Letters) -> None:
    raw = answer(letters, "ole@kunde.example", results("dmarc=fail header.from=kunde.example"))

    verdict = letters.verdict(raw, arrival=NO_TAG)

    assert (verdict.outcome, verdict.why.reason) == (Outcome.UNVERIFIED, Reason.AUTHENTICATION_FAILED)


def test_the_tag_outweighs_a_failed_authentication(letters: Letters) -> None:
    raw = answer(letters, "ole@kunde.example", results("dmarc=fail header.from=kunde.example"))

    assert letters.verdict(raw).outcome is Outcome.APPLIED


def test_what_a_server_that_is_not_trusted_says_does_not_count(letters: Letters) -> None:
    raw = answer(
        letters,
        "ole@kunde.example",
        results("dmarc=pass", "mx.evil.example"),
        results("dmarc=fail"),
        results("dmarc=pass", "mx.evil.example"),
    )

    assert letters.verdict(raw, arrival=NO_TAG).outcome is Outcome.UNVERIFIED
    foreign = answer(letters, "ole@kunde.example", results("dmarc=fail", "mx.evil.example"))
    assert letters.verdict(foreign, arrival=NO_TAG).outcome is Outcome.APPLIED


def test_a_colleague_whom_nobody_knows_is_believed_with_the_tag_alone(letters: Letters) -> None:
    raw = answer(letters, "calendar@kunde.example")

    assert letters.verdict(raw).outcome is Outcome.APPLIED
    assert letters.verdict(raw, arrival=NO_TAG).why.reason is Reason.SENDER_IS_A_STRANGER


def test_a_fellow_invitee_cannot_answer_for_another(letters: Letters) -> None:
    in_the_same_company = letters.verdict(answer(letters, "eva@kunde.example"))
    at_a_public_provider = letters.verdict(answer(letters, "liv@gmail.com", address="per@gmail.com"))

    assert {in_the_same_company.outcome, at_a_public_provider.outcome} == {Outcome.UNVERIFIED}
    assert in_the_same_company.why.reason is Reason.SENDER_IS_SOMEBODY_ELSE


def test_somebody_else_who_is_known_here_cannot_answer_for_a_colleague(letters: Letters) -> None:
    known = Arrival(has_tag=True, addresses_known_here=frozenset({"Gro@kunde.example"}))

    verdict = letters.verdict(answer(letters, "gro@kunde.example"), arrival=known)

    assert (verdict.outcome, verdict.why.reason) == (Outcome.UNVERIFIED, Reason.SENDER_IS_SOMEBODY_ELSE)


def test_the_domain_of_a_public_provider_proves_nothing(letters: Letters) -> None:
    verdict = letters.verdict(answer(letters, "stranger@gmail.com", address="per@gmail.com"))

    assert (verdict.outcome, verdict.why.reason) == (Outcome.UNVERIFIED, Reason.SENDER_IS_A_STRANGER)


@pytest.mark.parametrize("sender", ["ole@evil.example", "ole@sub.kunde.example", "ole@kunde.example.evil.example"])
def test_a_stranger_cannot_answer_for_a_participant(letters: Letters, sender: str) -> None:
    assert letters.verdict(answer(letters, sender)).outcome is Outcome.UNVERIFIED


@pytest.mark.parametrize("header", ["Sender", "Reply-To", "Return-Path", "Resent-From"])
def test_other_headers_than_from_never_suffice(letters: Letters, header: str) -> None:
    raw = answer(letters, "ole@evil.example", f"{header}: ole@kunde.example")

    assert letters.verdict(raw).outcome is Outcome.UNVERIFIED


def test_sent_by_alone_never_suffices(letters: Letters) -> None:
    attendee = 'ATTENDEE;PARTSTAT=ACCEPTED;SENT-BY="mailto:ole@evil.example":mailto:ole@kunde.example'

    verdict = letters.verdict(letters.mail(letters.object(attendees=[attendee]), sender="ole@evil.example"))

    assert (verdict.outcome, verdict.participant) == (Outcome.UNVERIFIED, 2)


@pytest.mark.parametrize(
    ("sender", "reason"),
    [
        ("ole@kunde.example, eva@kunde.example", Reason.SEVERAL_SENDERS),
        ("ole@kunde.example\r\nFrom: eva@kunde.example", Reason.SEVERAL_SENDERS),
        ("ole@kunde.example <ole@evil.example>", Reason.SEVERAL_SENDERS),
        ('"ole@kunde.example" <ole@evil.example>', Reason.SENDER_IS_A_STRANGER),
        ("=?utf-8?q?ole=40kunde.example_=3Cole=40kunde.example=3E?= <ole@evil.example>", Reason.SENDER_IS_A_STRANGER),
        ("ole\\@kunde.example", Reason.SENDER_UNREADABLE),
        ("", Reason.SENDER_UNREADABLE),
    ],
)
def test_a_from_that_could_be_two_or_hides_one_is_not_believed(letters: Letters, sender: str, reason: Reason) -> None:
    verdict = letters.verdict(answer(letters, sender))

    assert (verdict.outcome, verdict.why.reason) == (Outcome.UNVERIFIED, reason)


def test_what_is_not_believed_still_says_what_it_would_do(letters: Letters) -> None:
    believed = letters.verdict(answer(letters, "ole@kunde.example"))
    unverified = letters.verdict(answer(letters, "ole@evil.example"))

    assert (unverified.participant, unverified.status) == (believed.participant, believed.status)


def test_the_owner_may_vouch_for_a_mail(letters: Letters) -> None:
    raw = answer(letters, "ole@evil.example")

    assert letters.verdict(raw, is_vouched_for=True).outcome is Outcome.APPLIED


def test_nobody_can_vouch_for_a_guest(letters: Letters) -> None:
    raw = answer(letters, "guest@evil.example", address="guest@evil.example")

    assert letters.verdict(raw, is_vouched_for=True).outcome is Outcome.NOT_INVITED


def test_a_program_may_answer_automatically(letters: Letters) -> None:
    raw = answer(letters, "ole@kunde.example", "Auto-Submitted: auto-generated")

    assert letters.verdict(raw).outcome is Outcome.APPLIED


@pytest.mark.parametrize(
    ("text", "fails"),
    [
        ("dmarc=fail (p=REJECT dis=NONE) header.from=kunde.example", True),
        ("spf=pass smtp.mailfrom=evil.example; dkim=pass header.d=evil.example; dmarc=fail", True),
        ("spf=fail smtp.mailfrom=kunde.example; dkim=pass header.d=kunde.example; dmarc=pass", False),
        ("spf=fail smtp.mailfrom=list.example; dmarc=pass", False),
        ("spf=fail smtp.mailfrom=kunde.example", True),
        ("dkim=fail (bad signature) header.d=kunde.example", True),
        ("spf=fail; dkim=pass header.d=kunde.example header.s=s1", False),
        ("spf=fail; dkim=pass header.i=@kunde.example", False),
        ("spf=fail; dkim=pass header.d=evil.example", True),
        ("spf=fail; dkim=pass header.d=example", True),
        ("spf=softfail; dkim=none; dmarc=none", False),
        ("none", False),
        ("dmarc=bestguesspass action=none header.from=kunde.example; compauth=fail reason=001", True),
        ("spf=pass (it said dmarc=fail; or so) smtp.mailfrom=kunde.example", False),
        ('spf=pass smtp.mailfrom="x; dmarc=pass"@kunde.example; dmarc=fail', True),
        ("dmarc = FAIL; spf = pass", True),
        ("dmarc/1=fail", True),
        ("dmarc=fail header.from=kjære.example", True),
        ("", False),
        ("=;;=", False),
    ],
)
def test_a_trusted_servers_word_is_taken_as_a_whole(text: str, fails: bool) -> None:
    assert says_fail([f"mx.nordlys.example; {text}"], SERVER, "kunde.example") is fails


@pytest.mark.parametrize("name", ["mx.nordlys.example", "MX.Nordlys.Example 1", "mx.nordlys.example (border)"])
def test_a_server_is_known_by_its_name_whatever_stands_around_it(name: str) -> None:
    assert says_fail([f"{name}; dmarc=fail"], SERVER, "kunde.example")


def test_headers_of_one_name_do_not_outweigh_each_other() -> None:
    failed, passed = "mx.nordlys.example; spf=fail", "mx.nordlys.example; dmarc=pass"

    assert says_fail([passed, failed], SERVER, "kunde.example")


def test_a_mail_without_a_sender_is_never_believed(letters: Letters) -> None:
    mail = UnderstoodMail(MailKind.REPLY, components=(letters.component(letters.answer("ACCEPTED")),))

    assert letters.verdict(mail).outcome is Outcome.UNVERIFIED
