"""Ports of the loopback for servers that are told theirs before they listen."""

import socket

_GIVEN: set[int] = set()


def free_port() -> int:
    """A port that nobody listens at, each once in this process: the system gives one twice in a row at times."""
    while True:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            port = int(taken.getsockname()[1])
        if port not in _GIVEN:
            _GIVEN.add(port)
            return port
