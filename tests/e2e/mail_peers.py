"""Mail servers of other people, as they are: OpenSMTPD with its queue, Xandikos as somebody's calendar, a provider."""

import asyncio
import os
import shlex
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Container, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from xml.etree import ElementTree as ET

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import Envelope, Session

from invito.inbound_signature import signature
from tests.conftest import missing
from tests.free_ports import free_port

T = TypeVar("T")

_PATIENCE_SECONDS = 30
_ADDRESSES = """<?xml version="1.0"?>
<D:propertyupdate xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:set><D:prop>
<C:calendar-user-address-set><D:href>mailto:{address}</D:href></C:calendar-user-address-set>
</D:prop></D:set></D:propertyupdate>"""


@contextmanager
def at_once(*peers: AbstractContextManager[Any]) -> Iterator[list[Any]]:
    """Several peers, started side by side: each knows the ports of the others before they listen."""
    with ExitStack() as entering:
        with ThreadPoolExecutor(len(peers)) as threads:
            entered = list(threads.map(entering.enter_context, peers))
        yield entered


@contextmanager
def opensmtpd(folder: Path, port: int, ways: Mapping[str, int]) -> Iterator[None]:
    """A mail server that takes mail for these domains and hands it over by LMTP at their ports.

    Its queue and its control socket have fixed places, one a machine. It sees these as empty folders of its own, since
    a second one, and the next one too while the processes of the last are still ending, finds that socket taken.
    By its action `lmtp`, and not `relay`: between two connections to one address that waits for five seconds.
    """
    if shutil.which("smtpd") is None:
        missing("OpenSMTPD is not installed (Debian: apt install opensmtpd)")
    if os.geteuid() != 0:
        missing("OpenSMTPD has to be started by root")
    rules = [
        f"listen on 127.0.0.1 port {port}",
        'table anybody { "@" = nobody }',
        *(f'action "to {name}" lmtp "127.0.0.1:{at}" rcpt-to virtual <anybody>' for name, at in ways.items()),
        *(f'match from any for domain "{name}" action "to {name}"' for name in ways),
    ]
    configuration = folder / f"smtpd-{port}.conf"
    configuration.write_text("\n".join(rules) + "\n")
    of_its_own = (
        "mount -t tmpfs queue /var/spool && mkdir -m 711 /var/spool/smtpd && mount -t tmpfs -o mode=755 socket /run"
    )
    start = f"{of_its_own} && exec smtpd -d -f {shlex.quote(str(configuration))}"
    command = ["unshare", "--mount", "--propagation", "private", "sh", "-c", start]
    with running(command, folder / f"smtpd-{port}.log", port):
        yield


@contextmanager
def provider(url: str, secret: str, lmtp_port: int) -> Iterator[None]:
    """Somebody who takes mail and brings it to a service by signed HTTP; what is not taken there comes again."""
    controller = LmtpController(_Bringing(url, secret), hostname="127.0.0.1", port=lmtp_port)
    controller.start()
    try:
        yield
    finally:
        controller.stop()


class LmtpController(Controller):
    """aiosmtpd in a thread of its own, by the rules of LMTP."""

    def factory(self) -> LMTP:
        return LMTP(self.handler, hostname="provider.example", enable_SMTPUTF8=True)


class _Bringing:
    def __init__(self, url: str, secret: str) -> None:
        self._url = url
        self._secret = secret

    async def handle_DATA(self, _: LMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd's name
        assert isinstance(envelope.content, bytes)
        status = await asyncio.to_thread(self._bring, envelope.content, envelope)
        return "250 2.0.0 Brought" if status == 202 else f"451 4.3.0 The service said {status}"

    def _bring(self, raw: bytes, envelope: Envelope) -> int:
        now = int(time.time())
        headers = {
            "webhook-id": str(now),
            "webhook-timestamp": str(now),
            "webhook-signature": signature(self._secret, str(now), now, raw),
            "x-envelope-from": envelope.mail_from or "",
            "x-envelope-to": envelope.rcpt_tos[0],
        }
        with urllib.request.urlopen(urllib.request.Request(self._url, raw, headers), timeout=10) as answer:
            return int(answer.status)


@dataclass(frozen=True)
class Calendar:
    """Somebody's calendar: it takes invitations by LMTP, and answers by SMTP when they are answered over CalDAV."""

    url: str
    lmtp_port: int

    def invitation(self, known: Container[str] = ()) -> str:
        """The address of an invitation that is in it and was not known, once there is one."""
        return until(lambda: next((one for one in self._objects() if one.endswith(".ics") and one not in known), ""))

    def answer(self, address: str, partstat: str) -> None:
        """Answer as a calendar program does: the event with another PARTSTAT, put back."""
        url = self.url + address
        text = _ask("GET", url).decode()
        unfolded = text.replace("\r\n ", "").replace("\n ", "")
        answered = unfolded.replace("PARTSTAT=NEEDS-ACTION", f"PARTSTAT={partstat}")
        assert answered != unfolded
        _ask("PUT", url, answered.encode(), "text/calendar")

    def _objects(self) -> list[str]:
        found = ET.fromstring(_ask("PROPFIND", f"{self.url}/user/calendars/calendar/", depth="1"))
        return [href.text or "" for href in found.iter("{DAV:}href")]


@contextmanager
def xandikos(folder: Path, address: str, lmtp_port: int, smtp_port: int) -> Iterator[Calendar]:
    """The calendar of whoever has this address; its answers leave by way of a mail server at `smtp_port`."""
    port = free_port()
    command = [
        str(Path(sys.executable).parent / "xandikos"), "serve", "-d", str(folder / f"dav-{port}"),
        "--defaults", "--autocreate", "--state-dir", str(folder / f"state-{port}"),
        "--current-user-principal", "/user/",
        "-l", "127.0.0.1", "-p", str(port), "--imip-listen", f"127.0.0.1:{lmtp_port}",
        "--imip-send", "smtp", "--smtp-host", "127.0.0.1", "--smtp-port", str(smtp_port),
        "--smtp-from", f"calendar@{address.rpartition('@')[2]}",
    ]  # fmt: skip
    with running(command, folder / f"xandikos-{port}.log", port, lmtp_port):
        calendar = Calendar(f"http://127.0.0.1:{port}", lmtp_port)
        _ask("PROPPATCH", f"{calendar.url}/user/", _ADDRESSES.format(address=address).encode(), "application/xml")
        yield calendar


@contextmanager
def running(command: list[str], log: Path, *ports: int) -> Iterator[None]:
    """The program, from when it listens at these ports to the end; its log is shown where a test fails."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        until(lambda: all(map(_listens, ports)) or process.poll() is not None)
        if process.poll() is not None:
            pytest.fail(f"{command[0]} did not start:\n{log.read_text()}")
        yield
    except BaseException:
        sys.stderr.write(f"{log.name}:\n{log.read_text()[-5_000:]}\n")
        raise
    finally:
        process.terminate()
        process.wait()


def until(look: Callable[[], T]) -> T:
    """What `look` finds once it finds something; a test that waits in vain fails."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not (found := look()):
        if time.monotonic() > deadline:
            pytest.fail("waited in vain")
        time.sleep(0.02)  # between two looks; what is waited for is what is found
    return found


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _ask(method: str, url: str, body: bytes | None = None, kind: str = "", depth: str = "0") -> bytes:
    headers = {"Depth": depth} | ({"Content-Type": kind} if kind else {})
    with urllib.request.urlopen(urllib.request.Request(url, body, headers, method=method), timeout=10) as answer:
        return bytes(answer.read())
