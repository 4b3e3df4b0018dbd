"""Pages for sources that hold everything in memory: search, order and cut, so that an author writes none of it."""

from collections.abc import Callable, Iterable
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
from invito.plugins.names import matches, name_key

T = TypeVar("T")


def page_of_entries(entries: Iterable[Entry], query: EntryQuery) -> EntryPage:
    """The page that the query asks for, out of all entries of its container."""
    found = [entry for entry in entries if matches(entry.name, query.search)]
    page, has_more = _cut(found, query.page, lambda entry: (name_key(entry.name), entry.reference))
    return EntryPage(page, has_more, len(found))


def page_of_containers(containers: Iterable[Container], query: ContainerQuery) -> ContainerPage:
    """The page that the query asks for, out of all containers."""
    found = [container for container in containers if matches(container.name, query.search)]
    page, has_more = _cut(found, query.page, lambda container: (name_key(container.name), container.id))
    return ContainerPage(page, has_more, len(found))


def _cut(items: list[T], page: PageRequest, key: Callable[[T], tuple[str, str]]) -> tuple[list[T], bool]:
    after = ("", "") if page.after is None else (page.after.name_key, page.after.id)
    rest = [item for item in sorted(items, key=key) if page.after is None or key(item) > after]
    return rest[: page.first], len(rest) > page.first
