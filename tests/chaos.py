"""Ways in which a plugin fails, whatever it is asked.

Whatever hangs, hangs until the test is over: that there is an answer at all shows that the deadline fired.
"""

import asyncio
import importlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from starlette.responses import PlainTextResponse

from invito.plugins import hookimpl
from invito.plugins.contract import Container, ContainerKind, ContainerPage, Entry, EntryPage, ParticipantKind, Span
from invito.plugins.limits import PluginLimits

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
HOUR = Span(NOON, NOON + timedelta(hours=1))
ROOM = Entry("hotel:1", ParticipantKind.OTHER, "Kammer", "kammer@hotel.example")
FLOOR = Container("1", "Floor", ContainerKind.OTHER)
MANY = 1_000_000

GOOD: dict[str, Callable[..., Any]] = {
    "containers": lambda context, query: ContainerPage([FLOOR]),
    "participants": lambda context, query: EntryPage([ROOM]),
    "resolve": lambda context, references: [ROOM for _ in references],
    "find": lambda context, addresses: [[ROOM] if one == ROOM.email else [] for one in addresses],
    "busy": lambda context, references, span: [[] for _ in references],
    "invito_extend_participants": lambda source, participants, viewer: participants,
    "invito_busy_spans": lambda references, span: {},
    "send": lambda mail: "taken",
    "resolver": lambda: 7,
    "route": lambda request: PlainTextResponse("7"),
}


PATIENT = PluginLimits(call_seconds=60, stall_seconds=60)
HASTY = PluginLimits(call_seconds=0.2, stall_seconds=60)


@cache
def flood(name: str) -> Any:
    """Far more than anybody asked for."""
    if name == "containers":
        return ContainerPage([FLOOR] * MANY)
    if name == "participants":
        return EntryPage([ROOM] * MANY)
    if name == "invito_busy_spans":
        return {f"employee:{number}": [HOUR] for number in range(MANY)}
    return [[ROOM]] * MANY if name == "find" else [[HOUR]] * MANY if name == "busy" else [ROOM] * MANY


class Hold:
    """What hangs lets go when the test is over."""

    over = threading.Event()


@pytest.fixture(autouse=True)
def let_go() -> Iterator[None]:
    Hold.over.clear()
    yield
    Hold.over.set()


@dataclass(frozen=True)
class Kind:
    """A way to fail: what makes a method of this name do it, and what the warning says (None: there is none)."""

    make: Callable[[str], Callable[..., Any]]
    cause: str | None
    limits: PluginLimits = PATIENT
    # The answer counts, and the next call is not made.
    is_late: bool = False
    logged: str = "plugin failed"


def raises(name: str) -> Callable[..., Any]:
    def broken(*_: Any) -> Any:
        raise RuntimeError

    return broken


def raises_on_the_loop(name: str) -> Callable[..., Any]:
    async def broken(*_: Any) -> Any:
        raise RuntimeError

    return broken


def hangs(name: str) -> Callable[..., Any]:
    return lambda *_: Hold.over.wait()


def hangs_on_the_loop(name: str) -> Callable[..., Any]:
    async def hanging(*_: Any) -> Any:
        await asyncio.Event().wait()

    return hanging


def hangs_in_to_thread(name: str) -> Callable[..., Any]:
    async def hanging(*_: Any) -> Any:
        await asyncio.to_thread(Hold.over.wait)

    return hanging


def burns_cpu(name: str) -> Callable[..., Any]:
    def burning(*_: Any) -> Any:
        while not Hold.over.is_set():
            pass

    return burning


def dies_at_import(name: str) -> Callable[..., Any]:
    return lambda *_: importlib.import_module("a_driver_that_is_not_installed")


def ends_the_process(name: str) -> Callable[..., Any]:
    async def ending(*_: Any) -> Any:
        raise SystemExit(1)

    return ending


def blocks_the_loop(name: str) -> Callable[..., Any]:
    async def blocking(*arguments: Any) -> Any:
        return GOOD[name](*arguments) if name in GOOD else None

    return blocking


def leaks_tasks(name: str) -> Callable[..., Any]:
    async def leaking(*arguments: Any) -> Any:
        asyncio.create_task(asyncio.Event().wait(), name="leaked")  # noqa: RUF006  # that is the fault
        return GOOD[name](*arguments) if name in GOOD else None

    return leaking


KINDS = {
    "raises": Kind(raises, "failed (RuntimeError)"),
    "raises on the loop": Kind(raises_on_the_loop, "failed (RuntimeError)"),
    "hangs": Kind(hangs, "did not answer within 0.2 seconds", HASTY),
    "hangs on the loop": Kind(hangs_on_the_loop, "did not answer within 0.2 seconds", HASTY),
    "hangs in to_thread": Kind(hangs_in_to_thread, "did not answer within 0.2 seconds", HASTY),
    "burns CPU": Kind(burns_cpu, "did not answer within 0.2 seconds", HASTY),
    "answers garbage": Kind(lambda _: lambda *_: object(), "gave a wrong answer (object, where "),
    "answers 1,000,000 entries": Kind(lambda name: lambda *_: flood(name), "gave a wrong answer (1,000,000 "),
    "dies at import": Kind(dies_at_import, "failed (ModuleNotFoundError)"),
    "ends the process": Kind(ends_the_process, "failed (SystemExit)"),
    # Any step is too long, so that no clock decides.
    "blocks the loop": Kind(
        blocks_the_loop, "since it held up everybody for ", PluginLimits(call_seconds=60, stall_seconds=0),
        is_late=True, logged="plugin held up the loop",
    ),
    "leaks tasks": Kind(leaks_tasks, None, logged="plugin left a task behind"),
}  # fmt: skip

each_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
# Of the hooks that are always plain functions: an async one is refused when the plugin is loaded.
PLAIN_KINDS = {name: kind for name, kind in KINDS.items() if not asyncio.iscoroutinefunction(kind.make(""))}
each_plain_kind = pytest.mark.parametrize("kind", PLAIN_KINDS.values(), ids=PLAIN_KINDS.keys())


def hooked(hook: str, kind: Kind) -> object:
    """A plugin whose implementation of this hook is broken."""
    function = kind.make(hook)
    arguments = {
        "invito_extend_participants": "source, participants, viewer",
        "invito_busy_spans": "references, span",
        "invito_compose_email": "message, invitation",
        "invito_mail_transport": "",
        "invito_authenticate": "request",
        "invito_startup": "context",
        "invito_shutdown": "",
        "invito_graphql_types": "",
        "invito_asgi_routes": "",
    }
    names = arguments.get(hook, "event")
    prefix, call = ("async ", "await ") if asyncio.iscoroutinefunction(function) else ("", "")
    scope: dict[str, Any] = {"function": function}
    exec(f"{prefix}def {hook}(self, {names}):\n    return {call}function({names})", scope)
    return type("Innkeeper", (), {hook: hookimpl(scope[hook])})()
