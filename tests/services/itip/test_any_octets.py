"""Any octets at all end in a value that can be stored, and in a decision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import example, given
from hypothesis import strategies as st

from invito.services.itip.deciding import decide
from invito.services.itip.known import Arrival, Trust
from invito.services.itip.stored_form import mail_as_json, mail_from_json
from invito.services.itip.understanding import understand

if TYPE_CHECKING:
    from tests.services.itip.conftest import Letters

# What means something somewhere in a mail or an object, so that more than its first line is ever reached.
_MARKS = [
    b"\r\n", b"\n", b"\r", b"\n ", b"\n\t", b"\r\n\r\n", b"\0", b"\xff", b"\xc3", b"\xef\xbb\xbf", b"=0D=0A", b'"',
    b":", b";", b",", b"\\", b"@", b"<", b">", b"From: ", b"ole@kunde.example", b"Content-Type: ", b"text/calendar",
    b"text/plain", b"multipart/mixed; boundary=b", b"\n--b\n", b"\n--b--\n", b"message/rfc822",
    b"message/delivery-status", b"=",
    b"; charset=", b"utf-8", b"utf-16", b"punycode", b"Content-Transfer-Encoding: base64", b"quoted-printable",
    b"BEGIN:VCALENDAR\n", b"END:VCALENDAR\n", b"METHOD:REPLY\n", b"METHOD:COUNTER\n", b"BEGIN:VEVENT\n",
    b"END:VEVENT\n",
    b"BEGIN:VTIMEZONE\n", b"TZID:", b";TZID=", b"UID:8a3b\n", b"ATTENDEE", b";PARTSTAT=ACCEPTED", b":mailto:",
    b"RECURRENCE-ID:", b"DTSTART", b"DTEND", b"DURATION:", b"20261201T080000Z", b"20261201", b"00000000T000000",
    b"SEQUENCE:", b"999999999999", b"Action: failed\n", b"Final-Recipient: rfc822;", b"RRULE:FREQ=YEARLY;BYDAY=",
    b"PROPOSED-NEW-TIME=", b"=?utf-8?q?", b"?=", b"Date: ", b"Subject: ",
]  # fmt: skip
octets = st.lists(st.sampled_from(_MARKS) | st.binary(max_size=6), max_size=60).map(b"".join)


@given(octets)
@example(b"")
@example(b"\0" * 1_000)
@example(bytes(range(256)) * 50)
@example(b"From: =?utf-8?q?a=0Ab?= <a@b.example>\n\n")
@example(b"Content-Type: text/plain; charset*0*=x'y; charset*=z\n\n")
@example(b"Date: Thu, 1 Jan 99999 00:00:00 +9999\n\n")
def test_any_octets_end_in_a_decision(letters: Letters, raw: bytes) -> None:
    mail = understand(raw)

    verdicts = [decide(mail, one, Arrival(), Trust()) for one in (None, letters.follow_up())]

    assert all(verdicts)


@given(octets)
def test_any_event_ends_in_a_decision_and_comes_back_from_json(letters: Letters, content: bytes) -> None:
    text = letters.object("*").encode().replace(b"*", content)
    mail = understand(letters.mail(text))

    verdicts = letters.verdicts(mail)

    assert verdicts
    assert mail_from_json(mail_as_json(mail)) == mail


@given(st.binary(max_size=300), st.data())
def test_a_damaged_answer_ends_in_a_decision(letters: Letters, noise: bytes, data: st.DataObject) -> None:
    raw = letters.multipart(
        ("Content-Type: text/plain", "I come."),
        ("Content-Type: text/calendar; method=REPLY", letters.object("COMMENT:Fine", "RECURRENCE-ID:20261201T080000Z")),
    )
    at = data.draw(st.integers(0, len(raw)))
    cut = data.draw(st.integers(0, 40))

    mail = understand(raw[:at] + noise + raw[at + cut :])

    assert letters.verdicts(mail)
    assert mail_from_json(mail_as_json(mail)) == mail
