"""What the tests of the rules for incoming mail share: mails as programs send them, and a follow-up to answer."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from invito.services.follow_ups.values import ParticipantRole
from invito.services.ids import ParticipantId
from invito.services.itip.deciding import decide
from invito.services.itip.known import Arrival, KnownFollowUp, KnownParticipant, Trust
from invito.services.itip.understanding import understand
from invito.services.itip.understood import UnderstoodComponent, UnderstoodMail
from invito.services.itip.verdicts import Verdict

START = datetime(2026, 12, 1, 8, tzinfo=UTC)
TAG = Arrival(has_tag=True)
NO_TAG = Arrival()
TRUST = Trust(frozenset({"mx.nordlys.example"}), frozenset({"gmail.com"}))
OLE = "ole@kunde.example"


class Letters:
    """Makes mails and reads them. Kari asks, Ole (2), Eva (3), and at gmail.com Per (4) and Liv (5) are asked."""

    def object(
        self, *properties: str, method: str | None = "REPLY", attendees: Sequence[str] | None = None, uid: str = "8a3b"
    ) -> str:
        """An iCalendar object of one VEVENT, with Ole's answer where no attendees are given."""
        people = [f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{OLE}"] if attendees is None else attendees
        return self.lines(
            "BEGIN:VCALENDAR", "VERSION:2.0", *([f"METHOD:{method}"] if method else []),
            "BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20261130T120000Z", *people, *properties,
            "END:VEVENT", "END:VCALENDAR",
        )  # fmt: skip

    def answer(self, partstat: str, *properties: str, address: str = OLE, method: str = "REPLY") -> bytes:
        """A mail of somebody who answers with a program of today."""
        text = self.object(*properties, attendees=[f"ATTENDEE;PARTSTAT={partstat}:mailto:{address}"], method=method)
        return self.mail(text, sender=address)

    def mail(
        self, content: str | bytes, *headers: str, sender: str = OLE, content_type: str = "text/calendar; charset=utf-8"
    ) -> bytes:
        """A mail of one part."""
        head = self.lines(f"From: {sender}", "Message-ID: <1@kunde.example>", *headers, f"Content-Type: {content_type}")
        return head.encode() + b"\r\n" + (content if isinstance(content, bytes) else content.encode())

    def multipart(self, *parts: tuple[str, str], subtype: str = "mixed", sender: str = OLE, head: str = "") -> bytes:
        """A mail of these parts, each its headers and its content."""
        inner = "".join(f"--limit\r\n{headers}\r\n\r\n{content}\r\n" for headers, content in parts)
        text = (
            f'From: {sender}\r\n{head}Content-Type: multipart/{subtype}; boundary="limit"\r\n\r\n{inner}--limit--\r\n'
        )
        return text.encode()

    def lines(self, *lines: str) -> str:
        return "".join(f"{line}\r\n" for line in lines)

    def component(self, raw: bytes) -> UnderstoodComponent:
        """The only one."""
        (component,) = understand(raw).components
        return component

    def follow_up(self, **fields: Any) -> KnownFollowUp:
        people = [
            KnownParticipant(ParticipantId(number), (address,), role)
            for number, address, role in (
                (1, "kari@nordlys.example", ParticipantRole.OWNER),
                (2, OLE, ParticipantRole.REQUIRED),
                (3, "eva@kunde.example", ParticipantRole.REQUIRED),
                (4, "per@gmail.com", ParticipantRole.REQUIRED),
                (5, "liv@gmail.com", ParticipantRole.OPTIONAL),
            )
        ]
        there = KnownFollowUp("8a3b", 0, 0, START, False, "Europe/Oslo", None, tuple(people))
        return replace(there, **fields)

    def with_addresses(self, number: int, *addresses: str) -> KnownFollowUp:
        """The follow-up, where the participant of this number has these addresses."""
        there = self.follow_up()
        people = tuple(replace(one, addresses=addresses) if one.id == number else one for one in there.participants)
        return replace(there, participants=people)

    def verdicts(
        self,
        mail: bytes | UnderstoodMail,
        follow_up: KnownFollowUp | None = None,
        arrival: Arrival = TAG,
        *,
        is_vouched_for: bool = False,
    ) -> tuple[Verdict, ...]:
        understood = understand(mail) if isinstance(mail, bytes) else mail
        return decide(understood, follow_up or self.follow_up(), arrival, TRUST, is_vouched_for=is_vouched_for)

    def verdict(
        self,
        mail: bytes | UnderstoodMail,
        follow_up: KnownFollowUp | None = None,
        arrival: Arrival = TAG,
        *,
        is_vouched_for: bool = False,
    ) -> Verdict:
        """The only one."""
        (verdict,) = self.verdicts(mail, follow_up, arrival, is_vouched_for=is_vouched_for)
        return verdict


@pytest.fixture(scope="session")
def letters() -> Letters:
    return Letters()
