"""The desk that asks the sources on a caller's behalf, and turns what fails into a warning."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog

from invito.plugins.contract import (
    Container,
    ContainerPage,
    ContainerQuery,
    Entry,
    EntryPage,
    EntryQuery,
    ParticipantKind,
    Span,
)
from invito.plugins.plugin_manager import LoadedSource, PluginFailure, PluginManager, are_all
from invito.plugins.source import Source, SourceContext
from invito.services.caller import Asker
from invito.services.directory import Directory

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SourceWarning:
    """A source that failed or was too slow."""

    source: str
    message: str


class SourceFailed(Exception):
    """A source could not answer; the warning says why."""

    def __init__(self, warning: SourceWarning) -> None:
        super().__init__(warning.message)
        self.warning = warning


@dataclass(frozen=True, slots=True)
class SourceDesk:
    """Asks sources through the plugin manager."""

    plugins: PluginManager
    directory: Directory

    async def containers(self, asker: Asker, loaded: LoadedSource, query: ContainerQuery) -> ContainerPage:
        """What the source lists. A page that says there is more is not empty.

        :raises SourceFailed: the source raised, hung, or answered something else.
        """
        page: ContainerPage = await self._ask(asker, loaded, Source.containers, ContainerPage, query)
        if not are_all(Container, page.containers):
            raise self._failed(asker, loaded, "listed something else than containers")
        return ContainerPage(page.containers, page.has_more and bool(page.containers), page.total)

    async def entries(self, asker: Asker, loaded: LoadedSource, query: EntryQuery) -> EntryPage:
        """What the source lists, before plugins extend it. A page that says there is more is not empty.

        :raises SourceFailed: the source raised, hung, or answered something else.
        :raises UnknownContainer: the source has no such container.
        """
        page: EntryPage = await self._ask(asker, loaded, Source.participants, EntryPage, query)
        if not are_all(Entry, page.entries):
            raise self._failed(asker, loaded, "listed something else than entries")
        return EntryPage(page.entries, page.has_more and bool(page.entries), page.total)

    async def extended(self, asker: Asker, loaded: LoadedSource, entries: Sequence[Entry]) -> Sequence[Entry]:
        """The entries of a page after plugins added to them, took from them or changed them."""
        return await self.plugins.extend(loaded.source.key, entries, asker.viewer)

    async def resolve(self, asker: Asker, references: Sequence[str]) -> tuple[dict[str, Entry], list[SourceWarning]]:
        """The entries of these references, as far as they are there; each source is asked once for all of its own."""
        asked: dict[str, list[str]] = defaultdict(list)
        for reference in dict.fromkeys(references):
            loaded = self.plugins.source_of(reference)
            if loaded is not None:
                asked[loaded.source.key].append(reference)
        found: dict[str, Entry] = {}
        warnings = []
        for key, own in asked.items():
            try:
                answers = await self._ask_each(
                    asker, self.plugins.sources[key], Source.resolve, own, each=_is_entry_or_none
                )
            except SourceFailed as failure:
                warnings.append(failure.warning)
                continue
            found |= {reference: entry for reference, entry in answers if entry is not None}
        return found, warnings

    async def find(self, asker: Asker, addresses: Sequence[str]) -> tuple[dict[str, list[Entry]], list[SourceWarning]]:
        """For each address, in lower case, the known entries that have it."""
        return await self._find_in(self.plugins.sources.values(), asker, addresses)

    async def find_employees(self, asker: Asker, address: str) -> tuple[list[Entry], list[SourceWarning]]:
        """The employees who have this address, as the sources say that list employees; no other source is asked."""
        lists = [loaded for loaded in self.plugins.sources.values() if loaded.lists_employees]
        found, warnings = await self._find_in(lists, asker, [address])
        return [entry for entry in found[address.lower()] if entry.kind is ParticipantKind.EMPLOYEE], warnings

    async def _find_in(
        self, sources: Iterable[LoadedSource], asker: Asker, addresses: Sequence[str]
    ) -> tuple[dict[str, list[Entry]], list[SourceWarning]]:
        """All of these are asked at once, so that one that hangs holds up no other."""
        wanted = list(dict.fromkeys(address.lower() for address in addresses))
        found: dict[str, dict[str, Entry]] = {address: {} for address in wanted}
        warnings = []
        asked = [loaded for loaded in sources if wanted and type(loaded.source).find is not Source.find]
        for answers in await asyncio.gather(*(self._found_in(loaded, asker, wanted) for loaded in asked)):
            if isinstance(answers, SourceWarning):
                warnings.append(answers)
                continue
            for address, entries in answers:
                found[address] |= {entry.reference: entry for entry in entries}
        return {address: list(entries.values()) for address, entries in found.items()}, warnings

    async def _found_in(
        self, loaded: LoadedSource, asker: Asker, wanted: Sequence[str]
    ) -> list[tuple[str, Sequence[Entry]]] | SourceWarning:
        try:
            return await self._ask_each(asker, loaded, Source.find, wanted, each=partial(are_all, Entry))
        except SourceFailed as failure:
            return failure.warning

    @property
    def knows_other_calendars(self) -> bool:
        """Whether any source or plugin knows busy times besides those that Invito keeps."""
        sources = (loaded.source for loaded in self.plugins.sources.values())
        return self.plugins.listens("invito_busy_spans") or any(_knows_busy(source) for source in sources)

    async def busy(self, asker: Asker, references: Sequence[str], span: Span) -> dict[str, list[Span]]:
        """Busy spans from other calendars than Invito's own; a reference left out is known to none."""
        asked: dict[str, list[str]] = defaultdict(list)
        for reference in references:
            loaded = self.plugins.source_of(reference)
            if loaded is not None and _knows_busy(loaded.source):
                asked[loaded.source.key].append(reference)
        found: dict[str, list[Span]] = {}
        for key, own in asked.items():
            try:
                answers = await self._ask_each(
                    asker, self.plugins.sources[key], Source.busy, own, span, each=_are_spans_or_none
                )
            except SourceFailed:
                continue
            found |= {reference: list(spans) for reference, spans in answers if spans is not None}
        for reference, spans in (await self.plugins.busy_spans(references, span)).items():
            found.setdefault(reference, []).extend(spans)
        return found

    async def _ask_each(
        self,
        asker: Asker,
        loaded: LoadedSource,
        method: Callable[..., object],
        asked: Sequence[str],
        *arguments: object,
        each: Callable[[object], bool],
    ) -> list[tuple[str, Any]]:
        """What the source answers for each of these, beside what was asked."""
        answer = await self._ask(asker, loaded, method, Sequence, asked, *arguments)
        if len(answer) != len(asked):
            raise self._failed(asker, loaded, f"answered {len(answer)} to {len(asked)} in {method.__name__}")
        if not all(each(one) for one in answer):
            raise self._failed(asker, loaded, f"answered something else in {method.__name__}")
        return list(zip(asked, answer, strict=True))

    async def _ask(
        self,
        asker: Asker,
        loaded: LoadedSource,
        method: Callable[..., object],
        answers: type,
        *arguments: object,
    ) -> Any:
        """What the source answers, which is one of `answers`: all that is known of what comes from a plugin."""
        deadline = time.monotonic() + self.plugins.call_seconds
        context = SourceContext(asker.viewer, asker.language, asker.time_zone, deadline, self.directory)
        bound = getattr(loaded.source, method.__name__)
        try:
            answer = await self.plugins.call(loaded.plugin, bound, context, *arguments)
        except PluginFailure as failure:
            raise self._failed(asker, loaded, str(failure)) from failure
        if not isinstance(answer, answers):
            raise self._failed(asker, loaded, f"answered {type(answer).__name__} to {method.__name__}")
        return answer

    def _failed(self, asker: Asker, loaded: LoadedSource, problem: str) -> SourceFailed:
        log.warning("source failed", source=loaded.source.key, plugin=loaded.plugin.name, problem=problem)
        label = loaded.source.label.in_language(asker.language)
        return SourceFailed(SourceWarning(loaded.source.key, f"{label}: {problem}"))


def _is_entry_or_none(answer: object) -> bool:
    return answer is None or isinstance(answer, Entry)


def _are_spans_or_none(answer: object) -> bool:
    return answer is None or are_all(Span, answer)


def _knows_busy(source: Source) -> bool:
    return type(source).busy is not Source.busy
