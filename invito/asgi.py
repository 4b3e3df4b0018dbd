"""The ASGI application: the routes, and the house that stands while it runs."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, nullcontext
from functools import partial

from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.types import Receive, Scope, Send
from strawberry.extensions import SchemaExtension

from invito import tracing
from invito.answer_page import AnswerPage
from invito.answers import answer_failure, answer_http_error
from invito.authentication import TokenVerifier
from invito.body_limit import BodyLimit
from invito.callers import VIEWER_HEADER, Doorkeeper
from invito.demo_hosts import DemoHosts
from invito.documents import documents_of
from invito.endpoint import GraphQLEndpoint
from invito.graphiql import GraphiQL
from invito.health import Readiness, healthz
from invito.inbound import MOST_BROUGHT_BYTES, InboundMail
from invito.lasting import lasting
from invito.metrics import MetricsPage, OperationMetrics, OperationWatch
from invito.opening import handling_mail, open_house, telling_plugins
from invito.operation_limits import operation_limits_of
from invito.plugin_parts import graphql_types_of, routes_of
from invito.schema import build_schema
from invito.schema.whole_mutations import WholeMutations
from invito.schema_file import SchemaFile
from invito.services.house import House
from invito.settings import Settings
from invito.start_page import StartPage
from invito.tracing import OperationSpan

# What answers requests, by the names that the routes know it by: it is there once the house stands.
Parts = Mapping[str, object]
_INBOUND = "/mail/inbound"
# Of nine: beyond it a page of 500 takes four times as long, and is a fifteenth smaller.
_COMPRESSION = 5
_LEAST_TO_COMPRESS = 1_000


def create_app(settings: Settings, *, demo: bool = False) -> Starlette:
    """The application with these settings; its database has to be migrated already.

    In demo mode whoever asks may name themself by `X-Invito-Viewer`: let it listen on loopback alone. It answers under
    loopback's names and those of `demo_hosts`.
    """

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[Parts]:
        async with (
            open_house(settings, settings.plugin_call_seconds) as house,
            telling_plugins(house),
            handling_mail(settings, house) if settings.mail_worker else nullcontext(),
            WholeMutations() as mutations,
        ):
            parts = await _parts_of(house, settings, mutations, demo=demo)
            with lasting():
                yield parts

    graphiql = GraphiQL(settings, demo=demo) if settings.has_graphiql else None
    endpoint = _Part("graphql")
    to_explore = ["/graphiql"] * settings.has_graphiql + ["/schema.graphql"] * settings.explore

    return Starlette(
        routes=[
            Route("/", _by("start page")),
            Route("/healthz", healthz),
            Route("/readyz", _by("readiness")),
            *([Route("/metrics", _by("metrics"))] if _text_of(settings.metrics_token) else []),
            Route("/graphql", graphiql.before(endpoint) if graphiql else endpoint),
            WebSocketRoute("/graphql", endpoint),
            *(graphiql.routes if graphiql else []),
            *([Route("/schema.graphql", _by("schema file"))] if settings.explore else []),
            Mount("/plugins", _Part("plugins")),
            Route("/answer/{token}", _by("answer page"), methods=["GET", "POST"]),
            *([Route(_INBOUND, _by("inbound mail"), methods=["POST"])] if _text_of(settings.inbound_secret) else []),
        ],
        middleware=[
            *([Middleware(DemoHosts, others=settings.demo_hosts)] if demo else []),
            *_pages_of_others(settings),
            Middleware(GZipMiddleware, compresslevel=_COMPRESSION, minimum_size=_LEAST_TO_COMPRESS),
            Middleware(BodyLimit, limit=settings.max_body_bytes, by_path={_INBOUND: MOST_BROUGHT_BYTES}),
        ],
        exception_handlers={
            HTTPException: partial(answer_http_error, to_explore=to_explore),
            Exception: answer_failure,
        },
        lifespan=lifespan,
    )


async def _parts_of(house: House, settings: Settings, mutations: WholeMutations, *, demo: bool) -> Parts:
    """What answers, now that the house stands."""
    doorkeeper = Doorkeeper(house, TokenVerifier(settings), settings, demo)
    metrics_token = _text_of(settings.metrics_token)
    registry = CollectorRegistry()
    operations = OperationMetrics(registry)
    watching: list[Callable[[], SchemaExtension]] = [OperationSpan] if tracing.is_there else []
    if metrics_token:
        watching.append(lambda: OperationWatch(operations))
    schema = build_schema(await graphql_types_of(house.plugins), operation_limits_of(settings), watching, mutations)
    documents = documents_of(settings, schema)
    return {
        "start page": StartPage(documents, demo=demo, has_graphiql=settings.has_graphiql),
        "graphql": GraphQLEndpoint(schema, doorkeeper, documents),
        "schema file": SchemaFile(schema, doorkeeper),
        "answer page": AnswerPage(house),
        "inbound mail": InboundMail(house, _text_of(settings.inbound_secret)),
        "readiness": Readiness(house),
        "metrics": MetricsPage(house, registry, metrics_token),
        "plugins": await routes_of(house.plugins),
    }


def _text_of(secret: SecretStr | None) -> str:
    """Empty where none is set."""
    return "" if secret is None else secret.get_secret_value()


def _pages_of_others(settings: Settings) -> list[Middleware]:
    """CORS for the pages that may ask: no cookies, since who asks is told in a header that the page sets itself."""
    origins = [origin.rstrip("/").lower() for origin in settings.allowed_origins]
    cors = Middleware(
        CORSMiddleware,
        allow_origins=origins,
        allow_methods=["GET", "POST"],
        allow_headers=["Authorization", "Content-Type", "If-None-Match", VIEWER_HEADER],
        expose_headers=["ETag", "Retry-After", "WWW-Authenticate"],
    )
    return [cors] if origins else []


class _Part:
    """What a part of this name does with a request or a websocket, an application of its own."""

    def __init__(self, name: str) -> None:
        self._name = name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await scope["state"][self._name](scope, receive, send)


def _by(part: str) -> Callable[[Request], Awaitable[Response]]:
    """What the part of this name answers, which the house brought along when it stood."""

    async def answer(request: Request) -> Response:
        response: Response = await request.scope["state"][part](request)
        return response

    return answer
