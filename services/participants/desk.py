"""The desk that asks the sources on a caller's behalf, and turns what fails into a warning."""

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar, cast

import structlog

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
from invito.plugins.plugin_manager import LoadedSource, PluginFailure, PluginManager
from invito.plugins.source import Source, SourceContext
from invito.services.directory import Directory

T = TypeVar("T")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Asker:
    """On whose behalf sources are asked."""

    viewer: ViewerIdentity | None
    language: Language
    time_zone: str


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
        """
        :raises SourceFailed: the source raised, hung, or answered something else.
        """
        return await self._ask(asker, loaded, Source.containers, ContainerPage, query)

    async def entries(self, asker: Asker, loaded: LoadedSource, query: EntryQuery) -> EntryPage:
        """
        :raises SourceFailed: the source raised, hung, or answered something else.
        :raises UnknownContainer: the source has no such container.
        """
        page = await self._ask(asker, loaded, Source.participants, EntryPage, query)
        entries = await self.plugins.extend(loaded.source.key, page.entries, asker.viewer)
        return EntryPage(entries, page.has_more, page.total)

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
                answer = await self._ask(asker, self.plugins.sources[key], Source.resolve, Sequence, own)
            except SourceFailed as failure:
                warnings.append(failure.warning)
                continue
            found |= {reference: entry for reference, entry in zip(own, answer, strict=False) if entry is not None}
        return found, warnings

    async def find(self, asker: Asker, addresses: Sequence[str]) -> tuple[dict[str, list[Entry]], list[SourceWarning]]:
        """For each address, in lower case, the known entries that have it."""
        wanted = list(dict.fromkeys(address.lower() for address in addresses))
        found: dict[str, dict[str, Entry]] = {address: {} for address in wanted}
        warnings = []
        for loaded in self.plugins.sources.values() if wanted else ():
            try:
                answer = await self._ask(asker, loaded, Source.find, Sequence, wanted)
            except SourceFailed as failure:
                warnings.append(failure.warning)
                continue
            for address, entries in zip(wanted, answer, strict=False):
                found[address] |= {entry.reference: entry for entry in entries}
        return {address: list(entries.values()) for address, entries in found.items()}, warnings

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
                answer = await self._ask(asker, self.plugins.sources[key], Source.busy, Sequence, own, span)
            except SourceFailed:
                continue
            found |= {
                reference: list(spans) for reference, spans in zip(own, answer, strict=False) if spans is not None
            }
        for reference, spans in (await self.plugins.busy_spans(references, span)).items():
            found.setdefault(reference, []).extend(spans)
        return found

    async def _ask(
        self,
        asker: Asker,
        loaded: LoadedSource,
        method: Callable[..., object],
        answers: type[T],
        *arguments: object,
    ) -> T:
        context = SourceContext(
            asker.viewer,
            asker.language,
            asker.time_zone,
            time.monotonic() + self.plugins.call_seconds,
            self.directory,
        )
        bound = getattr(loaded.source, method.__name__)
        try:
            answer = await self.plugins.call(loaded.plugin, bound, context, *arguments)
            if not isinstance(answer, answers):
                raise PluginFailure(f"answered {type(answer).__name__} to {method.__name__}")
        except PluginFailure as failure:
            log.warning("source failed", source=loaded.source.key, plugin=loaded.plugin.name, problem=str(failure))
            label = loaded.source.label.in_language(asker.language)
            raise SourceFailed(SourceWarning(loaded.source.key, f"{label}: {failure}")) from failure
        return cast(T, answer)


def _knows_busy(source: Source) -> bool:
    return type(source).busy is not Source.busy
