"""What plugins add to the service besides sources: fields of the schema, and routes below /plugins/NAME."""

from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Mount, Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from invito.answers import failure_answer
from invito.plugins.border.reading import WrongAnswer, is_not, sequence_of
from invito.plugins.graphql_types import GraphQLTypes
from invito.plugins.plugin_manager import PluginManager

_MOST_ROUTES = 1_000

log = structlog.get_logger(__name__)


async def graphql_types_of(plugins: PluginManager) -> Mapping[str, GraphQLTypes]:
    """By the names of the plugins; one that fails to say adds none."""
    answers = await plugins.hooks.ask_by_plugin("invito_graphql_types", _types)
    return {plugin: types for plugin, types in answers.items() if types is not None}


async def routes_of(plugins: PluginManager) -> ASGIApp:
    """All routes of plugins, each below the name of its plugin; one that fails to say has none."""
    answers = await plugins.hooks.ask_by_plugin("invito_asgi_routes", _routes)
    return Router([Mount(f"/{plugin}", _Fenced(plugin, Router(routes))) for plugin, routes in answers.items()])


class _Fenced:
    """A plugin's application, whose mistakes are logged under its name and answered like one of ours."""

    def __init__(self, plugin: str, app: ASGIApp) -> None:
        self._plugin, self._app = plugin, app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        has_begun = False

        async def send_on(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, send_on)
        except HTTPException:
            raise
        except Exception as problem:  # a plugin may raise anything
            if has_begun or scope["type"] != "http":
                log.warning("plugin failed", plugin=self._plugin, problem=type(problem).__name__)
                raise
            await failure_answer("/plugins", problem, plugin=self._plugin)(scope, receive, send)


def _types(answer: object) -> GraphQLTypes | None:
    if answer is None or type(answer) is GraphQLTypes:
        return answer
    raise is_not(answer, "GraphQLTypes or None")


def _routes(answer: object) -> Sequence[Any]:
    routes = sequence_of(answer, _MOST_ROUTES, "routes")
    if not all(isinstance(route, BaseRoute) for route in routes):
        raise WrongAnswer("something else than routes of Starlette's")
    return routes
