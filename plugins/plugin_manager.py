"""Which plugins there are, which sources they bring, and how each is called: by itself, with a time limit."""

import asyncio
import contextvars
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Any, TypeVar, cast

import pluggy
import structlog

from invito.plugins import hookspecs
from invito.plugins.contract import Entry, Span, UnknownContainer, ViewerIdentity
from invito.plugins.plugin_threads import PluginThreads
from invito.plugins.source import Source

T = TypeVar("T")

log = structlog.get_logger(__name__)

_CALLS_AT_ONCE = 8
_FAILURES_UNTIL_UNAVAILABLE = 5
# The built-in sources ask our own database, which a busy machine may slow down for everybody alike.
_BUILT_IN_CALL_SECONDS = 30.0


class PluginError(Exception):
    """A plugin that cannot be loaded as it is: the message says which, and how to mend it."""


class PluginFailure(Exception):
    """A call of a plugin that raised, hung past its time limit or answered nonsense."""


class SourceHealth(Enum):
    """How the last calls of a plugin went: well, with a failure, or with nothing but failures."""

    OK = "OK"
    DEGRADED = "DEGRADED"
    UNAVAILABLE = "UNAVAILABLE"


@dataclass(frozen=True, slots=True)
class PluginFacts:
    """What is known of a plugin: its name, and what its package says of itself."""

    name: str
    version: str | None
    summary: str | None
    is_built_in: bool


@dataclass(slots=True)
class _Loaded:
    """A plugin with threads of its own, so that one that hangs holds up nobody else's calls."""

    facts: PluginFacts
    threads: PluginThreads
    failures_in_a_row: int = 0

    @property
    def health(self) -> SourceHealth:
        if self.failures_in_a_row == 0:
            return SourceHealth.OK
        is_out = self.failures_in_a_row >= _FAILURES_UNTIL_UNAVAILABLE
        return SourceHealth.UNAVAILABLE if is_out else SourceHealth.DEGRADED


@dataclass(frozen=True, slots=True)
class LoadedSource:
    """A source and the plugin that brought it. `lists_employees`: it is asked who a viewer is."""

    source: Source
    plugin: PluginFacts
    lists_employees: bool = False


@dataclass(slots=True)
class PluginManager:
    """The plugins of one running Invito."""

    call_seconds: float = 2.0
    _manager: pluggy.PluginManager = field(default_factory=lambda: pluggy.PluginManager(hookspecs.PROJECT))
    _loaded: dict[str, _Loaded] = field(default_factory=dict)
    _sources: dict[str, LoadedSource] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._manager.add_hookspecs(hookspecs)

    def load(self, plugins: Iterable[object], *, built_in: bool = False) -> None:
        """Register plugins and take in the sources that they bring.

        :raises PluginError: there is no hook, one is misspelt or a wrapper, or two sources claim one key or directory.
        """
        for plugin in plugins:
            facts = _facts_of(plugin, built_in=built_in)
            try:
                self._manager.register(plugin, name=facts.name)
                self._manager.check_pending()
            except (ValueError, pluggy.PluginValidationError) as problem:
                raise PluginError(f"Plugin {facts.name} cannot be loaded: {problem}") from problem
            self._loaded[facts.name] = _Loaded(facts, PluginThreads(f"invito-{facts.name}", _CALLS_AT_ONCE))
            self._refuse_wrappers(plugin, facts)
            if not self._manager.get_hookcallers(plugin):
                raise PluginError(
                    f"Plugin {facts.name} has no hook: mark its functions with `hookimpl` of `invito.plugins`, such as "
                    "`invito_participant_sources`."
                )
            self._take_sources(plugin, facts)

    def close(self) -> None:
        """Let the plugins' threads go; a call that hangs is waited for neither here nor at the end of the process."""
        for loaded in self._loaded.values():
            loaded.threads.close()

    @property
    def sources(self) -> Mapping[str, LoadedSource]:
        """All sources by key, in the order in which they were brought."""
        return self._sources

    def source_of(self, reference: str) -> LoadedSource | None:
        """The source that resolves this reference, by its directory."""
        directory = reference.partition(":")[0]
        return next((one for one in self._sources.values() if directory in one.source.directories), None)

    def source_key_of(self, reference: str) -> str | None:
        """The key of that source; None for a typed e-mail address, and where the plugin is gone."""
        loaded = self.source_of(reference)
        return None if loaded is None else loaded.source.key

    def health_of(self, plugin: PluginFacts) -> SourceHealth:
        return self._loaded[plugin.name].health

    async def call(self, plugin: PluginFacts, function: Callable[..., object], *arguments: object) -> object:
        """What the plugin's function answers; plain ones run in the plugin's threads, async ones on our loop.

        :raises PluginFailure: it raised, or took longer than `call_seconds`.
        :raises UnknownContainer: the one thing that a source may raise.
        """
        loaded = self._loaded[plugin.name]
        limit = _BUILT_IN_CALL_SECONDS if plugin.is_built_in else self.call_seconds
        try:
            async with asyncio.timeout(limit):
                answer = await self._answer(loaded, function, arguments)
        except UnknownContainer:
            raise
        except TimeoutError as problem:
            loaded.failures_in_a_row += 1
            raise PluginFailure(f"did not answer within {limit:g} seconds") from problem
        except (Exception, SystemExit) as problem:
            loaded.failures_in_a_row += 1
            raise PluginFailure(f"failed ({type(problem).__name__})") from problem
        loaded.failures_in_a_row = 0
        return answer

    async def extend(self, source: str, entries: Sequence[Entry], viewer: ViewerIdentity | None) -> Sequence[Entry]:
        """The entries of a page after every plugin added to them, took from them or changed them.

        A plugin that fails leaves them as they were.
        """
        for plugin, hook in self._hooks("invito_extend_participants"):
            arguments = {"source": source, "participants": entries, "viewer": viewer}
            try:
                answer = await self._call_hook(plugin, hook, arguments)
            except PluginFailure:
                continue
            if are_all(Entry, answer):
                entries = cast(Sequence[Entry], answer)
            else:
                _warn(plugin, hook, "answered something else than entries")
        return entries

    async def busy_spans(self, references: Sequence[str], span: Span) -> dict[str, list[Span]]:
        """What the plugins' further calendars say; a reference left out is known to none of them."""
        found: dict[str, list[Span]] = {}
        for plugin, hook in self._hooks("invito_busy_spans"):
            try:
                answer = await self._call_hook(plugin, hook, {"references": references, "span": span})
            except PluginFailure:
                continue
            if _is_calendar(answer):
                for reference, spans in cast(Mapping[str, Sequence[Span]], answer).items():
                    found.setdefault(reference, []).extend(spans)
            else:
                _warn(plugin, hook, "answered something else than busy spans")
        return found

    def listens(self, hook_name: str) -> bool:
        """Whether any plugin implements this hook."""
        return bool(getattr(self._manager.hook, hook_name).get_hookimpls())

    async def tell(self, hook_name: str, event: object) -> list[str]:
        """Tell every plugin of an event, all at once; the names of those that failed."""
        hooks = self._hooks(hook_name)
        told = await asyncio.gather(*(self._is_told(plugin, hook, event) for plugin, hook in hooks))
        return [plugin.name for (plugin, _), is_told in zip(hooks, told, strict=True) if not is_told]

    async def _is_told(self, plugin: PluginFacts, hook: pluggy.HookImpl, event: object) -> bool:
        try:
            await self._call_hook(plugin, hook, {"event": event})
        except PluginFailure:
            return False
        return True

    def _hooks(self, name: str) -> list[tuple[PluginFacts, pluggy.HookImpl]]:
        caller = getattr(self._manager.hook, name)
        # pluggy calls the last one first.
        return [(self._loaded[impl.plugin_name].facts, impl) for impl in reversed(caller.get_hookimpls())]

    async def _call_hook(self, plugin: PluginFacts, hook: pluggy.HookImpl, arguments: Mapping[str, object]) -> object:
        try:
            return await self.call(plugin, hook.function, *(arguments[name] for name in hook.argnames))
        except (PluginFailure, UnknownContainer) as failure:
            _warn(plugin, hook, str(failure))
            raise PluginFailure(str(failure)) from failure

    async def _answer(self, loaded: _Loaded, function: Callable[..., T], arguments: Sequence[object]) -> object:
        if inspect.iscoroutinefunction(function):
            return await function(*arguments)
        context = contextvars.copy_context()
        answer = await loaded.threads.run(partial(context.run, function, *arguments))
        return await answer if inspect.isawaitable(answer) else answer

    def _refuse_wrappers(self, plugin: object, facts: PluginFacts) -> None:
        for caller in self._manager.get_hookcallers(plugin) or ():
            for impl in caller.get_hookimpls():
                if impl.plugin is plugin and (impl.wrapper or impl.hookwrapper):
                    raise PluginError(
                        f"Plugin {facts.name}: {caller.name} is a wrapper. Invito calls each implementation by "
                        "itself, so that one that fails spoils no other's; write a plain one."
                    )

    def _take_sources(self, plugin: object, facts: PluginFacts) -> None:
        implementation: Any = getattr(plugin, "invito_participant_sources", None)
        if implementation is None:
            return
        try:
            sources = list(implementation())
        except Exception as problem:  # a plugin may raise anything
            message = f"Plugin {facts.name} cannot bring its sources: {type(problem).__name__}: {problem}"
            raise PluginError(message) from problem
        for source in sources:
            self._take(source, facts)

    def _take(self, source: Source, plugin: PluginFacts) -> None:
        replaced = self._sources.pop(source.replaces, None) if source.replaces is not None else None
        lists_employees = source.lists_employees or (replaced is not None and replaced.lists_employees)
        for key, there in self._sources.items():
            shared = there.source.directories & source.directories
            if key == source.key or shared:
                claim = f"the key {key}" if key == source.key else f"the directory {min(shared)}"
                raise PluginError(
                    f"Plugins {there.plugin.name} and {plugin.name} both claim {claim}: block one of them, or say "
                    f'`replaces = "{key}"` in the source that is to stand in for the other.'
                )
        self._sources[source.key] = LoadedSource(source, plugin, lists_employees)


def are_all(kind: type, answer: object) -> bool:
    """Whether a plugin answered a sequence of these and of nothing else."""
    return isinstance(answer, Sequence) and all(isinstance(one, kind) for one in answer)


def _is_calendar(answer: object) -> bool:
    return isinstance(answer, Mapping) and all(
        isinstance(reference, str) and are_all(Span, spans) for reference, spans in answer.items()
    )


def _warn(plugin: PluginFacts, hook: pluggy.HookImpl, problem: str) -> None:
    log.warning("plugin failed", plugin=plugin.name, hook=hook.function.__name__, problem=problem)


def _facts_of(plugin: object, *, built_in: bool) -> PluginFacts:
    module = getattr(plugin, "__name__", type(plugin).__name__)
    name = module.rpartition(".")[2] if built_in else module
    if built_in:
        return PluginFacts(name, None, None, is_built_in=True)
    try:
        return PluginFacts(name, version(module.partition(".")[0]), inspect.getdoc(plugin), is_built_in=False)
    except PackageNotFoundError:
        return PluginFacts(name, None, inspect.getdoc(plugin), is_built_in=False)
