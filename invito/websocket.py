"""GraphQL over a websocket (graphql-transport-ws): who is connected, and until when."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import orjson
from graphql import GraphQLError
from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
    Operation,
)
from strawberry.subscriptions.protocols.graphql_transport_ws.types import (
    ConnectionInitMessage,
    Message,
    SubscribeMessage,
)

from invito.answers import error_body
from invito.asked import Asked, NotAsked
from invito.documents import Documents
from invito.result_body import written
from invito.schema.context import Context
from invito.schema.errors import answered, too_many_operations
from invito.services.errors import Unanswerable, UnanswerableCode
from invito.services.language import current_language
from invito.token_expiry import wait_until

_UNAUTHORIZED = 4401
_FORBIDDEN = 4403
# RFC 6455's registry: clients that give up after 4403 try again after this one.
_TRY_AGAIN_LATER = 1013
# What a close frame has room for (RFC 6455 §5.5), less the two bytes of its code.
_LONGEST_REASON_BYTES = 123
# Of queries and mutations that run at once besides subscriptions, which are counted by viewer.
_MOST_OPERATIONS = 100


@dataclass(slots=True)
class ConnectionContext(Context):
    """The context of a connection: which documents it may name, its handshake's headers, and the instant in UTC when
    its token expires."""

    documents: Documents = field(kw_only=True)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    until: datetime | None = None


class ClosingWebSocket(ASGIWebSocketAdapter):
    """Closes with a reason that fits into the frame: the library quotes in it what a client sent, at any length."""

    async def close(self, code: int, reason: str) -> None:
        await super().close(code, reason.encode()[:_LONGEST_REASON_BYTES].decode(errors="ignore"))


class TransportHandler(BaseGraphQLTransportWSHandler[Context, None]):
    """Closes the connection when its token expires, and looks up anew for each operation who asks."""

    _expiry: asyncio.Task[None] | None = None

    async def handle_connection_init(self, message: ConnectionInitMessage) -> None:
        try:
            await super().handle_connection_init(message)
        except Unanswerable as problem:
            code = _FORBIDDEN if problem.code is UnanswerableCode.UNAUTHENTICATED else _TRY_AGAIN_LATER
            await self.websocket.close(code, problem.message)
            return
        if self.connection_acknowledged and isinstance(self.context, ConnectionContext) and self.context.until:
            self._expiry = asyncio.create_task(self._close_at(self.context.until))

    async def handle_message(self, message: Message) -> None:
        if _is_well_formed(message):
            await super().handle_message(message)
        else:
            await self.handle_invalid_message("Message of an unknown form")

    async def handle_subscribe(self, message: SubscribeMessage) -> None:
        if not self.connection_acknowledged or message["id"] in self.operations:
            await super().handle_subscribe(message)
        elif len(self.operations) >= _MOST_OPERATIONS:
            await self._refuse(message, [too_many_operations(_MOST_OPERATIONS).formatted])
        else:
            await self._subscribe(message)

    async def _subscribe(self, message: SubscribeMessage) -> None:
        assert isinstance(self.context, ConnectionContext)
        assert self.context.caller is not None
        current_language.set(self.context.caller.language)
        try:
            message["payload"]["query"] = self.context.documents.text_of(Asked.of(message["payload"]))
        except NotAsked as problem:
            await self.handle_invalid_message(str(problem))
        except Unanswerable as problem:
            await self._refuse(message, error_body(problem)["errors"])
        else:
            await super().handle_subscribe(message)

    async def _refuse(self, message: SubscribeMessage, errors: object) -> None:
        await self.websocket.send_json({"id": message["id"], "type": "error", "payload": errors})

    async def run_operation(self, operation: Operation[Context, None]) -> None:
        try:
            if self.context.identify_anew is not None:
                self.context.caller = await self.context.identify_anew()
        except Exception as problem:  # whatever it is, this operation has an answer and the others go on
            await operation.send_initial_errors([answered(GraphQLError(str(problem), original_error=problem))])
            return
        await super().run_operation(operation)

    async def send_message(self, message: Message) -> None:
        if message["type"] == "next":
            payload = orjson.Fragment(written(message["payload"]).json)
            await self.websocket.send_json({**message, "payload": payload})
        else:
            await super().send_message(message)

    async def shutdown(self) -> None:
        if self._expiry is not None:
            self._expiry.cancel()
        await super().shutdown()

    async def _close_at(self, until: datetime) -> None:
        await wait_until(until)
        for operation_id in list(self.operations):
            await self.cleanup_operation(operation_id)
        await self.websocket.close(_UNAUTHORIZED, "Token expired")


def _is_well_formed(message: object) -> bool:
    """Whether the fields have the types that the protocol gives them, which nothing else checks."""
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        return False
    if message["type"] in ("subscribe", "complete") and not isinstance(message.get("id"), str):
        return False
    return message["type"] != "subscribe" or isinstance(message.get("payload"), dict)
