"""What plugins add to the service besides sources: fields of the schema, and routes below /plugins/NAME."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.routing import BaseRoute, Mount, Router
from starlette.types import ASGIApp

from invito.fenced_routes import FencedRoutes
from invito.plugins.border.reading import WrongAnswer, is_not, sequence_of
from invito.plugins.graphql_types import GraphQLTypes
from invito.plugins.plugin_manager import PluginManager

_MOST_ROUTES = 1_000


async def graphql_types_of(plugins: PluginManager) -> Mapping[str, GraphQLTypes]:
    """By the names of the plugins; one that fails to say adds none."""
    answers = await plugins.hooks.ask_by_plugin("invito_graphql_types", _types)
    return {plugin: types for plugin, types in answers.items() if types is not None}


async def routes_of(plugins: PluginManager) -> ASGIApp:
    """All routes of plugins, each below the name of its plugin; one that fails to say has none."""
    answers = await plugins.hooks.ask_by_plugin("invito_asgi_routes", _routes)
    fenced = {plugin: FencedRoutes(plugin, routes, plugins.hooks) for plugin, routes in answers.items()}
    return Router([Mount(f"/{plugin}", routes) for plugin, routes in fenced.items()])


def _types(answer: object) -> GraphQLTypes | None:
    if answer is None or type(answer) is GraphQLTypes:
        return answer
    raise is_not(answer, "GraphQLTypes or None")


def _routes(answer: object) -> Sequence[Any]:
    routes = sequence_of(answer, _MOST_ROUTES, "routes")
    if not all(isinstance(route, BaseRoute) for route in routes):
        raise WrongAnswer("something else than routes of Starlette's")
    return routes
