"""A server that is told to end does, whatever plugins hang in; what it was doing for others it ends in order."""

import asyncio
import json
import signal
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.e2e.conftest import KARI, served
from tests.free_ports import free_port

HANGING = """
import asyncio, threading
from concurrent.futures import ThreadPoolExecutor
from invito.plugins import Label, Source, hookimpl

class Hotel(Source):
    key, directories = "hotel", frozenset(("hotel",))
    label = container_label = all_label = Label("Hotel", "Hotell")
    offers_all = True

    {method}

@hookimpl
def invito_participant_sources():
    return [Hotel()]
"""
LIST = '{ availableParticipants(source: "hotel") { warnings { message } } }'


WAYS = {
    "of the loop": """async def participants(self, context, query):
        await asyncio.to_thread(threading.Event().wait)""",
    "of its own": """def participants(self, context, query):
        ThreadPoolExecutor().submit(threading.Event().wait).result()""",
}


@pytest.mark.parametrize("method", WAYS.values(), ids=WAYS.keys())
async def test_a_server_ends_when_it_is_told_to_though_a_source_hangs_in_a_thread(tmp_path: Path, method: str) -> None:
    file, log = tmp_path / "hotel.py", tmp_path / "log"
    file.write_text(HANGING.format(method=method))
    hasty = {"INVITO_PLUGIN_CALL_SECONDS": "0.2"}

    with served(f"sqlite:///{tmp_path}/a.sqlite3", log, "--demo", "--plugin", str(file), **hasty) as invito:
        answer = await invito.ask(LIST)
        invito.process.send_signal(signal.SIGTERM)
        try:
            ended = invito.process.wait(timeout=60)
        finally:
            invito.kill()

    (warning,) = answer["availableParticipants"]["warnings"]
    assert "did not answer within 0.2 seconds" in warning["message"]
    assert ended == 0, log.read_text()


INVITE = """
mutation { createFollowUp(input: {
  type: APPOINTMENT, title: "Kaffe", start: "2030-05-14T10:00", emailInvitations: true,
  invitees: [{participant: {email: {address: "siri@kunde.example"}}}]
}) { followUp { id } errors { message } } }
"""
WATCH = "subscription { notificationReceived { id } }"
# RFC 6455's registry: the service is restarted, so clients come again. graphql-ws does, by itself.
SERVICE_RESTART = 1012


class SlowServer:
    """Has the mail, and acknowledges it when the test says so."""

    def __init__(self) -> None:
        self.has_mail, self.may_answer = threading.Event(), threading.Event()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd's
        self.has_mail.set()
        await asyncio.to_thread(self.may_answer.wait)
        return "250 OK"


async def test_it_closes_subscriptions_with_a_code_and_records_the_mail_that_it_is_sending(tmp_path: Path) -> None:
    file, log = tmp_path / "a.sqlite3", tmp_path / "log"

    with _listening(SlowServer()) as (slow, port):
        ways_in = free_port()
        settings = {
            "INVITO_SMTP_URL": f"smtp+plain://127.0.0.1:{port}",
            "INVITO_MAIL_DELAY_SECONDS": "0",
            "INVITO_LMTP_LISTEN": f"127.0.0.1:{ways_in}",
        }
        with served(f"sqlite:///{file}", log, "--demo", **settings) as invito:
            await invito.ask(INVITE)
            await asyncio.to_thread(slow.has_mail.wait, 60)
            url = invito.url.replace("http", "ws", 1)
            async with connect(url, subprotocols=[Subprotocol("graphql-transport-ws")]) as socket:
                await socket.send(json.dumps({"type": "connection_init", "payload": {"X-Invito-Viewer": KARI}}))
                await socket.recv()
                await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": {"query": WATCH}}))
                invito.process.send_signal(signal.SIGTERM)
                with pytest.raises(ConnectionClosed) as closed:
                    await socket.recv()
            # Mail is no longer taken in: what goes out is what is waited for.
            await _until_nobody_listens(ways_in)
            slow.may_answer.set()
            ended = await asyncio.to_thread(invito.process.wait, 60)

    with closing(sqlite3.connect(file)) as database:
        mails = database.execute("SELECT state, attempts, claimed_by FROM outbox").fetchall()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == SERVICE_RESTART
    assert mails == [("SENT", 1, None)]
    assert ended == 0, log.read_text()


async def _until_nobody_listens(port: int) -> None:
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            return
        writer.close()
        await asyncio.sleep(0.1)  # between two looks; what is waited for is the port


@contextmanager
def _listening(handler: SlowServer) -> Iterator[tuple[SlowServer, int]]:
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield handler, controller.port
    finally:
        handler.may_answer.set()
        controller.stop()
