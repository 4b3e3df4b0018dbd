"""The ASGI application: the routes, and the house that stands while it runs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import Receive, Scope, Send

from invito import __version__
from invito.answer_page import AnswerPage
from invito.answers import answer_failure, answer_http_error
from invito.authentication import TokenVerifier
from invito.body_limit import BodyLimit
from invito.callers import VIEWER_HEADER, Doorkeeper
from invito.endpoint import GraphQLEndpoint
from invito.inbound import InboundMail
from invito.opening import handling_mail, open_house
from invito.schema import build_schema
from invito.settings import Settings
from invito.start_page import start_page


def create_app(settings: Settings, *, demo: bool = False) -> Starlette:
    """The application with these settings; its database has to be migrated already.

    In demo mode whoever asks may name themself by `X-Invito-Viewer`: let it listen on loopback alone.
    """
    graphql, answer, inbound = _Graphql(), _Answer(), _Inbound()
    secret = settings.inbound_secret.get_secret_value() if settings.inbound_secret is not None else ""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with (
            open_house(settings) as house,
            handling_mail(settings, house) if settings.mail_worker else nullcontext(),
        ):
            doorkeeper = Doorkeeper(house, TokenVerifier(settings), settings, demo)
            graphql.endpoint = GraphQLEndpoint(build_schema(), doorkeeper)
            answer.page = AnswerPage(house)
            inbound.intake = InboundMail(house, secret)
            yield

    async def start(request: Request) -> Response:
        return start_page(request, demo=demo)

    return Starlette(
        routes=[
            Route("/", start),
            Route("/healthz", _healthz),
            Route("/graphql", graphql),
            WebSocketRoute("/graphql", graphql),
            Route("/answer/{token}", answer.show, methods=["GET", "POST"]),
            *([Route("/mail/inbound", inbound.take, methods=["POST"])] if secret else []),
        ],
        middleware=[*_pages_of_others(settings), Middleware(BodyLimit, limit=settings.max_body_bytes)],
        exception_handlers={HTTPException: answer_http_error, Exception: answer_failure},
        lifespan=lifespan,
    )


def _pages_of_others(settings: Settings) -> list[Middleware]:
    """CORS for the pages that may ask: no cookies, since who asks is told in a header that the page sets itself."""
    origins = [origin.rstrip("/").lower() for origin in settings.allowed_origins]
    headers = ["Authorization", "Content-Type", VIEWER_HEADER]
    cors = Middleware(CORSMiddleware, allow_origins=origins, allow_methods=["POST"], allow_headers=headers)
    return [cors] if origins else []


class _Graphql:
    """The place of the endpoint among the routes, which are there before the house stands."""

    endpoint: GraphQLEndpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.endpoint(scope, receive, send)


class _Answer:
    """The place of the answer page, likewise."""

    page: AnswerPage

    async def show(self, request: Request) -> Response:
        return await self.page(request)


class _Inbound:
    """The place of the intake of mail, likewise."""

    intake: InboundMail

    async def take(self, request: Request) -> Response:
        return await self.intake(request)


async def _healthz(_: Request) -> Response:
    return JSONResponse({"status": "ok", "version": __version__})
