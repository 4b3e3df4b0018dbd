"""/healthz: the process answers; /readyz: it can do its work, which a load balancer asks before it sends any."""

import asyncio

import structlog
from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from invito import __version__
from invito.services.house import House
from invito.services.storage.faults import loggable_cause

_PATIENCE_SECONDS = 5

log = structlog.get_logger(__name__)


async def healthz(_: Request) -> Response:
    """200 as long as the process runs: whoever gets no answer starts it anew."""
    return JSONResponse({"status": "ok", "version": __version__})


class Readiness:
    """200 while the database answers, 503 while it is away: it comes back by itself."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def __call__(self, _: Request) -> Response:
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS), self._house.database.read() as connection:
                await connection.execute(text("SELECT 1"))
        except Exception as failure:  # each driver has exceptions of its own
            log.warning("not ready", error=type(failure).__name__, **loggable_cause(failure))
            return JSONResponse({"status": "the database does not answer"}, 503, {"retry-after": "5"})
        return JSONResponse({"status": "ready"})
