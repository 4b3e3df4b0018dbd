"""A server that means harm, or is ill, does none: each answer here is given by a real one."""

import gzip
import ssl
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from invito_dav import DAV, DavFailure, DavServer, DavSettings, ServerAway, is_safe_to_ask
from pydantic import SecretStr

from tests.certificates import make_certificates

MULTISTATUS = b'<multistatus xmlns="DAV:">%s</multistatus>'
ONE = MULTISTATUS % (
    b"<response><href>/a/</href>"
    b"<propstat><prop><displayname> A </displayname><resourcetype><collection/></resourcetype></prop>"
    b"<status>HTTP/1.1 200 OK</status></propstat>"
    b"<propstat><prop><getetag/></prop><status>HTTP/1.1 404 Not Found</status></propstat>"
    b"</response><sync-token>t1</sync-token>"
)
LAUGHS = (
    b'<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><multistatus xmlns="DAV:"><sync-token>&b;</sync-token>'
    b"</multistatus>"
)
OUTSIDE = (
    b'<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/hostname">]><multistatus xmlns="DAV:"><sync-token>&a;</sync-token>'
    b"</multistatus>"
)
Answer = tuple[int, dict[str, str], bytes]


class Peer:
    """Gives one answer at each path, and keeps what it was asked with."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[tuple[str, str | None]] = []
        # So many blanks, one after the other, and what comes behind them.
        self.drops = 0, b""
        self.ends = threading.Event()
        peer = self

        class Handler(BaseHTTPRequestHandler):
            def do_PROPFIND(self) -> None:
                peer.asked.append((self.path, self.headers.get("Authorization")))
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, headers, body = peer.answers[self.path]
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)
                self.drop(*peer.drops)

            def drop(self, count: int, end: bytes) -> None:
                with suppress(ConnectionError):
                    for _ in range(count):
                        self.wfile.write(b" ")
                        peer.ends.wait(0.005)
                    self.wfile.write(end)

            def log_message(self, *arguments: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        scheme, host = ("http", "127.0.0.1") if context is None else ("https", "localhost")
        if context is not None:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = f"{scheme}://{host}:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def close(self) -> None:
        self.ends.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def peer() -> Iterator[Peer]:
    one = Peer()
    yield one
    one.close()


@pytest.fixture
def other() -> Iterator[Peer]:
    one = Peer()
    yield one
    one.close()


@pytest.fixture
async def server(peer: Peer) -> AsyncIterator[DavServer]:
    one = DavServer(peer.url, DavSettings(user="invito", password=SecretStr("secret")), seconds=20)
    yield one
    await one.close()


async def test_what_a_resource_has_is_read_and_what_it_has_not_left_out(peer: Peer, server: DavServer) -> None:
    peer.answers["/"] = 207, {}, ONE

    answer = await server.multistatus("PROPFIND", server.url, "")

    (one,) = answer.resources
    assert (one.href, one.text(f"{DAV}displayname"), answer.sync_token) == ("/a/", "A", "t1")
    assert f"{DAV}collection" in one.names_in(f"{DAV}resourcetype")
    assert f"{DAV}getetag" not in one.properties
    assert one.refused == {f"{DAV}getetag": 404}


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ((207, {}, LAUGHS), "XML that is not read"),
        ((207, {}, OUTSIDE), "XML that is not read"),
        ((207, {}, b"<multistatus xmlns='DAV:'>"), "XML that is not read"),
        ((207, {}, b"<html/>"), "no multistatus"),
        ((207, {}, MULTISTATUS % (b"<a/>" * 1_000_001)), "more than 1,000,000 tags"),
        ((207, {}, MULTISTATUS % (b" " * 17 * 1024 * 1024)), "more than 16 MB"),
        ((207, {"Content-Encoding": "gzip"}, gzip.compress(ONE)), "an encoding that was not asked for"),
        ((200, {}, ONE), "answered PROPFIND with 200"),
        ((401, {}, b"private"), "answered PROPFIND with 401"),
        ((207, {"Content-Length": "100000"}, ONE), "could not be asked"),
    ],
    ids=["entities", "a file", "half", "no multistatus", "tags", "size", "packed", "no 207", "refused", "broken off"],
)
async def test_an_answer_that_may_do_harm_is_refused(
    peer: Peer, server: DavServer, answer: Answer, problem: str
) -> None:
    peer.answers["/"] = answer

    with pytest.raises(DavFailure, match=problem) as refused:
        await server.multistatus("PROPFIND", server.url, "")

    assert "private" not in str(refused.value)


async def test_an_answer_that_comes_drop_by_drop_is_given_up(peer: Peer) -> None:
    drops = 2_000
    peer.answers["/"] = 207, {"Content-Length": str(drops + len(ONE))}, b""
    peer.drops = drops, ONE
    server = DavServer(peer.url, DavSettings(), seconds=0.3)

    with pytest.raises(ServerAway):
        await server.multistatus("PROPFIND", server.url, "")
    await server.close()


async def test_nobody_else_is_told_the_password_by_a_redirect(peer: Peer, other: Peer, server: DavServer) -> None:
    peer.answers["/"] = 307, {"Location": f"{other.url}/"}, b""
    other.answers["/"] = 207, {}, ONE

    with pytest.raises(DavFailure, match="another server"):
        await server.multistatus("PROPFIND", server.url, "")

    assert other.asked == []


async def test_no_proxy_of_the_environment_is_told_the_password(
    peer: Peer, other: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    peer.answers["/"] = other.answers[f"{peer.url}/"] = 207, {}, ONE
    for name in ("http_proxy", "all_proxy"):
        monkeypatch.setenv(name, other.url)
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    server = DavServer(peer.url, DavSettings(user="invito", password=SecretStr("secret")), seconds=20)

    await server.multistatus("PROPFIND", server.url, "")
    await server.close()

    assert other.asked == []
    assert [path for path, _ in peer.asked] == ["/"]


async def test_an_address_of_another_server_is_not_taken(other: Peer, server: DavServer) -> None:
    with pytest.raises(DavFailure, match="another server"):
        server.at(f"{other.url}/book/")


async def test_a_redirect_within_the_server_is_followed_with_the_password(peer: Peer, server: DavServer) -> None:
    peer.answers["/"] = 301, {"Location": "/dav/"}, b""
    peer.answers["/dav/"] = 207, {}, ONE

    await server.multistatus("PROPFIND", server.url, "")

    assert [path for path, _ in peer.asked] == ["/", "/dav/"]
    assert {authorization for _, authorization in peer.asked} == {"Basic aW52aXRvOnNlY3JldA=="}


async def test_a_server_that_sends_us_round_in_circles_is_left(peer: Peer, server: DavServer) -> None:
    peer.answers["/"] = 302, {"Location": "/"}, b""

    with pytest.raises(DavFailure, match="more than 3 times"):
        await server.multistatus("PROPFIND", server.url, "")


@pytest.mark.parametrize(("name", "is_vouched_for"), [("localhost", True), ("localhost", False), ("dav.example", True)])
async def test_a_server_is_told_the_password_once_it_is_known_to_be_the_one(
    tmp_path: Path, name: str, is_vouched_for: bool
) -> None:
    peer = Peer(make_certificates(name).server_context(tmp_path))
    peer.answers["/"] = 207, {}, ONE
    vouching = tmp_path / "authority.pem" if is_vouched_for else None
    server = DavServer(peer.url, DavSettings(user="invito", ca_file=vouching), seconds=20)

    if name == "localhost" and is_vouched_for:
        assert (await server.multistatus("PROPFIND", server.url, "")).sync_token == "t1"
    else:
        with pytest.raises(DavFailure, match="could not be asked"):
            await server.multistatus("PROPFIND", server.url, "")
        assert peer.asked == []
    await server.close()
    peer.close()


@pytest.mark.parametrize(
    ("url", "is_safe"),
    [
        ("https://dav.example/", True),
        ("http://127.0.0.1:5232/", True),
        ("http://dav.example/", False),
        ("http://127.0.0.1.dav.example/", False),
        ("ftp://127.0.0.1/", False),
        ("dav.example", False),
        ("https://", False),
    ],
)
def test_a_password_goes_over_tls_or_stays_on_this_machine(url: str, is_safe: bool) -> None:
    assert is_safe_to_ask(url) is is_safe
