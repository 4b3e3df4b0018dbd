"""The largest request body that is read; nothing below us has a limit."""

from collections.abc import Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from invito.answers import too_large


class BodyLimit:
    """ASGI middleware: answers 413 to a body that is longer than `limit` bytes, whether its length is told or not.

    `by_path` are other limits, of those who read a body piece by piece.
    """

    def __init__(self, app: ASGIApp, limit: int, by_path: Mapping[str, int]) -> None:
        self._app = app
        self._limit = limit
        self._by_path = by_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._by_path.get(scope["path"].removeprefix(scope.get("root_path", "")), self._limit)
        told = _content_length(scope)
        if told > limit:
            await too_large(limit, told)(scope, receive, send)
            return
        counted = 0

        async def receive_counted() -> Message:
            nonlocal counted
            message = await receive()
            counted += len(message.get("body", b""))
            if counted > limit:
                raise _BodyTooLarge
            return message

        try:
            await self._app(scope, receive_counted, send)
        except _BodyTooLarge:
            await too_large(limit, counted)(scope, receive, send)


class _BodyTooLarge(BaseException):
    """Not an Exception, so that nothing between us and whoever reads the body takes it for a failure of its own."""


def _content_length(scope: Scope) -> int:
    told = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    return int(told) if told.isdigit() else 0
