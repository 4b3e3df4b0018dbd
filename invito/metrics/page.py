"""/metrics, for whoever has the token: it stands at the port that everybody reaches."""

import asyncio
import hmac

import structlog
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from invito.authentication import InvalidToken, bearer_token
from invito.metrics.present import PresentState
from invito.services.house import House
from invito.services.mail_backlog import MailBacklog, mail_backlog
from invito.services.storage.faults import loggable_cause

_PATIENCE_SECONDS = 5

log = structlog.get_logger(__name__)


class MetricsPage:
    """All that is in the registry, and what is so at the moment; it answers while the database is away."""

    def __init__(self, house: House, registry: CollectorRegistry, token: str) -> None:
        self._house = house
        self._registry = registry
        self._expected = token.encode()
        self._present = PresentState(house)
        registry.register(self._present)

    async def __call__(self, request: Request) -> Response:
        """
        :raises HTTPException: 401: the token is another, or none.
        """
        if not self._is_known(request.headers.get("authorization", "")):
            told = "The token should be that of INVITO_METRICS_TOKEN."
            raise HTTPException(401, told, {"WWW-Authenticate": "Bearer"})
        self._present.backlog = await self._backlog()
        return Response(generate_latest(self._registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)

    def _is_known(self, authorization: str) -> bool:
        try:
            return hmac.compare_digest(bearer_token(authorization).encode(), self._expected)
        except InvalidToken:
            return False

    async def _backlog(self) -> MailBacklog | None:
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                return await mail_backlog(self._house)
        except Exception as failure:  # each driver has exceptions of its own
            log.warning("nobody knows what waits", error=type(failure).__name__, **loggable_cause(failure))
            return None
