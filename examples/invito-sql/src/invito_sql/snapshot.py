"""Everything a source lists, as it was at one time."""

from array import array
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from sqlalchemy import Connection

from invito.plugins import Container, ContainerQuery, Entry, EntryQuery, UnknownContainer
from invito_sql.database import select
from invito_sql.name_index import Named, NameIndex, Page, named
from invito_sql.rows import Listed, Rows
from invito_sql.source_file import SourceTable

T = TypeVar("T")
# So many entries of one address are let in.
_MOST_OF_ONE_ADDRESS = 100
_NOTHING: NameIndex[Listed] = NameIndex([])


class TooManyRows(Exception):
    """A query gives more rows than may be kept: the message says which, and how many may be."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Entries and containers by name, entries by reference and address, and the entries' places by container.

    `left_out` rows had no id, no name, or the id of one before them.
    """

    entries: NameIndex[Listed] = _NOTHING
    containers: NameIndex[Container] = field(default_factory=lambda: NameIndex([]))
    places: Mapping[str, Sequence[int]] = field(default_factory=dict)
    by_reference: dict[str, Named[Listed]] = field(default_factory=dict)
    by_address: dict[str, list[Entry]] = field(default_factory=dict)
    left_out: int = 0

    def page_of_entries(self, query: EntryQuery) -> Page[Listed]:
        """
        :raises UnknownContainer: there is none of this id.
        """
        places = None
        if query.container is not None:
            places = self.places.get(query.container)
            if places is None:
                raise UnknownContainer(query.container)
        return self.entries.page(query.page, query.search, query.wants_total, places)

    def page_of_containers(self, query: ContainerQuery) -> Page[Container]:
        return self.containers.page(query.page, query.search, query.wants_total)

    def entry(self, reference: str) -> Listed | None:
        found = self.by_reference.get(reference)
        return None if found is None else found.item


def read_snapshot(connection: Connection, table: SourceTable, rows: Rows, most: int, before: Snapshot) -> Snapshot:
    """What the queries give now. What is as it was in the snapshot before is taken from there.

    :raises TooManyRows: one of them gives more than `most`.
    :raises WrongSourceFile: one gives other columns or values than it should.
    """
    queries = table.queries
    containers: dict[str, Container] = {}
    containers_of: dict[str, list[Container]] = defaultdict(list)
    left_out = 0
    if queries.containers is not None and queries.members is not None:
        with select(connection, queries.containers) as result:
            found = _at_most(rows.containers(result), most, "containers")
            containers, left_out = _by_id(found, lambda one: one.id)
        with select(connection, queries.members) as result:
            for container, id_ in dict.fromkeys(_at_most(rows.members(result), most, "members")):
                if container in containers:
                    containers_of[id_].append(containers[container])
    with select(connection, queries.everyone) as result:
        listed = _at_most(rows.entries(result, lambda id_: containers_of.get(id_, ())), most, "everyone")
        entries, more_left_out = _by_id(listed, lambda one: str(one.id))
    return _snapshot(containers, containers_of, entries, left_out + more_left_out, before)


def _snapshot(
    containers: dict[str, Container],
    containers_of: Mapping[str, Sequence[Container]],
    entries: dict[str, Listed],
    left_out: int,
    before: Snapshot,
) -> Snapshot:
    ordered = NameIndex(_named_entry(listed, before) for listed in _each_alias_once(entries.values()))
    places = {id_: array("I") for id_ in containers}
    for place, one in enumerate(ordered):
        for container in containers_of.get(str(one.item.id), ()):
            places[container.id].append(place)
    named_before = {one.item.id: one for one in before.containers}
    counted = (replace(one, member_count=len(places[one.id])) for one in containers.values())
    by_address: dict[str, list[Entry]] = defaultdict(list)
    for one in ordered:
        if one.item.entry.email is not None:
            by_address[one.item.entry.email.lower()].append(one.item.entry)
    return Snapshot(
        entries=ordered,
        containers=NameIndex(_named_container(one, named_before.get(one.id)) for one in counted),
        places=places,
        by_reference={reference: one for one in ordered for reference in one.item.entry.references},
        by_address={address: owners[:_MOST_OF_ONE_ADDRESS] for address, owners in by_address.items()},
        left_out=left_out,
    )


def _each_alias_once(entries: Collection[Listed]) -> Iterator[Listed]:
    """An alias that an earlier one has already, or that is somebody's own reference, is taken away."""
    taken = {listed.entry.reference for listed in entries}
    for listed in entries:
        if taken.isdisjoint(listed.entry.aliases):
            taken.update(listed.entry.aliases)
            yield listed
        else:
            yield replace(listed, entry=replace(listed.entry, aliases=()))


def _named_entry(listed: Listed, before: Snapshot) -> Named[Listed]:
    entry = listed.entry
    there = before.by_reference.get(entry.reference)
    if there is not None and there.item.entry.name == entry.name:
        return there if there.item == listed else replace(there, item=listed)
    return named(listed, entry.name, entry.reference)


def _named_container(container: Container, before: Named[Container] | None) -> Named[Container]:
    if before is not None and before.item.name == container.name:
        return replace(before, item=container)
    return named(container, container.name, container.id)


def _by_id(rows: Iterable[T | None], id_of: Callable[[T], str]) -> tuple[dict[str, T], int]:
    """The rows by id, the first of each, and how many were left out."""
    found: dict[str, T] = {}
    left_out = 0
    for row in rows:
        if row is None or found.setdefault(id_of(row), row) is not row:
            left_out += 1
    return found, left_out


def _at_most(rows: Iterable[T], most: int, query: str) -> Iterator[T]:
    for number, row in enumerate(rows):
        if number == most:
            raise TooManyRows(f"queries.{query} gives more than {most:,} rows: see INVITO_SQL_MOST_ROWS")
        yield row
