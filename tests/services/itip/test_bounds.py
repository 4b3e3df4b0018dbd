"""What is more than the bounds is set aside, and what is just within is read (ITIP.md, bounds before parsing)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from invito.services.itip.reasons import Reason
from invito.services.itip.understanding import understand
from invito.services.itip.understood import MailKind

if TYPE_CHECKING:
    from tests.services.itip.conftest import Letters

MIB = 1024 * 1024


def reason(raw: bytes) -> Reason | None:
    """Why it was set aside; None where it was not."""
    mail = understand(raw)
    if mail.kind is not MailKind.QUARANTINED:
        return None
    assert mail.why is not None
    return mail.why.reason


def test_a_mail_of_a_mebibyte_is_read_and_a_larger_one_set_aside_with_its_head(letters: Letters) -> None:
    head = letters.mail("", "Subject: Long", content_type="text/plain")

    assert reason(head + b"x" * (MIB - len(head))) is None
    assert reason(head + b"x" * (MIB + 1 - len(head))) is Reason.MAIL_TOO_LARGE
    assert understand(head + b"x" * 10 * MIB).subject == "Long"


def test_headers_of_64_kib_are_read_and_larger_ones_set_aside(letters: Letters) -> None:
    def mail(octets: int) -> bytes:
        return b"X: " + b"y" * (octets - 5) + b"\r\n" + letters.mail("")

    assert reason(mail(60 * 1024)) is None
    assert reason(mail(65 * 1024)) is Reason.HEADERS_TOO_LARGE
    assert reason(letters.mail("", sender="a@b.example, " * 80_000)) is Reason.HEADERS_TOO_LARGE


def test_a_header_of_a_part_is_bounded_too(letters: Letters) -> None:
    part = "Content-Type: text/plain; " + 'x=";\r\n ' * 20_000

    assert reason(letters.multipart((part, "x"))) is Reason.HEADERS_TOO_LARGE


def test_200_parts_are_read_and_more_set_aside(letters: Letters) -> None:
    part = ("Content-Type: text/plain", "x")

    assert reason(letters.multipart(*[part] * 199)) is None
    assert reason(letters.multipart(*[part] * 200)) is Reason.TOO_MANY_PARTS
    assert reason(letters.multipart(*[part] * 5_000)) is Reason.TOO_MANY_PARTS


@pytest.mark.parametrize("subtype", ["multipart/mixed", "message/rfc822"])
def test_parts_ten_deep_are_read_and_deeper_ones_set_aside(subtype: str) -> None:
    def nested(depth: int) -> bytes:
        levels = (
            f"Content-Type: {subtype}; boundary=b{n}\r\n\r\n" + (f"--b{n}\r\n" if subtype.startswith("multi") else "")
            for n in range(depth)
        )
        return ("From: ole@kunde.example\r\n" + "".join(levels) + "\r\nx").encode()

    assert reason(nested(10)) is None
    assert reason(nested(11)) is Reason.TOO_DEEP
    assert reason(nested(2_000)) is Reason.TOO_DEEP


def test_a_calendar_of_256_kib_is_read_and_a_larger_one_set_aside(letters: Letters) -> None:
    text = letters.object("X-LONG:*")

    assert reason(letters.mail(text.replace("*", "x" * (256 * 1024 - len(text) + 1)))) is None
    assert reason(letters.mail(text.replace("*", "x" * (256 * 1024 - len(text) + 2)))) is Reason.CALENDAR_TOO_LARGE


@pytest.mark.parametrize("end", ["END:VEVENT\r\n", ""])
def test_50_components_are_read_and_more_set_aside(letters: Letters, end: str) -> None:
    def calendar(events: int) -> bytes:
        return letters.mail("BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\n" + f"BEGIN:VEVENT\r\nUID:1\r\n{end}" * events)

    assert reason(calendar(50)) is None
    assert reason(calendar(51)) is Reason.TOO_MANY_COMPONENTS


def test_2000_lines_of_a_component_are_read_and_more_set_aside(letters: Letters) -> None:
    own = 3

    assert reason(letters.mail(letters.object(*["ATTENDEE:mailto:a@b.example"] * (2_000 - own)))) is None
    assert (
        reason(letters.mail(letters.object(*["ATTENDEE:mailto:a@b.example"] * (2_001 - own)))) is Reason.TOO_MANY_LINES
    )


def test_ten_thousand_attendees_are_set_aside(letters: Letters) -> None:
    many = [f"ATTENDEE:mailto:a{number}@b.example" for number in range(10_000)]

    assert reason(letters.mail(letters.object(*many))) in (Reason.TOO_MANY_LINES, Reason.CALENDAR_TOO_LARGE)


def test_a_rule_of_recurrence_is_never_expanded(letters: Letters) -> None:
    raw = letters.answer("ACCEPTED", "RRULE:FREQ=SECONDLY", "DTSTART:20000101T000000Z", method="REPLY")

    assert understand(raw).kind is MailKind.REPLY


def test_a_bom_before_the_headers_loses_none_of_them(letters: Letters) -> None:
    mail = understand(b"\xef\xbb\xbf" + letters.answer("ACCEPTED"))

    assert (mail.kind, mail.sender) == (MailKind.REPLY, "ole@kunde.example")


def test_bare_line_feeds_are_understood(letters: Letters) -> None:
    assert understand(letters.answer("ACCEPTED").replace(b"\r\n", b"\n")).kind is MailKind.REPLY
