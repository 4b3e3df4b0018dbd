"""/graphql: requests of HTTP and websockets become operations of a caller."""

from datetime import timedelta
from functools import partial

import orjson
import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.schema.base import BaseSchema
from strawberry.schema.exceptions import InvalidOperationTypeError
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types.graphql import OperationType
from strawberry.types.unset import UnsetType

from invito.answers import error_answer, error_body, graphql_answer
from invito.asked import Asked, NotAsked, TooDeep
from invito.callers import Credentials, Doorkeeper
from invito.conditional_answer import with_validator
from invito.documents import Documents
from invito.event_stream import EventStream
from invito.leaving_clients import ClientLeft, while_client_stays
from invito.media_types import EVENT_STREAM, GRAPHQL_RESPONSE, JSON, media_type_of, wanted_media_type
from invito.result_body import body_of, written
from invito.schema.context import Context
from invito.schema.errors import needs_post
from invito.services.caller import Caller
from invito.services.errors import Unanswerable
from invito.services.language import current_language
from invito.websocket import ClosingWebSocket, ConnectionContext, TransportHandler

_METHODS = "GET, POST"
# As nginx has it; nobody is there to read it.
_CLIENT_LEFT = 499

log = structlog.get_logger(__name__)


class GraphQLEndpoint(GraphQL[Context, None]):
    """GraphQL over HTTP, its results as one answer or as server-sent events, and graphql-transport-ws.

    No forms, no batches, no mutation by GET: what a page of another origin can send unasked changes nothing.
    """

    graphql_transport_ws_handler_class = TransportHandler
    websocket_adapter_class = ClosingWebSocket

    def __init__(self, schema: BaseSchema, doorkeeper: Doorkeeper, documents: Documents) -> None:
        super().__init__(
            schema,
            graphql_ide=None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=timedelta(seconds=doorkeeper.settings.websocket_init_seconds),
            # Ours have a code, and count by viewer: websocket.py, services/watch_limit.py.
            max_subscriptions_per_connection=None,
            allowed_origins=doorkeeper.settings.allowed_origins,
        )
        self._documents = documents
        self._doorkeeper = doorkeeper

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        answer = await self._answer(Request(scope, receive))
        await answer(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        """
        :raises HTTPException: it is no request of GraphQL over HTTP.
        """
        if request.method not in ("GET", "POST"):
            raise HTTPException(405, "GraphQL is asked by GET, and by POST with a body of JSON.", {"Allow": _METHODS})
        wanted = wanted_media_type(request.headers.get("accept"))
        if wanted is None:
            raise HTTPException(406, f"Answers are {GRAPHQL_RESPONSE}, {JSON} or {EVENT_STREAM}: accept one of them.")
        try:
            return await self._carried_out(request, wanted)
        except TooDeep as problem:
            return error_answer(problem, 400)
        except Unanswerable as problem:
            return graphql_answer(written(error_body(problem)), JSON if wanted == JSON else GRAPHQL_RESPONSE)

    async def _carried_out(self, request: Request, wanted: str) -> Response:
        credentials = Credentials.of_headers(request.headers)
        known = await self._doorkeeper.admit(credentials)
        current_language.set(known.caller.language)
        asked = await _asked(request)
        document = self._documents.text_of(asked)
        context = Context(self._doorkeeper.house, known.caller, identify_anew=partial(self._caller_of, credentials))
        if wanted == EVENT_STREAM:
            results = await self.schema.stream(
                document,
                asked.variables,
                context,
                operation_name=asked.operation_name,
                allowed_operation_types=_allowed(request) | {OperationType.SUBSCRIPTION},
            )
            return EventStream(results, known.until)
        executed = self.schema.execute(
            document,
            asked.variables,
            context,
            operation_name=asked.operation_name,
            allowed_operation_types=_allowed(request),
        )
        try:
            result = await while_client_stays(request.receive, executed)
        except ClientLeft:
            return Response(status_code=_CLIENT_LEFT)
        except InvalidOperationTypeError:
            raise HTTPException(405, needs_post(), {"Allow": "POST"}) from None
        told = written(body_of(result))
        answer = graphql_answer(told, wanted)
        if request.method != "GET" or "errors" in told.body:
            return answer
        return with_validator(request, answer, orjson.dumps(result.data))

    def is_websocket_origin_allowed(self, request: WebSocket, origin: str) -> bool:
        is_allowed: bool = super().is_websocket_origin_allowed(request, origin)
        if not is_allowed:
            log.warning("a page opens no websocket: INVITO_ALLOWED_ORIGINS does not name its origin", origin=origin)
        return is_allowed

    async def create_websocket_response(self, request: WebSocket, subprotocol: str | None) -> WebSocket:
        # A browser sees no close code of a handshake that takes none of the subprotocols it named (WHATWG WebSockets
        # §2): one that is not spoken is taken as well, and closed with 4406 at once.
        named = request["subprotocols"]
        return await super().create_websocket_response(request, subprotocol or (named[0] if named else None))

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:
        return ConnectionContext(self._doorkeeper.house, headers=request.headers, documents=self._documents)

    async def on_ws_connect(self, context: Context) -> UnsetType | dict[str, object] | None:
        assert isinstance(context, ConnectionContext)
        credentials = Credentials.of_connection(context.connection_params or {}, context.headers)
        known = await self._doorkeeper.admit(credentials)
        context.caller, context.until = known.caller, known.until
        context.identify_anew = partial(self._caller_of, credentials)
        return await super().on_ws_connect(context)

    async def _caller_of(self, credentials: Credentials) -> Caller:
        return (await self._doorkeeper.admit(credentials)).caller

    def decode_json(self, data: str | bytes) -> object:
        parsed: object = orjson.loads(data)
        return parsed

    def encode_json(self, data: object) -> str:
        # As text: bytes would go out as binary frames on a websocket.
        return orjson.dumps(data).decode()


async def _asked(request: Request) -> Asked:
    """
    :raises HTTPException: 415 or 400: it asks nothing.
    """
    try:
        return Asked.of_url(request.query_params) if request.method == "GET" else Asked.of_body(await _body_of(request))
    except NotAsked as problem:
        raise HTTPException(400, str(problem)) from None


async def _body_of(request: Request) -> bytes:
    type_, parameters = media_type_of(request.headers.get("content-type", ""))
    if type_ != JSON or parameters.get("charset", "utf-8") not in ("utf-8", "utf8"):
        raise HTTPException(415, f"The body should be of Content-Type: {JSON}, in UTF-8.")
    return await request.body()


def _allowed(request: Request) -> set[OperationType]:
    return {OperationType.QUERY} if request.method == "GET" else {OperationType.QUERY, OperationType.MUTATION}
