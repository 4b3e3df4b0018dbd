"""Pages for sources that hold everything in memory: search, order and cut, so that an author writes none of it."""

from collections.abc import Callable, Iterable, Iterator
from heapq import nsmallest
from operator import itemgetter
from typing import TypeVar

from invito.plugins.contract import (
    Container,
    ContainerPage,
    ContainerQuery,
    Entry,
    EntryPage,
    EntryQuery,
    PageRequest,
)
from invito.plugins.names import matching, name_key

T = TypeVar("T")


def page_of_entries(entries: Iterable[Entry], query: EntryQuery) -> EntryPage:
    """The page that the query asks for, out of all entries of its container."""
    is_found = matching(query.search)
    found = [entry for entry in entries if is_found(entry.name)]
    page, has_more = _cut(found, query.page, lambda entry: (name_key(entry.name), entry.reference))
    return EntryPage(page, has_more, len(found))


def page_of_containers(containers: Iterable[Container], query: ContainerQuery) -> ContainerPage:
    """The page that the query asks for, out of all containers."""
    is_found = matching(query.search)
    found = [container for container in containers if is_found(container.name)]
    page, has_more = _cut(found, query.page, lambda container: (name_key(container.name), container.id))
    return ContainerPage(page, has_more, len(found))


def _cut(items: list[T], page: PageRequest, key: Callable[[T], tuple[str, str]]) -> tuple[list[T], bool]:
    """Those after the position, in order, and whether there are more: the first of them alone need to be ordered."""
    keyed: Iterator[tuple[tuple[str, str], T]] = zip(map(key, items), items, strict=True)
    if page.after is not None:
        after = (page.after.name_key, page.after.id)
        keyed = ((place, item) for place, item in keyed if place > after)
    first = [item for _, item in nsmallest(page.first + 1, keyed, key=itemgetter(0))]
    return first[: page.first], len(first) > page.first
