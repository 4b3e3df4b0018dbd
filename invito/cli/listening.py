"""The socket that `invito serve` listens at."""

import socket

_MOST_TRIES = 50


def listening_socket(host: str, port: int, *, is_named: bool) -> socket.socket:
    """A socket bound to this port or, where nobody named it, to the next that is free.

    :raises OSError: the port, or all that were tried, are taken; or it is not an address of this machine.
    """
    ports = [port] if is_named or port == 0 else range(port, min(port + _MOST_TRIES, 65536))
    problem = OSError("no port")
    for one in ports:
        try:
            return _bound(host, one)
        except OSError as taken:
            problem = taken
    raise problem


def _bound(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        # Only listening tells whether another listens at the port already.
        listening.listen()
    except OSError:
        listening.close()
        raise
    return listening
