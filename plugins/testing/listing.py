"""Lists of a source, page by page, as far as the kit looks through them."""

from collections.abc import Sequence
from dataclasses import dataclass

from invito.plugins.contract import (
    Container,
    ContainerQuery,
    Entry,
    EntryQuery,
    PageRequest,
    Position,
    UnknownContainer,
)
from invito.plugins.names import name_key
from invito.plugins.testing.facts import NotChecked, expect
from invito.plugins.testing.trial import Trial

# What a running Invito asks for at most, at once.
LARGEST_PAGE = 500
# A source of a million entries is looked through so far.
MOST_ENTRIES = 1_000
MOST_CONTAINERS = 100
_CONTAINERS_OPENED = 5

NOBODY_LISTED = "The source lists nobody: try it with entries, or name a container: Facts(container=…), or --container."


@dataclass(frozen=True, slots=True)
class Listing:
    """The entries of one container, or of All (`container` is None). `is_whole`: there are no more."""

    container: str | None
    entries: Sequence[Entry]
    is_whole: bool

    @property
    def references(self) -> list[str]:
        return [entry.reference for entry in self.entries]


def position_of(entry: Entry) -> Position:
    return Position(name_key(entry.name), entry.reference)


async def listing(
    trial: Trial,
    container: str | None,
    search: str = "",
    *,
    size: int = LARGEST_PAGE,
    most: int = MOST_ENTRIES,
    after: Position | None = None,
) -> Listing:
    """What the pages of this size add up to, from a position on.

    :raises UnknownContainer: there is none.
    """
    entries: list[Entry] = []
    while len(entries) < most:
        page = await trial.participants(EntryQuery(PageRequest(size, after), container, search))
        entries.extend(page.entries)
        if not (page.has_more and page.entries):
            return Listing(container, entries[:most], len(entries) <= most)
        after = position_of(page.entries[-1])
    return Listing(container, entries[:most], is_whole=False)


async def containers(
    trial: Trial, search: str = "", *, size: int = MOST_CONTAINERS, most: int = MOST_CONTAINERS
) -> Sequence[Container]:
    """The first containers, in pages of this size."""
    found: list[Container] = []
    after = None
    while len(found) < most:
        page = await trial.containers(ContainerQuery(PageRequest(size, after), search))
        found.extend(page.containers)
        if not (page.has_more and page.containers):
            break
        after = Position(name_key(page.containers[-1].name), page.containers[-1].id)
    return found[:most]


async def opened(trial: Trial) -> list[str | None]:
    """What is looked into: All where it is offered, the first few containers, and the one that the author named."""
    first = await trial.containers(ContainerQuery(PageRequest(_CONTAINERS_OPENED)))
    ids = [container.id for container in first.containers]
    named = [] if trial.facts.container is None else [trial.facts.container]
    there = [id_ for id_ in dict.fromkeys([*named, *ids]) if await _can_be_opened(trial, id_)]
    return [*([None] if trial.source.offers_all else []), *there]


async def listings(trial: Trial) -> list[Listing]:
    """Those of all that is looked into.

    :raises NotChecked: nobody is listed anywhere.
    """
    found = [await listing(trial, container) for container in await opened(trial)]
    if not any(one.entries for one in found):
        raise NotChecked(NOBODY_LISTED)
    return found


async def _can_be_opened(trial: Trial, container: str) -> bool:
    """Whether it can: that it should is a promise of its own, which would spoil all others."""
    try:
        await trial.participants(EntryQuery(PageRequest(1), container))
    except UnknownContainer:
        return False
    return True


async def fullest(trial: Trial, least: int = 1) -> Listing:
    """The longest list of those that are looked into.

    :raises NotChecked: none has so many.
    """
    found = max(await listings(trial), key=lambda one: len(one.entries))
    if len(found.entries) < least:
        raise NotChecked(f"No list has {least} entries: try the source with more.")
    return found


async def some_entries(trial: Trial, most: int = 20) -> Sequence[Entry]:
    """Entries from everywhere, each once: the first and the last of each list."""
    found: dict[str, Entry] = {}
    for one in await listings(trial):
        half = most // 2
        ends = [*one.entries[:half], *one.entries[half:][-half:]]
        found |= {entry.reference: entry for entry in ends}
    return list(found.values())[:most]


def expect_same(asked: Sequence[Entry], answered: Sequence[Entry], what: str) -> None:
    """
    :raises Broken: other entries, or in another order.
    """
    wanted, got = [entry.reference for entry in asked], [entry.reference for entry in answered]
    if wanted == got:
        return
    missing = [one for one in wanted if one not in set(got)]
    surplus = [one for one in got if one not in set(wanted)]
    place = next((n for n, pair in enumerate(zip(wanted, got, strict=False)) if pair[0] != pair[1]), len(got))
    differs = f"missing: {missing[:3]}, too many: {surplus[:3]}, differing from place {place} on"
    expect(False, f"{what} ({len(wanted)} expected, {len(got)} answered; {differs}).")
