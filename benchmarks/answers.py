"""How long an answer by mail takes until its owner sees it, by each way in, beside how long the mail alone takes.

An answer is handed to OpenSMTPD, which brings it to Dovecot, where Invito idles, to Invito's own LMTP listener, or to a
provider that posts it over HTTP; the clock runs from OpenSMTPD's 250 to the event of the subscription.
"""

import asyncio
import queue
import smtplib
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, aclosing, contextmanager, redirect_stderr
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from statistics import median
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session
from gql.client import AsyncClientSession
from imap_tools import BaseMailBox

from benchmarks.timing import Pair
from invito.services.follow_ups.values import ParticipantStatus
from invito.services.itip.reply import reply_mail
from tests.certificates import make_certificates
from tests.e2e.conftest import Server, request, served
from tests.e2e.mail_peers import LmtpController, at_once, opensmtpd, provider
from tests.free_ports import free_port
from tests.mail_servers import PASSWORD, Dovecot, running_dovecot

WAYS = ("IMAP", "LMTP", "HTTP")
_SIRI = "siri@customer.example"
_ALONE = "somebody@alone.example"
_SECRET = "a secret that the provider and the service share"
_PATIENCE_SECONDS = 30
_INVITE = """
mutation { createFollowUp(input: {
  type: APPOINTMENT, title: "Coffee", start: "2027-05-18T10:00", emailInvitations: true,
  invitees: [{participant: {email: {address: "siri@customer.example", name: "Siri"}}}]
}) { followUp { id } errors { message } } }
"""
_WATCH = "subscription ($id: ID!) { followUpChanged(id: $id) { participants { nodes { statusOrigin } } } }"


class _Sink:
    """Takes mail, with the moment at which it came."""

    def __init__(self) -> None:
        self.taken: queue.Queue[tuple[float, bytes]] = queue.Queue()

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd's name
        assert isinstance(envelope.content, bytes)
        self.taken.put((time.perf_counter(), envelope.content))
        return "250 taken"


@dataclass(frozen=True)
class _Place:
    """All who take part, started once for all ways."""

    invito: Server
    dovecot: Dovecot
    invitations: _Sink
    alone: _Sink
    ports: dict[str, int]


async def answering(url: str, folder: Path, rounds: int) -> list[tuple[str, Pair]]:
    """By each way: medians in milliseconds to the event, and until the mail is where Invito takes it."""
    with _place(url, folder) as place:
        async with place.invito.live() as session:
            results = []
            for way in WAYS:
                # The first round warms up.
                samples = [await _round(place, session, way) for _ in range(rounds + 1)][1:]
                ours, theirs = (median(one) * 1_000 for one in zip(*samples, strict=True))
                results.append((way, Pair(ours, theirs)))
            return results


async def _round(place: _Place, session: AsyncClientSession, way: str) -> tuple[float, float]:
    made = await place.invito.ask(_INVITE)
    watch = session.subscribe(request(_WATCH, id=made["createFollowUp"]["followUp"]["id"]))
    async with aclosing(watch) as events:
        await anext(events)
        _, invitation = await asyncio.to_thread(place.invitations.taken.get, timeout=_PATIENCE_SECONDS)
        answer = reply_mail(invitation, _SIRI, ParticipantStatus.ACCEPTED, None, datetime.now(UTC))
        handed = await asyncio.to_thread(_hand, place.ports[way], answer["To"], answer.as_bytes())
        await _answered(events)
        seen = time.perf_counter()
    return seen - handed, await asyncio.to_thread(_alone, place, way, answer.as_bytes())


async def _answered(events: AsyncIterator[dict[str, Any]]) -> None:
    async for event in events:
        if event["followUpChanged"]["participants"]["nodes"][1]["statusOrigin"] == "EMAIL_REPLY":
            return


def _alone(place: _Place, way: str, raw: bytes) -> float:
    """How long the same mail takes to somebody who does nothing but take it."""
    if way == "IMAP":
        with place.dovecot.box(_ALONE) as box:
            return _alone_by_imap(box, place.ports[way], raw)
    handed = _hand(place.ports[way], _ALONE, raw)
    return place.alone.taken.get(timeout=_PATIENCE_SECONDS)[0] - handed


def _alone_by_imap(box: BaseMailBox, port: int, raw: bytes) -> float:
    box.idle.start()
    handed = _hand(port, _ALONE, raw)
    box.idle.poll(_PATIENCE_SECONDS)
    box.idle.stop()
    assert list(box.fetch(limit=1, reverse=True, mark_seen=False))
    return time.perf_counter() - handed


def _hand(port: int, to: str, raw: bytes) -> float:
    """Hand a mail to the server at this port; when it said that it took it."""
    with smtplib.SMTP("127.0.0.1", port, local_hostname="localhost") as server:
        server.sendmail(_SIRI, [str(to)], raw)
        return time.perf_counter()


@contextmanager
def _place(url: str, folder: Path) -> Iterator[_Place]:
    out, sink, brought = free_port(), free_port(), {"LMTP": free_port(), "HTTP": free_port()}
    ports = {way: free_port() for way in WAYS}
    alone_port = free_port()
    with ExitStack() as running:
        # Where a test fails, what Dovecot wrote is shown; here it is of no use.
        running.enter_context(redirect_stderr(StringIO()))
        dovecot = running.enter_context(running_dovecot(make_certificates()))
        answers = brought | {"IMAP": dovecot.lmtp}
        invito = served(
            url,
            folder / "invito.log",
            INVITO_SMTP_URL=f"smtp+plain://127.0.0.1:{out}",
            INVITO_IMAP_URL=f"imap+plain://invito%40nordlys.example:{PASSWORD}@127.0.0.1:{dovecot.imap}",
            INVITO_LMTP_LISTEN=f"127.0.0.1:{brought['LMTP']}",
            INVITO_INBOUND_SECRET=_SECRET,
            INVITO_MAIL_DELAY_SECONDS="0",
        )
        alone = {way: dovecot.lmtp if way == "IMAP" else alone_port for way in WAYS}
        servers = [
            opensmtpd(folder, ports[way], {"nordlys.example": answers[way], "alone.example": alone[way]})
            for way in WAYS
        ]
        peers = [opensmtpd(folder, out, {"customer.example": sink}), *servers]
        server, *_ = running.enter_context(at_once(invito, *peers))
        running.enter_context(provider(server.url.replace("graphql", "mail/inbound"), _SECRET, brought["HTTP"]))
        sinks = _Sink(), _Sink()
        for there, port in zip(sinks, (sink, alone_port), strict=True):
            controller = LmtpController(there, hostname="127.0.0.1", port=port)
            controller.start()
            running.callback(controller.stop)
        yield _Place(server, dovecot, *sinks, ports)
