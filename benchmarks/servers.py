"""The processes that are measured over HTTP: Invito and the bare server, each on a free port of its own."""

import http.client
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import uvicorn

from invito.asgi import create_app
from invito.settings import read_settings

VIEWER = "employee1@office.example"
# Of a server that starts, and of an answer.
_PATIENCE_SECONDS = 30
_PEERS = Path(__file__).parent / "peers"


class Client:
    """One connection that stays open, so that little but the server is measured."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE_SECONDS)

    def another(self) -> "Client":
        """One more, to the same server."""
        return Client(self._port)

    def close(self) -> None:
        self._connection.close()

    def get_bytes(self, path: str) -> bytes:
        self._connection.request("GET", path)
        return self._connection.getresponse().read()

    def post_bytes(self, path: str, body: bytes) -> bytes:
        headers = {"Content-Type": "application/json", "X-Invito-Viewer": VIEWER}
        self._connection.request("POST", path, body, headers)
        return self._connection.getresponse().read()

    def post(self, path: str, body: object) -> Any:
        return orjson.loads(self.post_bytes(path, orjson.dumps(body)))


@contextmanager
def running(module: str, url: str) -> Iterator[Client]:
    """A server of `python -m module URL PORT`, ended at the end."""
    with _running([sys.executable, "-m", module, url], []) as client:
        yield client


@contextmanager
def running_mercurius(url: str, statements: Sequence[str]) -> Iterator[Client | None]:
    """Mercurius with the same SQL; None where Node or what it needs of npm is not there."""
    node = shutil.which("node")
    if node is None or not (_PEERS / "node_modules").is_dir():
        yield None
        return
    with _running([node, str(_PEERS / "mercurius_peer.mjs"), url], statements) as client:
        yield client


@contextmanager
def _running(command: Sequence[str], rest: Sequence[str]) -> Iterator[Client]:
    """What this command serves, with a free port between it and the rest of it."""
    port = _free_port()
    process = subprocess.Popen([*command, str(port), *rest])
    try:
        _wait_for(process, port)
        yield Client(port)
    finally:
        process.terminate()
        process.wait()


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("a server that was to be measured did not start")


if __name__ == "__main__":
    settings = read_settings(
        database_url=sys.argv[1],
        mail_from="invito@office.example",
        max_page_size=1_000,
        max_query_cost=1_000_000,
        budget_cost=0,
    )
    uvicorn.run(create_app(settings, demo=True), port=int(sys.argv[2]), log_level="warning", access_log=False)
