"""GET /schema.graphql: the schema as text, with what plugins add, for programs that make code of it."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from strawberry import Schema

from invito.answers import error_body, graphql_answer
from invito.callers import Credentials, Doorkeeper
from invito.conditional_answer import with_validator
from invito.media_types import GRAPHQL_RESPONSE
from invito.result_body import written
from invito.services.errors import Unanswerable


class SchemaFile:
    """Told to whoever may ask for anything, as by introspection."""

    def __init__(self, schema: Schema, doorkeeper: Doorkeeper) -> None:
        self._text = f"{schema.as_str()}\n"
        self._doorkeeper = doorkeeper

    async def __call__(self, request: Request) -> Response:
        try:
            await self._doorkeeper.admit(Credentials.of_headers(request.headers))
        except Unanswerable as problem:
            return graphql_answer(written(error_body(problem)), GRAPHQL_RESPONSE)
        return with_validator(request, PlainTextResponse(self._text))
