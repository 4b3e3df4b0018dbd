"""Asking a source as a running Invito does: plain methods in threads, async ones on the loop, each with a limit."""

import asyncio
import contextvars
import inspect
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from invito.plugins.contract import (
    ContainerPage,
    ContainerQuery,
    Entry,
    EntryPage,
    EntryQuery,
    Language,
    Span,
    ViewerIdentity,
)
from invito.plugins.plugin_threads import PluginThreads
from invito.plugins.source import Source, SourceContext
from invito.plugins.testing.facts import Facts, GivenUp, expect, shown
from invito.plugins.testing.plain_calls import in_thread

# The kit's own threads, which are none that a source left behind.
THREADS = "invito-kit"
_CALLS_AT_ONCE = 8


def _threads() -> PluginThreads:
    return PluginThreads(THREADS, _CALLS_AT_ONCE)


@dataclass(frozen=True, slots=True)
class Trial:
    """A source that is tried, with what is known of it.

    `directory` is what `Directory.of(context)` hands to the source; None where it does not ask.
    """

    source: Source
    facts: Facts = field(default_factory=Facts)
    directory: object = None
    viewer: ViewerIdentity | None = None
    language: Language = Language.EN
    time_zone: str = "Europe/Oslo"
    _threads: PluginThreads = field(default_factory=_threads)

    def context(self) -> SourceContext:
        """Who asks, with a deadline that is `call_seconds` of the facts ahead."""
        deadline = time.monotonic() + self.facts.call_seconds
        return SourceContext(self.viewer, self.language, self.time_zone, deadline, self.directory)

    def close(self) -> None:
        self._threads.close()

    async def containers(self, query: ContainerQuery) -> ContainerPage:
        page = await self.ask(self.source.containers, query)
        expect(isinstance(page, ContainerPage), f"`containers` answered {shown(page)}, which is no ContainerPage.")
        return page  # type: ignore[no-any-return]  # looked at just before

    async def participants(self, query: EntryQuery) -> EntryPage:
        """
        :raises UnknownContainer: the source says that there is none.
        """
        page = await self.ask(self.source.participants, query)
        expect(isinstance(page, EntryPage), f"`participants` answered {shown(page)}, which is no EntryPage.")
        return page  # type: ignore[no-any-return]  # looked at just before

    async def resolve(self, references: Sequence[str]) -> Sequence[Entry | None]:
        return await self._ask_each(self.source.resolve, references)

    async def find(self, addresses: Sequence[str]) -> Sequence[Sequence[Entry]]:
        return await self._ask_each(self.source.find, addresses)

    async def busy(self, references: Sequence[str], span: Span) -> Sequence[Sequence[Span] | None]:
        return await self._ask_each(self.source.busy, references, span)

    async def ask(self, method: Callable[..., object], *arguments: object) -> Any:
        """What a method of the source answers.

        :raises GivenUp: it did not within `call_seconds` of the facts.
        """
        seconds = self.facts.call_seconds
        limit = asyncio.timeout(seconds)
        try:
            async with limit:
                return await self.call(method, self.context(), *arguments)
        except TimeoutError as problem:
            if not limit.expired():  # the source's own
                raise
            raise GivenUp(
                f"`{method.__name__}` was given up after {seconds:g} seconds without an answer, as a running Invito "
                "does: ask your servers with what is left until `context.deadline`, or keep what takes long to get."
            ) from problem

    async def call(self, method: Callable[..., object], *arguments: object) -> Any:
        """The same without any limit, and with a context of the caller's."""
        if inspect.iscoroutinefunction(method):
            return await method(*arguments)
        context = contextvars.copy_context()
        answer = await in_thread(self._threads, partial(context.run, method, *arguments))
        return await answer if inspect.isawaitable(answer) else answer

    async def _ask_each(self, method: Callable[..., object], asked: Sequence[str], *arguments: object) -> Sequence[Any]:
        answers = await self.ask(method, asked, *arguments)
        expect(
            isinstance(answers, Sequence) and len(answers) == len(asked),
            f"`{method.__name__}` answered {shown(answers)} to {len(asked)} that were asked for: one for each, in "
            "order.",
        )
        return answers  # type: ignore[no-any-return]  # looked at just before
