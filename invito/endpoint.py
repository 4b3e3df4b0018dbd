"""/graphql: HTTP and websocket requests become operations of a caller."""

from datetime import timedelta
from functools import partial

import orjson
import structlog
from cross_web import HTTPException as ProtocolError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.schema.base import BaseSchema
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types.unset import UnsetType

from invito.answers import error_answer
from invito.callers import Credentials, Doorkeeper
from invito.schema.context import Context
from invito.services.caller import Caller
from invito.services.errors import Unanswerable
from invito.websocket import ConnectionContext, TransportHandler

_JSON = "application/json"

log = structlog.get_logger(__name__)


class GraphQLEndpoint(GraphQL[Context, None]):
    """JSON by POST, and graphql-transport-ws; no GET, no forms, no batches, no page to explore with."""

    graphql_transport_ws_handler_class = TransportHandler

    def __init__(self, schema: BaseSchema, doorkeeper: Doorkeeper) -> None:
        super().__init__(
            schema,
            graphql_ide=None,
            allow_queries_via_get=False,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=timedelta(seconds=doorkeeper.settings.websocket_init_seconds),
            # Ours have a code, and count by viewer: websocket.py, services/watch_limit.py.
            max_subscriptions_per_connection=None,
            allowed_origins=doorkeeper.settings.allowed_origins,
        )
        self._doorkeeper = doorkeeper

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        if scope["method"] != "POST":
            raise HTTPException(405, "GraphQL is asked by POST, with a body of JSON.", {"Allow": "POST"})
        request = Request(scope, receive)
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _JSON:
            raise HTTPException(415, f"The body should be of Content-Type: {_JSON}.")
        try:
            answer = await self.run(request)
        except Unanswerable as problem:
            answer = error_answer(problem)
        except ProtocolError as problem:
            raise HTTPException(problem.status_code, problem.reason) from problem
        await answer(scope, receive, send)

    def is_websocket_origin_allowed(self, request: WebSocket, origin: str) -> bool:
        is_allowed: bool = super().is_websocket_origin_allowed(request, origin)
        if not is_allowed:
            log.warning("a page opens no websocket: INVITO_ALLOWED_ORIGINS does not name its origin", origin=origin)
        return is_allowed

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:
        if isinstance(request, WebSocket):
            return ConnectionContext(self._doorkeeper.house, headers=request.headers)
        known = await self._doorkeeper.admit(Credentials.of_headers(request.headers))
        return Context(self._doorkeeper.house, known.caller)

    async def on_ws_connect(self, context: Context) -> UnsetType | dict[str, object] | None:
        assert isinstance(context, ConnectionContext)
        credentials = Credentials.of_connection(context.connection_params or {}, context.headers)
        known = await self._doorkeeper.admit(credentials)
        context.caller, context.until = known.caller, known.until
        context.identify_anew = partial(self._caller_of, credentials)
        return await super().on_ws_connect(context)

    async def _caller_of(self, credentials: Credentials) -> Caller:
        return (await self._doorkeeper.admit(credentials)).caller

    def parse_json(self, data: str | bytes) -> object:
        parsed = super().parse_json(data)
        if not isinstance(parsed, dict | list):
            raise ProtocolError(400, "The body should be a JSON object.")
        return parsed

    def decode_json(self, data: str | bytes) -> object:
        parsed: object = orjson.loads(data)
        return parsed

    def encode_json(self, data: object) -> str:
        # As text: bytes would go out as binary frames on a websocket.
        return orjson.dumps(data).decode()
