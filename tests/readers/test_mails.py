"""The whole mail is taken by the standard library's strictest readers, whatever names, titles and places hold (F17)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.policy import EmailPolicy
from itertools import product
from typing import Any

import pytest

from invito.plugins.contract import Language
from invito.services.ids import FollowUpId, ReferenceId
from invito.services.mail.composing import compose
from invito.services.mail.letters import Letter, Occasion
from invito.services.mail.senders import Sender
from invito.services.mail.values import ClaimedMail, ClaimId, MailId, MailMethod
from tests.readers.outgoing import NAMES
from tests.readers.sayings import by_icalendar
from tests.services.conftest import Make

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
STRICT = (policy.strict, policy.SMTP.clone(raise_on_defect=True))
# What would be a header, an address, a part or a property of its own, were it taken for more than text.
EVIL = {
    "a header": "Kari\r\nBcc: evil@elsewhere.example",
    "a bare line feed": "Kari\nBcc: evil@elsewhere.example",
    "a bare carriage return": "Kari\rBcc: evil@elsewhere.example",
    "the end of the headers": "Kari\r\n\r\n<a href='https://elsewhere.example'>Here</a>",
    "another address": 'Kari <evil@elsewhere.example>, "Ola',
    "the end of a quotation": 'Kari" <evil@elsewhere.example>',
    "an encoded word": "=?utf-8?q?Kari=0D=0ABcc:_evil=40elsewhere.example?=",
    "an encoded header": "=?utf-8?b?QmNjOiBldmlsQGVsc2V3aGVyZS5leGFtcGxl?=",
    "separators of Unicode": "Kari\u2028Bcc: evil@elsewhere.example\u2029\x85",
    "a property": "Kari\r\nATTENDEE:mailto:evil@elsewhere.example\r\nEND:VEVENT",
    "a part": "Kari\r\n--===============0==\r\nContent-Type: text/html\r\n\r\n<b>evil</b>",
    "a group": "Kari: evil@elsewhere.example;",
}
HEADERS = [
    "From", "Reply-To", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "MIME-Version",
    "Content-Type",
]  # fmt: skip


def letters() -> Iterator[tuple[str, Letter]]:
    """Each occasion in each language with each name, which is everywhere that a text may stand."""
    for occasion, language, (label, text) in product(Occasion, Language, (NAMES | EVIL).items()):
        yield f"{occasion.value} {language.value} {label}", letter(occasion, language, text)


def letter(occasion: Occasion, language: Language, text: str) -> Letter:
    make = Make()
    method = MailMethod.CANCEL if occasion in (Occasion.CANCELLED, Occasion.WITHDRAWN) else MailMethod.REQUEST
    method = MailMethod.DECLINECOUNTER if occasion is Occasion.PROPOSAL_DECLINED else method
    mail = ClaimedMail(
        id=MailId(1), claim=ClaimId("x"), follow_up=FollowUpId(1), invitee=ReferenceId(2), method=method,
        sequence=3, stamped_at=NOON - timedelta(hours=1), occurrence=None, message_id="<1@nordlys.example>",
        to_address="ola@kunde.example", to_name=text, comment=text, created_at=NOON, attempts=1, may_be_out=False,
    )  # fmt: skip
    held = 1 if occasion is Occasion.CHANGED else None
    ola = make.participant(2, name=text, email="ola@kunde.example", held_sequence=held)
    follow_up = make.follow_up(title=text, location=text, description=text, is_cancelled=occasion is Occasion.CANCELLED)
    there = Letter(
        mail=mail, follow_up=replace(follow_up, owner=replace(follow_up.owner, name=text)),
        participants=(make.owner(name=text), ola, make.resource(name=text)), invitee=ola,
        sender=Sender(text, "invito+abc@nordlys.example", "invito+def@nordlys.example"), language=language,
        time_zone="Europe/Oslo", answer_url="https://invito.example/answer/token", thread="<0@nordlys.example>",
        sent_at=NOON,
    )  # fmt: skip
    assert there.occasion is occasion
    return there


@pytest.mark.parametrize("reader", STRICT, ids=["strict", "SMTP"])
def test_a_mail_has_no_defects_and_nothing_but_what_was_meant(reader: EmailPolicy) -> None:
    for label, there in letters():
        message = message_from_bytes(compose(there), policy=reader)

        assert isinstance(message, EmailMessage)
        assert not [defect for part in message.walk() for defect in part.defects], label
        assert not [header for part in message.walk() for header in _headers(part) if header.defects], label
        assert message.keys() == HEADERS, label
        assert _addresses(message) == ["invito+abc@nordlys.example"] * 2 + ["ola@kunde.example"], label
        assert _shape(message) == [
            "multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/calendar", "application/ics",
        ], label  # fmt: skip


def test_the_object_in_a_mail_says_the_same_as_the_one_attached_and_invites_nobody_else() -> None:
    for label, there in letters():
        message = message_from_bytes(compose(there), policy=policy.strict)

        calendar, file = (_content(message, kind) for kind in ("text/calendar", "application/ics"))
        said = by_icalendar(calendar.decode())

        assert calendar == file, label
        is_for_all = there.occasion in (Occasion.INVITED, Occasion.CHANGED, Occasion.CANCELLED)
        invited = ["mailto:ansatt1@nordlys.example", "mailto:ola@kunde.example"]
        assert [one.address for one in said.attendees] == (invited if is_for_all else invited[1:]), label
        assert said.method == there.mail.method.value, label


def _headers(part: Any) -> list[Any]:
    return [part[name] for name in part]


def _addresses(message: EmailMessage) -> list[str]:
    return [one.addr_spec for name in ("From", "Reply-To", "To") for one in message[name].addresses]


def _shape(message: Any) -> list[str]:
    return [part.get_content_type() for part in message.walk()]


def _content(message: Any, kind: str) -> bytes:
    (part,) = [part for part in message.walk() if part.get_content_type() == kind]
    return bytes(part.get_payload(decode=True))
