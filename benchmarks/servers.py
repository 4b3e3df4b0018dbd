"""The processes that are measured over HTTP: Invito and the bare server, each on a free port of its own."""

import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import uvicorn

from invito.asgi import create_app
from invito.settings import read_settings

VIEWER = "employee1@office.example"
_PATIENCE_SECONDS = 30


class Client:
    """One connection that stays open, so that little but the server is measured."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port)

    def get(self, path: str) -> Any:
        self._connection.request("GET", path)
        return orjson.loads(self._connection.getresponse().read())

    def post(self, path: str, body: object) -> Any:
        headers = {"Content-Type": "application/json", "X-Invito-Viewer": VIEWER}
        self._connection.request("POST", path, orjson.dumps(body), headers)
        return orjson.loads(self._connection.getresponse().read())


@contextmanager
def running(module: str, url: str) -> Iterator[Client]:
    """A server of `python -m module URL PORT`, ended at the end."""
    port = _free_port()
    process = subprocess.Popen([sys.executable, "-m", module, url, str(port)])
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
    settings = read_settings(database_url=sys.argv[1], mail_from="invito@office.example")
    uvicorn.run(create_app(settings, demo=True), port=int(sys.argv[2]), log_level="warning", access_log=False)
