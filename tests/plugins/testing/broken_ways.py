"""Ways to break one promise of the contract, as methods that take the place of the good source's."""

import asyncio
import bisect
import re
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from invito.plugins import (
    MOST_OF_ONE_ADDRESS,
    Container,
    ContainerPage,
    ContainerQuery,
    Entry,
    EntryPage,
    EntryQuery,
    PageRequest,
    ParticipantKind,
    SourceContext,
    Span,
    page_of_containers,
    page_of_entries,
)
from invito.plugins.names import matches, name_key
from tests.plugins.testing.good_source import HOUR, MEETING, GoodSource

ALL = PageRequest(500)
PLAIN = str.maketrans("æøåÆØÅ", "aoaAOA")


def listing(change: Callable[[list[Entry], EntryQuery], list[Entry]]) -> dict[str, Any]:
    """A source that pages through its entries after they were changed so."""

    def participants(self: GoodSource, context: SourceContext, query: EntryQuery) -> EntryPage:
        return page_of_entries(change(list(self.listed(query.container)), query), query)

    return {"participants": participants}


def paging(change: Callable[[EntryPage, EntryQuery], EntryPage]) -> dict[str, Any]:
    """A source whose pages are changed so."""

    def participants(self: GoodSource, context: SourceContext, query: EntryQuery) -> EntryPage:
        return change(page_of_entries(self.listed(query.container), query), query)

    return {"participants": participants}


def finding(is_found: Callable[[str, str], bool], *, when: Callable[[str], object] = str.strip) -> dict[str, Any]:
    """A source that finds names by a rule of its own, for searches of some kind."""

    def participants(self: GoodSource, context: SourceContext, query: EntryQuery) -> EntryPage:
        entries = self.listed(query.container)
        if not when(query.search):
            return page_of_entries(entries, query)
        found = [entry for entry in entries if is_found(entry.name, query.search)]
        return page_of_entries(found, replace(query, search=""))

    return {"participants": participants}


def boxing(change: Callable[[list[Container]], list[Container]]) -> dict[str, Any]:
    """A source whose containers are changed so."""

    def containers(self: GoodSource, context: SourceContext, query: ContainerQuery) -> ContainerPage:
        return page_of_containers(change(self.boxes()), query)

    return {"containers": containers}


def resolving(change: Callable[[Sequence[Entry | None], Sequence[str]], Any]) -> dict[str, Any]:
    """A source whose answers to `resolve` are changed so."""

    def resolve(self: GoodSource, context: SourceContext, references: Sequence[str]) -> Any:
        return change(GoodSource.resolve(self, context, references), references)

    return {"resolve": resolve}


def finding_addresses(change: Callable[[Sequence[Sequence[Entry]], Sequence[str]], Any]) -> dict[str, Any]:
    """A source whose answers to `find` are changed so."""

    def find(self: GoodSource, context: SourceContext, addresses: Sequence[str]) -> Any:
        return change(GoodSource.find(self, context, addresses), addresses)

    return {"find": find}


def busy_with(change: Callable[[Sequence[Span] | None, Span], Any]) -> dict[str, Any]:
    """A source whose spans, for each reference, are changed so."""

    def busy(self: GoodSource, context: SourceContext, references: Sequence[str], span: Span) -> Any:
        return [change(spans, span) for spans in GoodSource.busy(self, context, references, span)]

    return {"busy": busy}


def in_order(key: Callable[[str], str]) -> dict[str, Any]:
    """A source that orders names by a key of its own."""

    def participants(self: GoodSource, context: SourceContext, query: EntryQuery) -> EntryPage:
        found = page_of_entries(self.listed(query.container), EntryQuery(ALL, search=query.search)).entries
        ordered = sorted(found, key=lambda entry: (key(entry.name), entry.reference))
        return by_place(ordered, query)

    return {"participants": participants}


def by_place(entries: Sequence[Entry], query: EntryQuery) -> EntryPage:
    """The page behind the entry that has the position's reference, or where its name would stand."""
    after, start = query.page.after, 0
    if after is not None:
        references = [entry.reference for entry in entries]
        is_there = after.id in references
        keys = sorted(name_key(entry.name) for entry in entries)
        start = references.index(after.id) + 1 if is_there else bisect.bisect(keys, after.name_key)
    rest = entries[start:]
    return EntryPage(rest[: query.page.first], len(rest) > query.page.first, len(entries))


def by_offset(self: GoodSource, context: SourceContext, query: EntryQuery) -> EntryPage:
    """Begins where so many entries ended at the start, whoever was added since."""
    before = page_of_entries(GoodSource().listed(query.container), EntryQuery(ALL, search=query.search)).entries
    present = page_of_entries(self.listed(query.container), EntryQuery(ALL, search=query.search)).entries
    after = query.page.after
    start = 0 if after is None else bisect.bisect([name_key(one.name) for one in before], after.name_key)
    rest = present[start:]
    return EntryPage(rest[: query.page.first], len(rest) > query.page.first, len(present))


def page_one(self: GoodSource, context: SourceContext, query: EntryQuery) -> EntryPage:
    """Whatever page is asked for."""
    return page_of_entries(self.listed(query.container), replace(query, page=PageRequest(query.page.first)))


def first_boxes(self: GoodSource, context: SourceContext, query: ContainerQuery) -> ContainerPage:
    """Whatever page is asked for."""
    return page_of_containers(self.boxes(), replace(query, page=PageRequest(query.page.first)))


def renamed(entry: Entry, container: str | None) -> Entry:
    return replace(entry, reference=f"guest:{container}-{entry.reference[6:]}") if container else entry


async def held_up(self: GoodSource, context: SourceContext, query: ContainerQuery) -> ContainerPage:
    if query.page.first == ALL.first:
        time.sleep(0.15)  # noqa: ASYNC251  # what must not be done
    return page_of_containers(self.boxes(), query)


async def never_answered(self: GoodSource, context: SourceContext, query: ContainerQuery) -> Any:
    # The largest page alone, so that who asks for little is answered.
    if query.page == ALL:
        await asyncio.Event().wait()
    return GoodSource.containers(self, context, query)


async def leaving_a_task(self: GoodSource, context: SourceContext, references: Sequence[str]) -> Any:
    LEFT.append(asyncio.create_task(asyncio.Event().wait()))
    await asyncio.sleep(0)
    return GoodSource.resolve(self, context, references)


async def leaving_a_thread(self: GoodSource, context: SourceContext, references: Sequence[str]) -> Any:
    threading.Thread(target=RELEASED.wait, daemon=True).start()
    await asyncio.sleep(0)
    return GoodSource.resolve(self, context, references)


async def not_letting_go(self: GoodSource, context: SourceContext, references: Sequence[str]) -> Any:
    """Answers nobody any more, once one call was cancelled."""
    if getattr(self, "is_taken", False):
        raise RuntimeError("the connection is taken")
    self.is_taken = True  # type: ignore[attr-defined]  # it is made here
    await asyncio.sleep(0)
    answers = GoodSource.resolve(self, context, references)
    self.is_taken = False  # type: ignore[attr-defined]  # it is made here
    return answers


LEFT: list[asyncio.Task[Any]] = []
RELEASED = threading.Event()


def crowded(self: GoodSource, context: SourceContext, query: EntryQuery) -> EntryPage:
    """Cannot answer two at once."""
    counted = COUNTED.setdefault(id(self), threading.Semaphore())
    if not counted.acquire(blocking=False):
        return EntryPage([])
    try:
        # Others have a turn meanwhile.
        time.sleep(0.002)
        return page_of_entries(self.listed(query.container), query)
    finally:
        counted.release()


COUNTED: dict[int, threading.Semaphore] = {}


def known_viewers_only(self: GoodSource, context: SourceContext, query: ContainerQuery) -> ContainerPage:
    if context.viewer is not None and not context.viewer.references:
        raise KeyError(context.viewer.email)
    return page_of_containers(self.boxes(), query)


def tolerant(self: GoodSource, context: SourceContext, query: EntryQuery) -> EntryPage:
    return page_of_entries(self.groups.get(query.container, []) if query.container else self.everybody, query)


def raising_on_length(self: GoodSource, context: SourceContext, query: EntryQuery) -> EntryPage:
    if len(query.search) > 1_000:
        raise ValueError("too long")
    return page_of_entries(self.listed(query.container), query)


def like(name: str, search: str) -> bool:
    """As SQL's LIKE finds, where nobody thought of its signs."""
    pattern = re.escape(search.lower()).replace("_", ".").replace("%", ".*")
    return bool(re.search(rf"(?:^|[\W]){pattern}", name.lower())) or matches(name, search)


def in_lists(entry: Entry) -> Entry:
    return replace(entry, groups=["sales"])  # type: ignore[arg-type]  # what must not be done


def without_accents_only(name: str, search: str) -> bool:
    """é is found by é alone."""
    return matches(name, search) and search.lower() in name.lower()


def boxes_as_they_come(self: GoodSource, context: SourceContext, query: ContainerQuery) -> ContainerPage:
    found = list(reversed(page_of_containers(self.boxes(), ContainerQuery(ALL, query.search)).containers))
    after = query.page.after
    ids = [one.id for one in found]
    start = 0 if after is None else ids.index(after.id) + 1 if after.id in ids else len(ids)
    return ContainerPage(found[start : start + query.page.first], len(found) > start + query.page.first)


def at_most_five(page: EntryPage, query: EntryQuery) -> EntryPage:
    return replace(page, entries=page.entries[:5], has_more=page.has_more or len(page.entries) > 5)


def without_aliases(answers: Sequence[Entry | None], asked: Sequence[str]) -> Any:
    return [None if "old" in one else answer for one, answer in zip(asked, answers, strict=True)]


def first_boxes_only(self: GoodSource, context: SourceContext, query: ContainerQuery) -> ContainerPage:
    return replace(page_of_containers(self.boxes(), query), has_more=False)


def boxes_by_exact_letters(self: GoodSource, context: SourceContext, query: ContainerQuery) -> ContainerPage:
    return page_of_containers([box for box in self.boxes() if query.search in box.name], replace(query, search=""))


def overlapping(self: GoodSource, context: SourceContext, query: EntryQuery) -> EntryPage:
    """A small page begins with the last one of the page before."""
    after = query.page.after
    if after is None or query.page.first > 100 or len(query.search) > 0:
        return page_of_entries(self.listed(query.container), query)
    entries = page_of_entries(self.listed(query.container), EntryQuery(ALL)).entries
    start = [one.reference for one in entries].index(after.id) if after.id.startswith("guest:") else len(entries)
    start += query.page.first == 1
    rest = entries[start:]
    return EntryPage(rest[: query.page.first], len(rest) > query.page.first, len(entries))


def wavering(self: GoodSource, context: SourceContext, query: EntryQuery) -> EntryPage:
    """Those of one name change places from call to call, where there is but one page."""
    page = page_of_entries(self.listed(query.container), query)
    if len(page.entries) < len(self.everybody):
        return page
    self.turns = not getattr(self, "turns", False)  # type: ignore[attr-defined]  # it is made here
    turned = reversed(page.entries) if self.turns else page.entries  # type: ignore[attr-defined]  # the same
    return replace(page, entries=sorted(turned, key=lambda one: name_key(one.name)))


def beginning_anew(self: GoodSource, context: SourceContext, query: EntryQuery) -> EntryPage:
    page = page_of_entries(self.listed(query.container), query)
    is_behind = not (page.entries or query.search)
    return page_of_entries(self.listed(query.container), EntryQuery(PageRequest(10))) if is_behind else page


def by_reference_alone(self: GoodSource, context: SourceContext, query: EntryQuery) -> EntryPage:
    """Knows the place of an entry by its reference, and none where it is gone."""
    after = query.page.after
    references = [one.reference for one in self.everybody]
    if after is not None and after.id not in references:
        return EntryPage([])
    return page_of_entries(self.listed(query.container), query)


def resolving_renamed(self: GoodSource, context: SourceContext, references: Sequence[str]) -> Any:
    own = [re.sub(r"guest:(?:sales|support)-", "guest:", one) for one in references]
    answers = GoodSource.resolve(self, context, own)
    return [
        entry and replace(entry, reference=asked if "old" not in asked else entry.reference)
        for asked, entry in zip(references, answers, strict=True)
    ]


def finding_renamed(self: GoodSource, context: SourceContext, addresses: Sequence[str]) -> Any:
    everywhere = {group: [renamed(one, group) for one in entries] for group, entries in self.groups.items()}
    entries = [*self.everybody, *(entry for group in everywhere.values() for entry in group)]
    found = [[entry for entry in entries if (entry.email or "").lower() == one] for one in addresses]
    return [owners[:MOST_OF_ONE_ADDRESS] for owners in found]


def quoting(self: GoodSource, context: SourceContext, query: EntryQuery) -> EntryPage:
    if "'" in query.search:
        raise ValueError(f"syntax error near {query.search}")
    return page_of_entries(self.listed(query.container), query)


def never_empty(self: GoodSource, context: SourceContext, query: EntryQuery) -> EntryPage:
    page = page_of_entries(self.listed(query.container), query)
    is_nobody = query.search.startswith("qx") and not page.entries
    return replace(page, entries=self.everybody[:1]) if is_nobody else page


def found_once(self: GoodSource, context: SourceContext, query: EntryQuery) -> EntryPage:
    page = page_of_entries(self.listed(query.container), query)
    return replace(page, has_more=False) if query.search else page


def within_containers(self: GoodSource, context: SourceContext, query: EntryQuery) -> EntryPage:
    if query.container is None and query.search:
        return EntryPage([])
    return page_of_entries(self.listed(query.container), query)


def resolving_sorted(self: GoodSource, context: SourceContext, references: Sequence[str]) -> Any:
    answers = GoodSource.resolve(self, context, references)
    return sorted(answers, key=lambda one: "" if one is None else one.reference)


def made_up(answers: Sequence[Entry | None], asked: Sequence[str]) -> Any:
    return [
        Entry(one, ParticipantKind.PERSON, "Somebody") if answer is None and one == "guest:-1" else answer
        for one, answer in zip(asked, answers, strict=True)
    ]


def resolving_numbers(self: GoodSource, context: SourceContext, references: Sequence[str]) -> Any:
    for one in references:
        if one == "guest:":
            raise ValueError("no number")
    return GoodSource.resolve(self, context, references)


def resolving_some(self: GoodSource, context: SourceContext, references: Sequence[str]) -> Any:
    if not references:
        raise ValueError("WHERE id IN ()")
    return GoodSource.resolve(self, context, references)


def resolving_few(self: GoodSource, context: SourceContext, references: Sequence[str]) -> Any:
    if len(references) > 1_000:
        raise ValueError("too many variables")
    return GoodSource.resolve(self, context, references)


def found_first(answers: Sequence[Sequence[Entry]], asked: Sequence[str]) -> Any:
    return sorted(answers, key=lambda owners: not owners)


def finding_few(self: GoodSource, context: SourceContext, addresses: Sequence[str]) -> Any:
    if len(addresses) > 1_000:
        raise ValueError("too many variables")
    return GoodSource.find(self, context, addresses)


def finding_all(self: GoodSource, context: SourceContext, addresses: Sequence[str]) -> Any:
    return [[entry for entry in self.everybody if (entry.email or "").lower() == one] for one in addresses]


def busy_all(self: GoodSource, context: SourceContext, references: Sequence[str], span: Span) -> Any:
    return [[MEETING] if MEETING.overlaps(span) else [] for _ in references]


def busy_closed(self: GoodSource, context: SourceContext, references: Sequence[str], span: Span) -> Any:
    """Takes back to back for an overlap."""
    touches = MEETING.start <= span.end and span.start <= MEETING.end
    return [[MEETING] if one == "guest:1" and touches else None for one in references]


def busy_elsewhere(self: GoodSource, context: SourceContext, references: Sequence[str], span: Span) -> Any:
    """Answers the day before too, but for questions about an hour."""
    before = Span(MEETING.start - 100 * HOUR, MEETING.end - 100 * HOUR)
    own = [MEETING] if MEETING.overlaps(span) else []
    spans = [*own, before] if span.end - span.start > HOUR else own
    return [spans if one == "guest:1" else None for one in references]
