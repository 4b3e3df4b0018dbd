"""The whole way round over real servers: invited, answered in somebody's own calendar, seen live (F17, F24).

Invito hands mail to OpenSMTPD, which brings it to Xandikos, the calendar of an external person. Its user accepts over
CalDAV; it answers by SMTP, OpenSMTPD brings the answer to Dovecot, and Invito, which idles there, tells the owner.
"""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.certificates import make_certificates
from tests.e2e.conftest import Server, request, served
from tests.e2e.mail_peers import Calendar, opensmtpd, xandikos
from tests.mail_servers import PASSWORD, free_port, running_dovecot

SIRI = "siri@kunde.example"
INVITE = """
mutation { createFollowUp(input: {
  type: APPOINTMENT, title: "Kaffe på kaien", start: "2027-05-18T10:00", emailInvitations: true,
  invitees: [{participant: {email: {address: "siri@kunde.example", name: "Siri Ås"}}}]
}) { followUp { id } errors { message } } }
"""
WATCH = """
subscription ($id: ID!) { followUpChanged(id: $id) {
  participants { nodes { name status statusOrigin emailInvitation { delivery } } }
} }
"""

pytestmark = pytest.mark.xdist_group("opensmtpd")


@dataclass(frozen=True)
class Peers:
    invito: Server
    calendar: Calendar


@pytest.fixture
def peers(tmp_path: Path) -> Iterator[Peers]:
    calendar_port = free_port()
    with ExitStack() as running:
        dovecot = running.enter_context(running_dovecot(make_certificates()))
        relays = {"kunde.example": calendar_port, "nordlys.example": dovecot.lmtp}
        smtp_port = running.enter_context(opensmtpd(tmp_path, relays))
        calendar = running.enter_context(xandikos(tmp_path, SIRI, calendar_port, smtp_port))
        invito = running.enter_context(
            served(
                f"sqlite:///{tmp_path}/office.sqlite3",
                tmp_path / "invito.log",
                INVITO_SMTP_URL=f"smtp+plain://127.0.0.1:{smtp_port}",
                INVITO_IMAP_URL=f"imap+plain://invito%40nordlys.example:{PASSWORD}@127.0.0.1:{dovecot.imap}",
                INVITO_MAIL_DELAY_SECONDS="0",
            )
        )
        yield Peers(invito, calendar)


async def test_an_answer_in_somebodys_own_calendar_is_seen_live_by_the_owner(peers: Peers) -> None:
    made = await peers.invito.ask(INVITE)
    follow_up = made["createFollowUp"]["followUp"]["id"]

    async with peers.invito.live() as session, asyncio.timeout(60):
        events = session.subscribe(request(WATCH, id=follow_up))
        invitation = await asyncio.to_thread(peers.calendar.invitation)
        await asyncio.to_thread(peers.calendar.answer, invitation, "ACCEPTED")
        rows = (event["followUpChanged"]["participants"]["nodes"][1] async for event in events)
        siri = await anext(row async for row in rows if row["statusOrigin"] == "EMAIL_REPLY")

    assert (siri["name"], siri["status"]) == ("Siri Ås", "ACCEPTED")
    assert siri["emailInvitation"]["delivery"] == "SENT"
