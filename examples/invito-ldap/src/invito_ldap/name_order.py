"""Lists in name order, made once and looked into often: a page costs its own length, a search one look at each name.

`invito.plugins.page_of_entries` does the same from scratch each time, which takes seconds for 100,000.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Generic, TypeVar

from invito.plugins import PageRequest
from invito.plugins.names import name_key, name_words, search_terms

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class NameOrder(Generic[T]):
    """Items by name, with what each is ordered and found by."""

    items: Sequence[T]
    keys: Sequence[tuple[str, str]]
    words: Sequence[str]

    def only(self, places: Iterable[int]) -> "NameOrder[T]":
        """Those at these places alone, which are counted up."""
        chosen = list(places)
        return NameOrder(
            [self.items[place] for place in chosen],
            [self.keys[place] for place in chosen],
            [self.words[place] for place in chosen],
        )

    def page(self, page: PageRequest, search: str, *, wants_total: bool) -> tuple[list[T], bool, int | None]:
        """The items of the page, whether there are more, and how many there are on all pages, where that is asked."""
        after = page.after
        start = 0 if after is None else bisect_right(self.keys, (after.name_key, after.id))
        terms = [[f" {word}" for word in one] for one in search_terms(search)]
        if not terms:
            chosen = self.items[start : start + page.first]
            return list(chosen), start + page.first < len(self.items), len(self.items)
        found = list(islice(self._found(terms, start), page.first + 1))
        total = sum(1 for _ in self._found(terms, 0)) if wants_total else None
        return [self.items[place] for place in found[: page.first]], len(found) > page.first, total

    def _found(self, terms: Sequence[Sequence[str]], start: int) -> Iterable[int]:
        """The places, from this one on, where each term begins a word."""
        words = self.words
        for place in range(start, len(words)):
            there = words[place]
            if all(any(word in there for word in spellings) for spellings in terms):
                yield place


def in_name_order(items: Iterable[T], name: Callable[[T], str], id_: Callable[[T], str]) -> NameOrder[T]:
    """All of these, those of one name by their ids."""
    keyed = sorted((((name_key(name(item)), id_(item)), item) for item in items), key=lambda pair: pair[0])
    return NameOrder(
        [item for _, item in keyed], [key for key, _ in keyed], [name_words(name(item)) for _, item in keyed]
    )
