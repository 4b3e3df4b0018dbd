"""GraphiQL, at /graphql for browsers and at /graphiql for whoever: the page that web/graphiql is built into."""

import json
from collections.abc import Mapping
from os import PathLike, stat_result
from pathlib import Path
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from invito.settings import Settings
from invito.start_page import KARI

_BUILT = Path(__file__).parent / "built" / "graphiql"
NOT_BUILT = "It is not built: `make graphiql` does so in a clone, then start anew."
# What index.html has in place of what the page is to know.
_NOTHING_KNOWN = '<script type="application/json" id="service">{}</script>'
# Nothing comes from elsewhere or goes there. Scripts and workers are files, none inline, evaluated or from a blob. The
# editor writes style attributes and elements as it draws its lines, which no nonce covers; the style sheet holds fonts.
_POLICY = (
    "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; style-src 'self' 'unsafe-inline'; "
    "font-src 'self' data:; img-src 'self' data:; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)
# The parameters by which an operation is asked for by GET.
_ASKING = {"query", "documentId", "extensions"}
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def is_graphiql_built() -> bool:
    """Whether this installation has the page: what was packed without npm has none."""
    return (_BUILT / "index.html").is_file()


class GraphiQL:
    """The page as it is served, which knows of whom to ask as in a demo."""

    def __init__(self, settings: Settings, *, demo: bool) -> None:
        viewers = [KARI, *(one for one in settings.administrators if one != KARI)] if demo else []
        known = {"demo": demo, "viewers": viewers, "timeZone": settings.time_zone}
        self._page = _page(known) if is_graphiql_built() else None

    @property
    def routes(self) -> list[BaseRoute]:
        """Those of the page and of its files."""
        files = _BUILT / "graphiql"
        return [
            Route("/graphiql", self.answer),
            # The page's addresses are relative to /graphiql.
            Route("/graphiql/", _without_slash),
            *([Mount("/graphiql", _Files(directory=files))] if self._page is not None else []),
        ]

    def before(self, endpoint: ASGIApp) -> ASGIApp:
        """The endpoint, but for browsers that come to look."""
        return _BeforeEndpoint(self, endpoint)

    async def answer(self, request: Request) -> Response:
        """The page, or what is missing."""
        if self._page is None:
            return PlainTextResponse(f"This would be GraphiQL. {NOT_BUILT}\n", 404, headers={"Vary": "Accept"})
        return HTMLResponse(self._page, headers=_HEADERS | {"Cache-Control": "no-cache", "Vary": "Accept"})


class _BeforeEndpoint:
    def __init__(self, graphiql: GraphiQL, endpoint: ASGIApp) -> None:
        self._graphiql = graphiql
        self._endpoint = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = await self._graphiql.answer(Request(scope)) if _comes_to_look(scope) else self._endpoint
        await app(scope, receive, send)


class _Files(StaticFiles):
    """Files whose names change with what is in them."""

    def file_response(
        self,
        full_path: str | PathLike[str],
        stat_result: stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        # A worker goes by the policy of its own file.
        response.headers.update(_HEADERS | {"Cache-Control": "public, max-age=31536000, immutable"})
        return response


def _comes_to_look(scope: Scope) -> bool:
    """Whether a browser was sent here, and neither a query nor a program that would take a page for its answer."""
    accepted = Headers(scope=scope).get("accept", "")
    asks = _ASKING & parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True).keys()
    return scope["method"] in ("GET", "HEAD") and "text/html" in accepted and "json" not in accepted and not asks


def _page(known: Mapping[str, object]) -> str:
    # No text of it ends the script element.
    told = json.dumps(known).replace("<", "\\u003c")
    page = (_BUILT / "index.html").read_text(encoding="utf-8")
    return page.replace(_NOTHING_KNOWN, _NOTHING_KNOWN.replace("{}", told))


async def _without_slash(_: Request) -> Response:
    return RedirectResponse("../graphiql")
