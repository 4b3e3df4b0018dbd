"""Servers of address books that others wrote: Radicale and Xandikos."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from tests.e2e.mail_peers import running
from tests.free_ports import free_port

_PROGRAMS = Path(sys.executable).parent
_BOOK = """<?xml version="1.0"?>
<mkcol xmlns="DAV:" xmlns:A="urn:ietf:params:xml:ns:carddav"><set><prop>
<resourcetype><collection/><A:addressbook/></resourcetype><displayname>{name}</displayname></prop></set></mkcol>"""


@dataclass(frozen=True)
class CardServer:
    """`home` is the folder of the address books, of which `book` is one."""

    client: httpx2.Client
    home: str
    book: str

    @property
    def url(self) -> str:
        return str(self.client.base_url)

    def put(self, name: str, text: str, book: str | None = None) -> None:
        headers = {"Content-Type": "text/vcard"}
        answer = self.client.put(f"{book or self.book}{name}.vcf", content=text.encode(), headers=headers)
        assert answer.status_code in (201, 204), answer.text

    def take(self, name: str) -> None:
        assert self.client.delete(f"{self.book}{name}.vcf").status_code in (200, 204)

    def empty(self) -> None:
        listed = self.client.request("PROPFIND", self.book, headers={"Depth": "1"}).text
        for name in re.findall(r"([^/>]+)\.vcf<", listed):
            self.take(name)

    def make_book(self, path: str, name: str) -> None:
        answer = self.client.request("MKCOL", path, content=_BOOK.format(name=name))
        assert answer.status_code == 201, answer.text


@contextmanager
def radicale(folder: Path, port: int = 0) -> Iterator[CardServer]:
    """With an address book called Friends."""
    port = port or free_port()
    command = [
        str(_PROGRAMS / "radicale"), "-C", "", "--server-hosts", f"127.0.0.1:{port}", "--auth-type", "none",
        "--storage-filesystem-folder", str(folder / "radicale"),
    ]  # fmt: skip
    with (
        running(command, folder / "radicale.log", port),
        httpx2.Client(base_url=f"http://127.0.0.1:{port}", auth=("siri", "")) as client,
    ):
        server = CardServer(client, "/siri/", "/siri/friends/")
        if client.request("PROPFIND", server.book).status_code == 404:
            server.make_book(server.book, "Friends")
        yield server


@contextmanager
def xandikos(folder: Path, port: int = 0) -> Iterator[CardServer]:
    port = port or free_port()
    command = [
        str(_PROGRAMS / "xandikos"), "serve", "-d", str(folder / "xandikos"), "--state-dir", str(folder / "state"),
        "--defaults", "--autocreate", "--current-user-principal", "/siri/", "-l", "127.0.0.1", "-p", str(port),
    ]  # fmt: skip
    with (
        running(command, folder / "xandikos.log", port),
        httpx2.Client(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        yield CardServer(client, "/siri/contacts/", "/siri/contacts/addressbook/")


def card(uid: str, name: str, *lines: str, version: str = "4.0") -> str:
    return "\r\n".join(("BEGIN:VCARD", f"VERSION:{version}", f"UID:{uid}", f"FN:{name}", *lines, "END:VCARD", ""))
