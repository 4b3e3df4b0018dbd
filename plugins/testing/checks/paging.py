"""Lists of entries: their order, and how pages add up to them."""

import inspect
from itertools import pairwise

from invito.plugins.contract import EntryQuery, PageRequest, Position
from invito.plugins.names import name_key
from invito.plugins.testing.facts import NotChecked, expect, given, shown
from invito.plugins.testing.listing import (
    LARGEST_PAGE,
    NOBODY_LISTED,
    Listing,
    expect_same,
    fullest,
    listing,
    listings,
    opened,
    position_of,
)
from invito.plugins.testing.trial import Trial

_SMALL_PAGES = (1, 2, 7)
# Of pages that small, so many are asked for.
_MOST_SMALL_PAGES = 30
# Behind every name: no letter has a higher code point.
_END = Position("\U0010ffff", "\U0010ffff")
_FIRST_AND_LAST = ("0 Invito Kit", "Åå Invito Kit")


async def entries_are_listed_in_name_order(trial: Trial) -> None:
    """Entries are listed in name order, the Norwegian one: æ, ø, å come last."""
    for one in await listings(trial):
        keys = [name_key(entry.name) for entry in one.entries]
        wrong = next((n for n, pair in enumerate(pairwise(keys)) if pair[0] > pair[1]), None)
        if wrong is not None:
            pair = " before ".join(repr(entry.name) for entry in one.entries[wrong : wrong + 2])
            expect(False, f"{_named(one.container)} lists {pair}: order by `invito.plugins.names.name_key`.")


async def nobody_is_listed_twice(trial: Trial) -> None:
    """Nobody is listed twice in one list."""
    for one in await listings(trial):
        twice = sorted({reference for reference in one.references if one.references.count(reference) > 1})
        expect(not twice, f"{_named(one.container)} lists {shown(twice)} more than once.")


async def small_pages_add_up_to_the_whole_list(trial: Trial) -> None:
    """Pages of one, of two and of seven add up to the same list as large ones."""
    whole = await fullest(trial)
    for size in _SMALL_PAGES:
        most = size * _MOST_SMALL_PAGES
        pages = await listing(trial, whole.container, size=size, most=most)
        expect_same(whole.entries[:most], pages.entries, f"Pages of {size} add up to something else than a large page")


async def a_page_is_as_long_as_asked_for(trial: Trial) -> None:
    """A page has as many as were asked for, as long as there are so many."""
    whole = await fullest(trial)
    for size in (1, 2, len(whole.entries), LARGEST_PAGE):
        page = await trial.participants(EntryQuery(PageRequest(size), whole.container))
        there = min(size, len(whole.entries)) if whole.is_whole or size <= len(whole.entries) else len(page.entries)
        expect(len(page.entries) == there, f"A page of {size} has {len(page.entries)} of {there} entries.")


async def has_more_says_whether_there_is_more(trial: Trial) -> None:
    """`has_more` is true where there is more behind the page, and false behind the last one."""
    whole = await fullest(trial)
    for size in {1, max(1, len(whole.entries) - 1), min(len(whole.entries), LARGEST_PAGE)}:
        page = await trial.participants(EntryQuery(PageRequest(size), whole.container))
        is_more = size < len(whole.entries) or not whole.is_whole
        expect(
            page.has_more is is_more,
            f"The first {size} of {len(whole.entries)} entries say `has_more={page.has_more}`.",
        )


async def totals_count_the_whole_list(trial: Trial) -> None:
    """`total` counts all pages together, and is the same on each; or it is None."""
    for whole in await listings(trial):
        for after in (None, *(position_of(entry) for entry in whole.entries[:1])):
            page = await trial.participants(EntryQuery(PageRequest(1, after), whole.container))
            is_right = (
                page.total == len(whole.entries)
                if whole.is_whole
                else (page.total or len(whole.entries)) >= len(whole.entries)
            )
            expect(
                page.total is None or is_right,
                f"{_named(whole.container)} has {len(whole.entries)} entries and says `total={page.total}`.",
            )


async def the_same_question_has_the_same_answer(trial: Trial) -> None:
    """The same question has the same answer, entries of one name in the same order too."""
    for one in await listings(trial):
        again = await listing(trial, one.container)
        expect_same(one.entries, again.entries, f"{_named(one.container)} lists something else when asked again")


async def behind_the_end_is_nothing(trial: Trial) -> None:
    """A position behind the end gives an empty page, and no more behind it."""
    for container in await opened(trial):
        page = await trial.participants(EntryQuery(PageRequest(10, _END), container))
        expect(not page.entries, f"Behind the end {_named(container)} lists {shown(page.entries)}.")
        expect(not page.has_more, f"Behind the end {_named(container)} says that there is more.")


async def a_place_stays_where_its_entry_is_gone(trial: Trial) -> None:
    """A page begins at its position in name order, though the entry that stood there is gone meanwhile."""
    whole = await fullest(trial, least=2)
    last_seen = name_key(whole.entries[len(whole.entries) // 2 - 1].name)
    # A blank sorts before every letter: this is behind all of that name, and before all others.
    gone = Position(f"{last_seen} ", "gone:1")
    behind = [entry for entry in whole.entries if name_key(entry.name) > last_seen]

    page = await listing(trial, whole.container, after=gone, most=max(1, len(behind)))

    expect_same(behind, page.entries, "Behind an entry that is gone is listed something else")


async def paging_is_stable_while_entries_are_added(trial: Trial) -> None:
    """Who pages on while entries are added misses nobody and sees nobody twice."""
    add = given(trial.facts.add_entry, "how an entry of a name is added to what the source lists: Facts(add_entry=…)")
    before = [one for one in await listings(trial) if len(one.entries) > 1]
    if not before:
        raise NotChecked(NOBODY_LISTED)
    halves = [await _first_half(trial, one) for one in before]

    for name in _FIRST_AND_LAST:
        added = add(name)
        if inspect.isawaitable(added):
            await added

    is_listed = False
    for whole, half in zip(before, halves, strict=True):
        rest = await listing(trial, whole.container, after=position_of(half.entries[-1]))
        seen = [entry for entry in (*half.entries, *rest.entries) if entry.name not in _FIRST_AND_LAST]
        most = len(whole.entries) if not whole.is_whole else len(seen)
        expect_same(
            whole.entries, seen[:most], f"{_named(whole.container)} lists something else, paged over an addition"
        )
        is_listed |= bool((await listing(trial, whole.container, "invito kit")).entries)
    expect(is_listed, "What `add_entry` added is found in none of the lists.")


async def _first_half(trial: Trial, whole: Listing) -> Listing:
    half = len(whole.entries) // 2
    page = await trial.participants(EntryQuery(PageRequest(min(half, LARGEST_PAGE)), whole.container))
    return Listing(whole.container, page.entries, is_whole=False)


def _named(container: str | None) -> str:
    return "All" if container is None else f"Container {shown(container)}"
