"""The desk that asks the sources on a caller's behalf, and turns what fails into a warning."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar

from invito.plugins.border import busy_of_each, container_page, entry_page, found_entries, resolved_entries
from invito.plugins.contract import (
    ContainerPage,
    ContainerQuery,
    Entry,
    EntryPage,
    EntryQuery,
    ParticipantKind,
    Span,
)
from invito.plugins.failures import PluginFailure
from invito.plugins.plugin_facts import LoadedSource
from invito.plugins.plugin_manager import PluginManager
from invito.plugins.source import Source, SourceContext
from invito.services.caller import Asker
from invito.services.directory import Directory
from invito.services.recent_containers import RecentContainers, Seen
from invito.services.source_warnings import SourceWarning, warning_of_age, warning_of_plugin, warning_of_source

T = TypeVar("T")


class SourceFailed(Exception):
    """A source could not answer; the warning says why."""

    def __init__(self, warning: SourceWarning) -> None:
        super().__init__(warning.message)
        self.warning = warning


@dataclass(frozen=True, slots=True)
class OtherCalendars:
    """Busy spans from other calendars than Invito's own; a reference left out of `spans` is known to none.

    `unanswered` are those whose calendar could not be asked: nobody knows whether they are free.
    """

    spans: Mapping[str, Sequence[Span]] = field(default_factory=dict)
    unanswered: frozenset[str] = frozenset()
    warnings: tuple[SourceWarning, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceDesk:
    """Asks sources through the plugin manager."""

    plugins: PluginManager
    directory: Directory
    recent: RecentContainers = field(default_factory=RecentContainers)

    async def containers(
        self, asker: Asker, loaded: LoadedSource, query: ContainerQuery
    ) -> tuple[ContainerPage, tuple[SourceWarning, ...]]:
        """What the source lists; where it fails, what it listed to the same viewer a while ago, with a warning.

        :raises SourceFailed: the source raised, hung, or gave a wrong answer, and listed nothing before.
        """
        # A page is the same one whether it was counted or not.
        whole = replace(query, wants_total=True, wants_member_counts=True)
        seen = Seen(loaded.source.key, asker.viewer, asker.language, asker.time_zone, whole)
        check = partial(container_page, asked=query.page)
        try:
            page = await self._ask(asker, loaded, Source.containers, (query,), check)
        except SourceFailed as failure:
            recent = self.recent.page(seen)
            if recent is None:
                raise
            return recent.page, (warning_of_age(failure.warning, recent.listed_at, asker.time_zone, asker.language),)
        self.recent.keep(seen, page)
        return page, ()

    async def entries(self, asker: Asker, loaded: LoadedSource, query: EntryQuery) -> EntryPage:
        """What the source lists, before plugins extend it. A page that says there is more is not empty.

        :raises SourceFailed: the source raised, hung, or gave a wrong answer.
        :raises UnknownContainer: the source has no such container.
        """
        check = partial(entry_page, asked=query.page, directories=self.plugins.listed_directories)
        return await self._ask(asker, loaded, Source.participants, (query,), check)

    async def extended(
        self, asker: Asker, loaded: LoadedSource, entries: Sequence[Entry]
    ) -> tuple[Sequence[Entry], list[SourceWarning]]:
        """The entries of a page after plugins added to them, took from them or changed them."""
        extended = await self.plugins.hooks.extend(loaded.source.key, entries, asker.viewer)
        return extended.entries, self._warnings_of(asker, extended.failures)

    async def resolve(self, asker: Asker, references: Sequence[str]) -> tuple[dict[str, Entry], list[SourceWarning]]:
        """The entries of these references, as far as they are there; each source is asked once for all of its own.

        Who is asked for by one reference and answered under another is known by both.
        """
        asked: dict[str, list[str]] = defaultdict(list)
        for reference in dict.fromkeys(references):
            loaded = self.plugins.source_of(reference)
            if loaded is not None:
                asked[loaded.source.key].append(reference)
        results = await asyncio.gather(*(self._resolved(asker, key, own) for key, own in asked.items()))
        found: dict[str, Entry] = {}
        warnings = []
        for result in results:
            if isinstance(result, SourceWarning):
                warnings.append(result)
            else:
                found |= result
        return found, warnings

    async def _resolved(self, asker: Asker, key: str, references: Sequence[str]) -> dict[str, Entry] | SourceWarning:
        loaded = self.plugins.sources[key]
        check = partial(resolved_entries, asked=references, directories=loaded.directories)
        try:
            entries = await self._ask(asker, loaded, Source.resolve, (tuple(references),), check)
        except SourceFailed as failure:
            return failure.warning
        pairs = zip(references, entries, strict=True)
        return {reference: _known_as(reference, entry) for reference, entry in pairs if entry is not None}

    async def find_employees(self, asker: Asker, address: str) -> tuple[list[Entry], list[SourceWarning]]:
        """The employees who have this address, as the sources say that list employees; no other source is asked."""
        lists = [loaded for loaded in self.plugins.sources.values() if loaded.lists_employees]
        found, warnings = await self.find(asker, [address], lists)
        return [entry for entry in found[address.lower()] if entry.kind is ParticipantKind.EMPLOYEE], warnings

    async def find(
        self, asker: Asker, addresses: Sequence[str], among: Iterable[LoadedSource]
    ) -> tuple[dict[str, list[Entry]], list[SourceWarning]]:
        """For each address, in lower case, the entries that have it, as these sources know it.

        All are asked at once, so that one that hangs holds up no other.
        """
        wanted = list(dict.fromkeys(address.lower() for address in addresses))
        found: dict[str, list[Entry]] = {address: [] for address in wanted}
        warnings = []
        asked = [loaded for loaded in among if wanted and type(loaded.source).find is not Source.find]
        for answers in await asyncio.gather(*(self._found_in(loaded, asker, wanted) for loaded in asked)):
            if isinstance(answers, SourceWarning):
                warnings.append(answers)
                continue
            for address, entries in zip(wanted, answers, strict=True):
                _add_new(found[address], entries)
        return found, warnings

    async def _found_in(
        self, loaded: LoadedSource, asker: Asker, wanted: Sequence[str]
    ) -> Sequence[Sequence[Entry]] | SourceWarning:
        check = partial(found_entries, asked=wanted, directories=self.plugins.listed_directories)
        try:
            return await self._ask(asker, loaded, Source.find, (tuple(wanted),), check)
        except SourceFailed as failure:
            return failure.warning

    @property
    def knows_other_calendars(self) -> bool:
        """Whether any source or plugin knows busy times besides those that Invito keeps."""
        sources = (loaded.source for loaded in self.plugins.sources.values())
        return self.plugins.hooks.listens("invito_busy_spans") or any(_knows_busy(source) for source in sources)

    async def busy(self, asker: Asker, references: Sequence[str], span: Span) -> OtherCalendars:
        """What all other calendars say, which are asked at once."""
        asked: dict[str, list[str]] = defaultdict(list)
        for reference in references:
            loaded = self.plugins.source_of(reference)
            if loaded is not None and _knows_busy(loaded.source):
                asked[loaded.source.key].append(reference)
        if not asked and not self.plugins.hooks.listens("invito_busy_spans"):
            return OtherCalendars()
        *answers, further = await asyncio.gather(
            *(self._busy_in(asker, key, own, span) for key, own in asked.items()),
            self._busy_in_hooks(asker, references, span),
        )
        return _together([*answers, further])

    async def _busy_in(self, asker: Asker, key: str, references: Sequence[str], span: Span) -> OtherCalendars:
        check = partial(busy_of_each, asked=references)
        try:
            answer = await self._ask(asker, self.plugins.sources[key], Source.busy, (tuple(references), span), check)
        except SourceFailed as failure:
            return OtherCalendars({}, frozenset(references), (failure.warning,))
        pairs = zip(references, answer, strict=True)
        return OtherCalendars({reference: spans for reference, spans in pairs if spans is not None})

    async def _busy_in_hooks(self, asker: Asker, references: Sequence[str], span: Span) -> OtherCalendars:
        """Whose calendars a plugin has that failed, nobody knows: it may be everybody's."""
        further = await self.plugins.hooks.busy_spans(references, span)
        unanswered = frozenset(references) if further.failures else further.unanswered
        return OtherCalendars(further.spans, unanswered, tuple(self._warnings_of(asker, further.failures)))

    async def _ask(
        self,
        asker: Asker,
        loaded: LoadedSource,
        method: Callable[..., object],
        arguments: tuple[object, ...],
        check: Callable[[Any], T],
    ) -> T:
        """What the source answers, looked at."""
        deadline = time.monotonic() + self.plugins.call_seconds_of(loaded)
        context = SourceContext(asker.viewer, asker.language, asker.time_zone, deadline, self.directory)
        try:
            return await self.plugins.ask(loaded, method.__name__, (context, *arguments), check)
        except PluginFailure as failure:
            raise SourceFailed(warning_of_source(loaded, failure, asker.language)) from failure

    def _warnings_of(self, asker: Asker, failures: Sequence[PluginFailure]) -> list[SourceWarning]:
        return [warning_of_plugin(failure, asker.language) for failure in failures]


def _known_as(reference: str, entry: Entry) -> Entry:
    """The entry, known by the reference that it was asked for by too."""
    return entry if reference in entry.references else replace(entry, aliases=(*entry.aliases, reference))


def _add_new(there: list[Entry], more: Sequence[Entry]) -> None:
    """Those who are not there yet, by any of their references."""
    known = {reference for entry in there for reference in entry.references}
    for entry in more:
        if known.isdisjoint(entry.references):
            there.append(entry)
            known.update(entry.references)


def _together(calendars: Sequence[OtherCalendars]) -> OtherCalendars:
    spans: dict[str, list[Span]] = {}
    for calendar in calendars:
        for reference, busy in calendar.spans.items():
            spans.setdefault(reference, []).extend(busy)
    unanswered = frozenset().union(*(one.unanswered for one in calendars))
    return OtherCalendars(spans, unanswered, tuple(warning for one in calendars for warning in one.warnings))


def _knows_busy(source: Source) -> bool:
    return type(source).busy is not Source.busy
