"""Mail servers of other people, as they are: OpenSMTPD with its queue, and Xandikos as somebody's calendar."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from xml.etree import ElementTree as ET

import pytest

from tests.conftest import missing
from tests.mail_servers import free_port

T = TypeVar("T")

_PATIENCE_SECONDS = 30
_ADDRESSES = """<?xml version="1.0"?>
<D:propertyupdate xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:set><D:prop>
<C:calendar-user-address-set><D:href>mailto:{address}</D:href></C:calendar-user-address-set>
</D:prop></D:set></D:propertyupdate>"""


@contextmanager
def opensmtpd(folder: Path, relays: Mapping[str, int]) -> Iterator[int]:
    """A mail server that takes mail for these domains and hands it over by LMTP at their ports; its own port.

    It has one queue a machine, which belongs to root: tests that need it run one after the other (`xdist_group`).
    """
    if shutil.which("smtpd") is None:
        missing("OpenSMTPD is not installed (Debian: apt install opensmtpd)")
    if os.geteuid() != 0:
        missing("OpenSMTPD has to be started by root")
    port = free_port()
    rules = [
        f"listen on 127.0.0.1 port {port}",
        *(f'action "to {domain}" relay host "lmtp://127.0.0.1:{relay}"' for domain, relay in relays.items()),
        *(f'match from any for domain "{domain}" action "to {domain}"' for domain in relays),
    ]
    configuration = folder / "smtpd.conf"
    configuration.write_text("\n".join(rules) + "\n")
    with _running(["smtpd", "-d", "-f", str(configuration)], folder / "smtpd.log", port):
        yield port


@dataclass(frozen=True)
class Calendar:
    """Somebody's calendar: it takes invitations by LMTP, and answers by SMTP when they are answered over CalDAV."""

    url: str
    lmtp_port: int

    def invitation(self) -> str:
        """The address of the invitation that is in it, once one is."""
        return until(lambda: next((one for one in self._objects() if one.endswith(".ics")), ""))

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
        str(Path(sys.executable).parent / "xandikos"), "serve", "-d", str(folder / "dav"), "--defaults", "--autocreate",
        "--state-dir", str(folder / "state"), "--current-user-principal", "/user/",
        "-l", "127.0.0.1", "-p", str(port), "--imip-listen", f"127.0.0.1:{lmtp_port}",
        "--imip-send", "smtp", "--smtp-host", "127.0.0.1", "--smtp-port", str(smtp_port),
        "--smtp-from", f"calendar@{address.rpartition('@')[2]}",
    ]  # fmt: skip
    with _running(command, folder / "xandikos.log", port, lmtp_port):
        calendar = Calendar(f"http://127.0.0.1:{port}", lmtp_port)
        _ask("PROPPATCH", f"{calendar.url}/user/", _ADDRESSES.format(address=address).encode(), "application/xml")
        yield calendar


@contextmanager
def _running(command: list[str], log: Path, *ports: int) -> Iterator[None]:
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
