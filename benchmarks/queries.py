"""Conflicts over 1,000,000 spans and search over 1,000,000 names, in process, beside the bare SQL."""

import time
from collections.abc import AsyncIterator
from datetime import timedelta
from statistics import median

from benchmarks.bare import Bare
from benchmarks.data import NOON
from benchmarks.timing import Pair, in_turn_async
from invito.plugins.contract import EntryQuery, PageRequest, ParticipantKind, Span
from invito.services.busy.finding import busy_spans_of
from invito.services.directory import Directory
from invito.services.storage.database import Database

_SPANS = (("an hour", timedelta(hours=1)), ("14 days", timedelta(days=14)))
# From what a fifth of all names have to what none has.
SEARCHES = (
    "k", "å", "o", "z", "ka", "ha", "øde", "aas", "kari", "hansen", "kari h", "k h", "ba", "badefi", "kari badefi",
    "solheim ås", "lund tor", "ragnhild dahl", "xyz",
)  # fmt: skip
_FIRST = 50


async def conflicts(
    database: Database, bare: Bare, counts: tuple[int, ...], rounds: int
) -> AsyncIterator[tuple[str, Pair]]:
    """Medians for so many references, beside the better one of both plans by hand."""
    for label, length in _SPANS:
        span = Span(NOON, NOON + length)
        start, end = int(span.start.timestamp()), int(span.end.timestamp())
        for count in counts:
            references = [f"employee:{number}" for number in range(1, count + 1)]
            async with database.read() as connection:

                async def ours() -> object:
                    return await busy_spans_of(connection, references, span)  # noqa: B023  # called in this round

                async def probed() -> object:
                    return await bare.busy(references, start, end)  # noqa: B023  # same

                async def scanned() -> object:
                    return await bare.busy_by_scan(references, start, end)  # noqa: B023  # same

                pairs = [await in_turn_async(ours, theirs, rounds) for theirs in (probed, scanned)]
            by_hand = min(pairs, key=lambda pair: pair.theirs)
            yield f"{count:,} in {label} ({'probe' if by_hand is pairs[0] else 'scan'} by hand)", by_hand


async def searching(database: Database, bare: Bare, rounds: int) -> list[tuple[str, Pair]]:
    """The median and the worst of the searches' medians."""
    directory = Directory(database)
    pairs = []
    for search in SEARCHES:
        query = EntryQuery(PageRequest(_FIRST), search=search)
        prefixes = search.split()
        ours = [await _took(directory, query) for _ in range(rounds + 1)]
        theirs = [await _bare_took(bare, prefixes) for _ in range(rounds + 1)]
        pairs.append(Pair(median(ours[1:]), median(theirs[1:])))
    worst = Pair(max(pair.ours for pair in pairs), max(pair.theirs for pair in pairs))
    middle = Pair(median(pair.ours for pair in pairs), median(pair.theirs for pair in pairs))
    return [(f"median of {len(SEARCHES)} searches", middle), ("worst of them", worst)]


async def _took(directory: Directory, query: EntryQuery) -> float:
    began = time.perf_counter()
    await directory.entries((ParticipantKind.PERSON,), query)
    return (time.perf_counter() - began) * 1_000


async def _bare_took(bare: Bare, prefixes: list[str]) -> float:
    began = time.perf_counter()
    await bare.search(prefixes, _FIRST + 1)
    return (time.perf_counter() - began) * 1_000
