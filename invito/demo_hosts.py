"""The names under which a demo answers: any page can have a name of its own lead to this machine (DNS rebinding)."""

import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from invito.answers import error_answer
from invito.services.errors import Unanswerable, UserErrorCode

_NAME = re.compile(r"[\w.:\[\]-]*")


class DemoHosts:
    """ASGI middleware: answers 403 to a request or a handshake whose `Host` is neither loopback nor one of `others`."""

    def __init__(self, app: ASGIApp, others: Iterable[str]) -> None:
        self._app = app
        self._others = frozenset(map(str.lower, others))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            # Of several, each could be the one that somebody goes by.
            hosts = Headers(scope=scope).getlist("host") or [""]
            strange = next((host for host in hosts if not self._is_known(host)), None)
            if strange is not None:
                await error_answer(_not_known(strange), 403)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _is_known(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        return is_loopback(name) or name in self._others


def is_loopback(host: str) -> bool:
    """Whether it can be nothing but this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _not_known(host: str) -> Unanswerable:
    # What is no name is not said again: it was written to be.
    name = f"{host[:100]!r}" if _NAME.fullmatch(host) else "what Host says"
    message = (
        "In demo mode anybody may be anybody, so it answers at localhost, 127.0.0.1 and [::1] alone, "
        f"not at {name}. Behind a port forward that has a name of its own, name it in INVITO_DEMO_HOSTS."
    )
    return Unanswerable(UserErrorCode.FORBIDDEN, message)
