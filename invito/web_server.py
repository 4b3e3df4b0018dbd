"""The web server that the application runs in, with the limits that are the server's to keep."""

from urllib.parse import urlsplit

import uvicorn
from starlette.types import ASGIApp

from invito.settings import Settings
from invito.stalled_clients import impatient_http, impatient_websocket

_GRACE_SECONDS = 5


def server_config(app: ASGIApp, settings: Settings) -> uvicorn.Config:
    """What uvicorn is told: websocket messages are bounded, and clients that stop reading are dropped."""
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        http=impatient_http(settings.client_stall_seconds),
        ws=impatient_websocket(settings.client_stall_seconds),
        ws_max_size=settings.max_websocket_message_bytes,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        root_path=path_prefix(settings),
    )


def path_prefix(settings: Settings) -> str:
    """The path that the public URL has, which a proxy in front takes away: pages that name addresses put it back."""
    return urlsplit(settings.public_url or "").path.rstrip("/")
