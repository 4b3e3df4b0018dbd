"""The whole way round over real servers: invited, answered in somebody's own calendar, seen live (F17, F24).

Invito hands mail to OpenSMTPD, which brings it to Xandikos, the calendar of an external person. Its user accepts over
CalDAV; it answers by SMTP, and OpenSMTPD brings the answer on by one of the ways in: to Dovecot, where Invito idles; to
Invito's own LMTP listener; or to a provider that posts it over HTTP. Invito tells the owner.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, aclosing
from dataclasses import dataclass
from statistics import median
from typing import Any

import pytest

from tests.certificates import make_certificates
from tests.e2e.conftest import Server, request, served
from tests.e2e.mail_peers import Calendar, at_once, opensmtpd, provider, xandikos
from tests.free_ports import free_port
from tests.mail_servers import PASSWORD, running_dovecot

WAYS = ("IMAP", "LMTP", "HTTP")
SECRET = "a secret that the provider and the service share"
ANSWERS = ("ACCEPTED", "TENTATIVE", "ACCEPTED", "DECLINED", "ACCEPTED")
INVITE = """
mutation ($address: String!) { createFollowUp(input: {
  type: APPOINTMENT, title: "Kaffe på kaien", start: "2027-05-18T10:00", emailInvitations: true,
  invitees: [{participant: {email: {address: $address, name: "Siri Ås"}}}]
}) { followUp { id } errors { message } } }
"""
WATCH = """
subscription ($id: ID!) { followUpChanged(id: $id) {
  participants { nodes { name status statusOrigin emailInvitation { delivery } } }
} }
"""

# They share the servers, which take longer to start than all else.
pytestmark = pytest.mark.xdist_group("the whole way round")


@dataclass(frozen=True)
class Round:
    """Invito, and for each way in the calendar of somebody whose answers come in by it."""

    invito: Server
    calendars: dict[str, Calendar]


def address_of(way: str) -> str:
    return f"siri@{way.lower()}.example"


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Round]:
    folder = tmp_path_factory.mktemp("round")
    out, brought = free_port(), {"LMTP": free_port(), "HTTP": free_port()}
    calendars, servers = ({way: free_port() for way in WAYS} for _ in range(2))
    with ExitStack() as running:
        dovecot = running.enter_context(running_dovecot(make_certificates()))
        answers = brought | {"IMAP": dovecot.lmtp}
        invito = served(
            f"sqlite:///{folder}/office.sqlite3",
            folder / "invito.log",
            INVITO_SMTP_URL=f"smtp+plain://127.0.0.1:{out}",
            INVITO_IMAP_URL=f"imap+plain://invito%40nordlys.example:{PASSWORD}@127.0.0.1:{dovecot.imap}",
            INVITO_LMTP_LISTEN=f"127.0.0.1:{brought['LMTP']}",
            INVITO_INBOUND_SECRET=SECRET,
            INVITO_MAIL_DELAY_SECONDS="0",
        )
        peers = [
            opensmtpd(folder, out, {f"{way.lower()}.example": calendars[way] for way in WAYS}),
            *(opensmtpd(folder, servers[way], {"nordlys.example": answers[way]}) for way in WAYS),
            *(xandikos(folder, address_of(way), calendars[way], servers[way]) for way in WAYS),
        ]
        server, *others = running.enter_context(at_once(invito, *peers))
        inbound = server.url.replace("graphql", "mail/inbound")
        running.enter_context(provider(inbound, SECRET, brought["HTTP"]))
        yield Round(server, dict(zip(WAYS, others[-len(WAYS) :], strict=True)))


@pytest.mark.parametrize("way", WAYS)
async def test_answers_in_somebodys_own_calendar_are_seen_live_by_the_owner(
    there: Round, way: str, record_property: Callable[[str, object], None]
) -> None:
    calendar = there.calendars[way]
    known: list[str] = []
    took = []
    async with there.invito.live() as session, asyncio.timeout(100):
        for partstat in ANSWERS:
            made = await there.invito.ask(INVITE, address=address_of(way))
            watch = session.subscribe(request(WATCH, id=made["createFollowUp"]["followUp"]["id"]))
            async with aclosing(watch) as events:
                known.append(await asyncio.to_thread(calendar.invitation, known))
                answered_at = time.monotonic()
                await asyncio.to_thread(calendar.answer, known[-1], partstat)
                siri = await answered_row(events)
                took.append(time.monotonic() - answered_at)

            assert (siri["name"], siri["status"]) == ("Siri Ås", partstat)
            assert siri["emailInvitation"]["delivery"] == "SENT"

    record_property("measured", f"answered in a calendar to seen live, by {way}: {_spoken(took)}")


async def answered_row(events: AsyncIterator[dict[str, Any]]) -> dict[str, Any]:
    """The invitee's row, once a mail answered."""
    rows = (event["followUpChanged"]["participants"]["nodes"][1] async for event in events)
    return await anext(row async for row in rows if row["statusOrigin"] == "EMAIL_REPLY")


def _spoken(seconds: list[float]) -> str:
    return f"median {median(seconds) * 1000:.0f} ms of {len(seconds)} ({min(seconds):.3f}–{max(seconds):.3f} s)"
