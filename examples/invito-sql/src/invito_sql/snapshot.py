"""Everything a source lists, as it was at one time."""

from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from sqlalchemy import Connection

from invito.plugins import MOST_OF_ONE_ADDRESS, Container, Entry, NameIndex
from invito_sql.database import select
from invito_sql.rows import Rows
from invito_sql.source_file import SourceTable

T = TypeVar("T")


class TooManyRows(Exception):
    """A query gives more rows than may be kept: the message says which, and how many may be."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Entries and containers by name; places of entries in each container, by each address, and by what is an alias.

    `ids` are the entries' as the database has them, each at its entry's place. `left_out` rows had no id, no name, or
    the id of one before them; `wrong_zones` entries a time zone that is none.
    """

    entries: NameIndex[Entry]
    ids: Sequence[object]
    containers: NameIndex[Container]
    members: Mapping[str, Sequence[int]]
    addresses: Mapping[str, Sequence[int]]
    aliases: Mapping[str, int]
    left_out: int
    wrong_zones: int

    def place_of(self, reference: str) -> int | None:
        place = self.entries.place_of.get(reference)
        return self.aliases.get(reference) if place is None else place

    def entry(self, reference: str) -> Entry | None:
        place = self.place_of(reference)
        return None if place is None else self.entries.items[place]

    def of_address(self, address: str) -> list[Entry]:
        return [self.entries.items[place] for place in self.addresses.get(address, ())[:MOST_OF_ONE_ADDRESS]]


def read_snapshot(
    connection: Connection, table: SourceTable, rows: Rows, most: int, before: Snapshot | None
) -> Snapshot:
    """What the queries give now. What is as it was in the snapshot before is taken from there.

    :raises TooManyRows: one of them gives more than `most`.
    :raises WrongSourceFile: one gives other columns or values than it should.
    """
    queries = table.queries
    containers: dict[str, Container] = {}
    containers_of: dict[str, list[str]] = {}
    left_out = wrong_zones = 0
    if queries.containers is not None and queries.members is not None:
        with select(connection, queries.containers) as result:
            found = _at_most(rows.containers(result), most, "containers")
            containers, left_out = _by_id(found, lambda one: one.id)
        with select(connection, queries.members) as result:
            for container, id_ in dict.fromkeys(_at_most(rows.members(result), most, "members")):
                if container in containers:
                    containers_of.setdefault(id_, []).append(container)
    entries: dict[str, Entry] = {}
    ids: dict[str, object] = {}
    with select(connection, queries.everyone) as result:
        listed = rows.entries(result, lambda id_: [containers[one] for one in containers_of.get(id_, ())])
        for one in _at_most(listed, most, "everyone"):
            if one is None or one.entry.reference in entries:
                left_out += 1
                continue
            entries[one.entry.reference] = one.entry if before is None else _as_before(one.entry, before)
            ids[one.entry.reference] = one.id
            wrong_zones += one.has_wrong_zone
    return _snapshot(containers, containers_of, entries, ids, (left_out, wrong_zones), before)


def _snapshot(
    containers: Mapping[str, Container],
    containers_of: Mapping[str, Sequence[str]],
    entry_of: Mapping[str, Entry],
    id_of: Mapping[str, object],
    counts: tuple[int, int],
    before: Snapshot | None,
) -> Snapshot:
    entries = NameIndex(_each_alias_once(entry_of.values()), None if before is None else before.entries)
    ids = [id_of[entry.reference] for entry in entries.items]
    members = {id_: array("I") for id_ in containers}
    addresses: dict[str, array[int]] = {}
    aliases: dict[str, int] = {}
    for place, entry in enumerate(entries.items):
        for container in containers_of.get(str(ids[place]), ()):
            members[container].append(place)
        if entry.email is not None:
            addresses.setdefault(entry.email.lower(), array("I")).append(place)
        for alias in entry.aliases:
            aliases[alias] = place
    counted = [replace(container, member_count=len(members[container.id])) for container in containers.values()]
    ordered = NameIndex(counted, None if before is None else before.containers)
    return Snapshot(entries, ids, ordered, members, addresses, aliases, *counts)


def _as_before(entry: Entry, before: Snapshot) -> Entry:
    """The entry of before, where it is the same: kept objects are looked at by the garbage collector less often."""
    there = before.entry(entry.reference)
    return there if there is not None and there == entry else entry


def _each_alias_once(entries: Collection[Entry]) -> Iterator[Entry]:
    """An alias that an earlier one has already, or that is somebody's own reference, is taken away."""
    taken = {entry.reference for entry in entries}
    for entry in entries:
        if taken.isdisjoint(entry.aliases):
            taken.update(entry.aliases)
            yield entry
        else:
            yield replace(entry, aliases=())


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
