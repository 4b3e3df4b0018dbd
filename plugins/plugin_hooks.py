"""The hooks, each implementation called by itself: one that fails costs its own answer."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

import structlog

from invito.plugins.authentication import AuthenticatedViewer, AuthenticationRequest
from invito.plugins.border import (
    authenticated_viewer,
    busy_of_some,
    extended_entries,
    mail_message,
    mail_transport,
    words_of_transport,
)
from invito.plugins.circuit_breaker import Circuits
from invito.plugins.contract import Entry, Span, ViewerIdentity
from invito.plugins.failures import PluginFailure, had_no_time
from invito.plugins.mail import InvitationMail, MailMessage, MailPutOff, MailRefused, MailTransport, OutgoingMail
from invito.plugins.plugin_calls import PluginCalls
from invito.plugins.plugin_registry import Implementation, PluginRegistry

T = TypeVar("T")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Extended:
    """A page after every plugin that answered, and those that failed."""

    entries: Sequence[Entry]
    failures: Sequence[PluginFailure] = ()


@dataclass(frozen=True, slots=True)
class FurtherBusy:
    """What the plugins' calendars say; a reference left out is known to none of those that answered.

    `unanswered` are those whose calendar a plugin has and could not ask.
    """

    spans: Mapping[str, Sequence[Span]] = field(default_factory=dict)
    unanswered: frozenset[str] = frozenset()
    failures: Sequence[PluginFailure] = ()


@dataclass(frozen=True, slots=True)
class PluginTransport:
    """A way to send mails that the plugin of this name brings."""

    plugin: str
    transport: MailTransport


@dataclass(frozen=True, slots=True)
class PluginHooks:
    """Calls the hooks of all plugins. `calls` and `circuits` are those of each plugin, by its name."""

    registry: PluginRegistry
    calls: Mapping[str, PluginCalls]
    circuits: Mapping[str, Circuits]

    def listens(self, hook: str) -> bool:
        """Whether any plugin implements this hook."""
        return bool(self.registry.implementations(hook))

    def listeners(self, hook: str) -> list[str]:
        """The names of the plugins that implement it."""
        return [one.plugin.name for one in self.registry.implementations(hook)]

    async def extend(self, source: str, entries: Sequence[Entry], viewer: ViewerIdentity | None) -> Extended:
        """The entries of a page after each plugin, one after the other, added to them, took from or changed them.

        A plugin that fails leaves them as they were. All of them have the seconds of one call.
        """
        failures = []
        began = asyncio.get_running_loop().time()
        directories = self.registry.sources.listed_directories
        for one in self.registry.implementations("invito_extend_participants"):
            # A list of its own, which a plugin may do with as it likes.
            arguments = {"source": source, "participants": list(entries), "viewer": viewer}
            check = partial(extended_entries, before=entries, directories=directories)
            try:
                entries = await self._call_since(began, one, arguments, check)
            except PluginFailure as failure:
                failures.append(failure)
        return Extended(entries, failures)

    async def _call_since(
        self, began: float, one: Implementation, arguments: Mapping[str, object], check: Callable[[Any], T]
    ) -> T:
        """What it answers before the seconds of one call are over since then.

        With less than half of them left it is not judged by having been too slow.

        :raises PluginFailure: it failed, or is left alone at the moment, or had too little time.
        """
        seconds = self.calls[one.plugin.name].limits.call_seconds
        left = began + seconds - asyncio.get_running_loop().time()
        if left >= seconds / 2:
            return await self.call(one, arguments, check, until=began + seconds)
        if left > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    return await self.call(one, arguments, check)
        cause = had_no_time(seconds)
        log.warning("plugin failed", plugin=one.plugin.name, call=one.hook, problem=str(cause))
        raise PluginFailure(one.plugin.name, cause, was_called=left > 0)

    async def busy_spans(self, references: Sequence[str], span: Span) -> FurtherBusy:
        """Who of these is busy when, as far as plugins know further calendars; all of them are asked at once."""
        arguments = {"references": tuple(references), "span": span}
        answers, failures = await self.ask_all("invito_busy_spans", arguments, partial(busy_of_some, asked=references))
        found: dict[str, list[Span]] = {}
        unanswered = set[str]()
        for calendar in answers:
            for reference, spans in calendar.items():
                if spans is None:
                    unanswered.add(reference)
                else:
                    found.setdefault(reference, []).extend(spans)
        return FurtherBusy(found, frozenset(unanswered), failures)

    async def compose(self, message: MailMessage, invitation: InvitationMail) -> MailMessage:
        """The mail after each plugin, one after the other, changed it. One that fails leaves it as it was."""
        for one in self.registry.implementations("invito_compose_email"):
            arguments = {"message": message, "invitation": invitation}
            with suppress(PluginFailure):  # which is logged where it is called
                message = await self.call(one, arguments, partial(mail_message, before=message))
        return message

    async def mail_transport(self) -> PluginTransport | None:
        """The first way to send mails that a plugin has (firstresult).

        :raises PluginFailure: one that may have a way failed to say, and none after it has one.
        """
        found, failures = await self._first("invito_mail_transport", {}, mail_transport)
        if found is not None:
            return PluginTransport(*found)
        if failures:
            raise failures[0]
        return None

    async def send(self, way: PluginTransport, mail: OutgoingMail, seconds: float) -> str:
        """What the plugin said when it took the mail, within so many seconds.

        :raises MailRefused: it will never take it.
        :raises MailPutOff: it does not take it now.
        :raises PluginFailure: it failed; where it was called, it may have the mail.
        """
        return await self.calls[way.plugin].call(
            self.circuits[way.plugin],
            "MailTransport.send",
            way.transport.send,
            (mail,),
            words_of_transport,
            (MailRefused, MailPutOff),
            seconds=seconds,
        )

    async def run(
        self, plugin: str, name: str, function: Callable[[], object], *, in_turn: bool = True
    ) -> Any:  # whatever it answers is for its own kind to look at
        """What a route or a resolver of this plugin does, which may be asked for before the plugin has started.

        What it raises is handed on, and no reason to leave it alone: whoever asks may have caused that.

        :raises PluginFailure: it was too slow, or is left alone at the moment.
        """
        calls, circuits = self.calls[plugin], self.circuits[plugin]
        return await calls.call(circuits, name, function, (), anything, Exception, needs_start=False, in_turn=in_turn)

    async def tell(self, hook: str, event: object, plugins: Collection[str] | None = None) -> Sequence[PluginFailure]:
        """Tell every plugin of an event, or those of these names, all at once; what failed."""
        implementations = self.registry.implementations(hook)
        told = [one for one in implementations if plugins is None or one.plugin.name in plugins]
        results = await asyncio.gather(*(self._result(one, {"event": event}, anything) for one in told))
        return [one for one in results if isinstance(one, PluginFailure)]

    async def ask_all(
        self, hook: str, arguments: Mapping[str, object], check: Callable[[Any], T]
    ) -> tuple[list[T], list[PluginFailure]]:
        """What all implementations answer, asked at once, in their order; and those that failed."""
        implementations = self.registry.implementations(hook)
        results = await asyncio.gather(*(self._result(one, arguments, check) for one in implementations))
        answers = [one for one in results if not isinstance(one, PluginFailure)]
        return answers, [one for one in results if isinstance(one, PluginFailure)]

    async def authenticate(
        self, request: AuthenticationRequest
    ) -> tuple[AuthenticatedViewer | None, Sequence[PluginFailure]]:
        """The first who knows the viewer (firstresult), and those that failed before."""
        found, failures = await self._first("invito_authenticate", {"request": request}, authenticated_viewer)
        return None if found is None else found[1], failures

    async def _first(
        self, hook: str, arguments: Mapping[str, object], check: Callable[[Any], T | None]
    ) -> tuple[tuple[str, T] | None, Sequence[PluginFailure]]:
        """The first plugin that answers something, and what, one asked after the other; those that failed before."""
        failures = []
        for one in self.registry.implementations(hook):
            try:
                answer = await self.call(one, arguments, check)
            except PluginFailure as failure:
                failures.append(failure)
                continue
            if answer is not None:
                return (one.plugin.name, answer), failures
        return None, failures

    async def ask_by_plugin(self, hook: str, check: Callable[[Any], T]) -> dict[str, T]:
        """What each plugin answers to a hook without arguments, by its name; those that fail are left out.

        Asked but once, so those too that have not started: what they bring is there when they have.
        """
        implementations = self.registry.implementations(hook)
        results = await asyncio.gather(*(self._result(one, {}, check, needs_start=False) for one in implementations))
        named = zip(implementations, results, strict=True)
        return {one.plugin.name: answer for one, answer in named if not isinstance(answer, PluginFailure)}

    async def call(
        self,
        one: Implementation,
        arguments: Mapping[str, object],
        check: Callable[[Any], T],
        *,
        needs_start: bool = True,
        seconds: float | None = None,
        until: float | None = None,
    ) -> T:
        """What one implementation answers, as `check` hands it on, within so many seconds where that is no usual call,
        or until an instant of the loop's clock.

        :raises PluginFailure: it failed, or is left alone at the moment.
        """
        wanted = [arguments[name] for name in one.argument_names]
        plugin = one.plugin.name
        return await self.calls[plugin].call(
            self.circuits[plugin],
            one.hook,
            one.function,
            wanted,
            check,
            needs_start=needs_start,
            seconds=seconds,
            until=until,
        )

    async def _result(
        self,
        one: Implementation,
        arguments: Mapping[str, object],
        check: Callable[[Any], T],
        *,
        needs_start: bool = True,
    ) -> T | PluginFailure:
        try:
            return await self.call(one, arguments, check, needs_start=needs_start)
        except PluginFailure as failure:
            return failure


def anything(answer: object) -> object:
    """Of whoever is told, started or stopped: what they answer is not used."""
    return answer
