"""A plugin that fails, in any way, where Invito starts, ends, sends or asks who somebody is, costs its own answer."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
import strawberry
from starlette.routing import Mount, Route, Router
from structlog.testing import capture_logs

from invito.plugin_parts import graphql_types_of, routes_of
from invito.plugins import hookimpl
from invito.plugins.authentication import AuthenticatedViewer, AuthenticationRequest
from invito.plugins.failures import PluginFailure
from invito.plugins.graphql_types import GraphQLTypes
from invito.plugins.limits import PluginLimits
from invito.plugins.mail import MailTransport, OutgoingMail
from invito.plugins.plugin_hooks import PluginTransport
from invito.plugins.plugin_manager import PluginManager
from tests.chaos import (
    Kind,
    each_kind,
    each_plain_kind,
    hooked,
    let_go,  # noqa: F401  # a fixture
)

KARI = AuthenticatedViewer("kari.nordmann@nordlys.example")
MAIL = OutgoingMail("<1@invito.example>", "invito@nordlys.example", "ola@nordlys.example", b"Subject: x\r\n\r\n")


@strawberry.type
class Query:
    """What the neighbour adds."""

    rooms: int = strawberry.field(resolver=lambda: 7)


class Post(MailTransport):
    """The neighbour's way to send."""

    def send(self, mail: OutgoingMail) -> str:
        return "taken"


class Neighbour:
    """A plugin that is well."""

    def __init__(self) -> None:
        self.is_started = self.is_stopped = False

    @hookimpl
    def invito_startup(self) -> None:
        self.is_started = True

    @hookimpl
    def invito_shutdown(self) -> None:
        self.is_stopped = True

    @hookimpl
    def invito_authenticate(self) -> AuthenticatedViewer:
        return KARI

    @hookimpl
    def invito_mail_transport(self) -> MailTransport:
        return Post()

    @hookimpl
    def invito_graphql_types(self) -> GraphQLTypes:
        return GraphQLTypes(query=Query)

    @hookimpl
    def invito_asgi_routes(self) -> Sequence[Route]:
        return []


Opened = Callable[..., PluginManager]


@pytest.fixture
def neighbour() -> Neighbour:
    return Neighbour()


@pytest.fixture
def opened(neighbour: Neighbour) -> Iterator[Opened]:
    """A manager with the plugin that is well, and one that is asked before it."""
    managers = []

    def open_with(plugin: object, kind: Kind) -> PluginManager:
        limits: PluginLimits = replace(kind.limits, start_seconds=kind.limits.call_seconds)
        manager = PluginManager(limits)
        managers.append(manager)
        manager.load([neighbour, plugin])
        return manager

    yield open_with
    for manager in managers:
        manager.close()


def assert_logged(lines: Sequence[Any], kind: Kind, call: str) -> None:
    """Who failed, where and why."""
    logged = [line for line in lines if line["event"] == kind.logged and line["plugin"] == "Innkeeper"]
    assert {line["call"] for line in logged} == {call}
    if kind.logged == "plugin failed":
        # What is wrong with an answer depends on what was asked for.
        cause = str(kind.cause).partition(" (1,000,000")[0].partition(" (object")[0]
        assert all(cause in line["problem"] for line in logged)


def is_looked_at(kind: Kind) -> bool:
    """Whether it shows in a hook whose answer is not used."""
    return "wrong answer" not in (kind.cause or "")


@each_kind
async def test_knowing_the_viewer(opened: Opened, kind: Kind) -> None:
    manager = opened(hooked("invito_authenticate", kind), kind)

    with capture_logs() as lines:
        viewer, _ = await manager.hooks.authenticate(AuthenticationRequest({}))
        await asyncio.sleep(0)

    assert viewer == KARI
    assert_logged(lines, kind, "invito_authenticate")


@each_kind
async def test_finding_a_way_to_send(opened: Opened, kind: Kind) -> None:
    manager = opened(hooked("invito_mail_transport", kind), kind)

    with capture_logs() as lines:
        way = await manager.hooks.mail_transport()
        await asyncio.sleep(0)

    assert way is not None
    assert way.plugin == "Neighbour"
    assert_logged(lines, kind, "invito_mail_transport")


@each_kind
async def test_sending(opened: Opened, kind: Kind) -> None:
    function = kind.make("send")
    transport = type("Pigeons", (MailTransport,), {"send": lambda _, mail: function(mail)})()
    manager = opened(hooked("invito_shutdown", kind), kind)

    with capture_logs() as lines:
        try:
            said = await manager.hooks.send(PluginTransport("Innkeeper", transport), MAIL, kind.limits.call_seconds)
        except PluginFailure as failure:
            said = failure.plugin
        await asyncio.sleep(0)
        others = await manager.hooks.send(PluginTransport("Neighbour", Post()), MAIL, 60)

    assert said == ("taken" if kind.cause is None or kind.is_late else "Innkeeper")
    assert others == "taken"
    assert_logged(lines, kind, "MailTransport.send")


@each_kind
async def test_starting(opened: Opened, neighbour: Neighbour, kind: Kind) -> None:
    manager = opened(hooked("invito_startup", kind), kind)

    with capture_logs() as lines:
        await manager.start()
        await asyncio.sleep(0)

    assert neighbour.is_started
    assert await manager.hooks.mail_transport()
    if is_looked_at(kind):
        assert_logged(lines, kind, "invito_startup")
    await manager.stop()


@each_kind
async def test_ending(opened: Opened, neighbour: Neighbour, kind: Kind) -> None:
    manager = opened(hooked("invito_shutdown", kind), kind)
    await manager.start()

    with capture_logs() as lines:
        await manager.stop()
        await asyncio.sleep(0)

    assert neighbour.is_stopped
    if is_looked_at(kind):
        assert_logged(lines, kind, "invito_shutdown")


@each_plain_kind
async def test_adding_fields(opened: Opened, kind: Kind) -> None:
    manager = opened(hooked("invito_graphql_types", kind), kind)

    with capture_logs() as lines:
        types = await graphql_types_of(manager)
        await asyncio.sleep(0)

    assert list(types) == ["Neighbour"]
    assert_logged(lines, kind, "invito_graphql_types")


@each_plain_kind
async def test_adding_routes(opened: Opened, kind: Kind) -> None:
    manager = opened(hooked("invito_asgi_routes", kind), kind)

    with capture_logs() as lines:
        routes = await routes_of(manager)
        await asyncio.sleep(0)

    assert isinstance(routes, Router)
    assert [one.path for one in routes.routes if isinstance(one, Mount)] == ["/Neighbour"]
    assert_logged(lines, kind, "invito_asgi_routes")
