"""What rows mean: entries, containers, who is in which container, and busy spans."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import CursorResult

from invito.plugins import (
    MOST_IN_DESCRIPTION,
    MOST_IN_NAME,
    MOST_IN_PLACE,
    MOST_IN_REFERENCE,
    Container,
    ContainerKind,
    Entry,
    Language,
    ParticipantKind,
    Span,
    clean_address,
    clean_text,
    is_time_zone,
)
from invito_sql.source_file import SourceTable, WrongSourceFile

T = TypeVar("T")
Row = Mapping[str, Any]

_NAMES = frozenset({"name", "first_name", "middle_name", "last_name"})
_OF_AN_ENTRY = _NAMES | {
    "id",
    "kind",
    "email",
    "organization",
    "title",
    "place",
    "is_location",
    "language",
    "time_zone",
    "alias",
}
_KINDS = {kind.name.lower(): kind for kind in ParticipantKind if kind is not ParticipantKind.EMAIL}


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry, and its id as the database has it. `has_wrong_zone`: its time zone is none, and left out."""

    entry: Entry
    id: object
    has_wrong_zone: bool = False


class Rows:
    """Reads the rows of one source's queries. `file` and `key` are for messages."""

    def __init__(self, file: str, key: str, table: SourceTable) -> None:
        self._file, self._key, self._table = file, key, table
        self._directory = table.directory or key
        self._container_kind = ContainerKind[table.container_kind.upper()]

    def containers(self, result: CursorResult[Any]) -> Iterator[Container | None]:
        """A container a row; None for one without an id or a name."""
        for row in self._rows(result, "containers", {"id", "name"}, {"id", "name", "description"}):
            id_, name = _id(row["id"]), _text(row["name"], MOST_IN_NAME)
            description = _text(row.get("description"), MOST_IN_DESCRIPTION)
            yield Container(id_, name, self._container_kind, description) if id_ and name else None

    def members(self, result: CursorResult[Any]) -> Iterator[tuple[str, str]]:
        """The ids of a container and of an entry that is in it, a row."""
        columns = {"container", "id"}
        for row in self._rows(result, "members", columns, columns):
            container, id_ = _id(row["container"]), _id(row["id"])
            if container and id_:
                yield container, id_

    def entries(
        self, result: CursorResult[Any], groups: Callable[[str], Iterable[Container]]
    ) -> Iterator[Listed | None]:
        """An entry a row; None for one without an id or a name. `groups` are the containers of an id."""
        for row in self._rows(result, "everyone", {"id"}, _OF_AN_ENTRY, one_of=_NAMES):
            id_ = _id(row["id"])
            name = _name(row)
            if not (id_ and name):
                yield None
                continue
            zone = _text(row.get("time_zone"), MOST_IN_NAME)
            is_wrong = zone is not None and not is_time_zone(zone)
            yield Listed(self._entry(row, id_, name, None if is_wrong else zone, groups), row["id"], is_wrong)

    def busy(self, result: CursorResult[Any]) -> Iterator[tuple[str, Span]]:
        """An id and a span a row; those that have no end, or end as they begin, take no time."""
        columns = {"id", "starts", "ends"}
        for row in self._rows(result, "busy", columns, columns):
            start, end = self._instant(row, "starts"), self._instant(row, "ends")
            if start is not None and end is not None and start < end:
                yield str(row["id"]), Span(start, end)

    def wrong(self, query: str, problem: str) -> WrongSourceFile:
        return WrongSourceFile(f"{self._file}: [sources.{self._key}.queries] {query}: {problem}")

    def _rows(
        self,
        result: CursorResult[Any],
        query: str,
        needed: Iterable[str],
        known: frozenset[str] | set[str],
        one_of: frozenset[str] = frozenset(),
    ) -> Iterator[Row]:
        there = [column.lower() for column in tuple(result.keys())]
        missing = sorted(set(needed).difference(there))
        if missing:
            raise self.wrong(query, f"gives no column {missing[0]}")
        if one_of and one_of.isdisjoint(there):
            raise self.wrong(query, f"gives no column {', '.join(sorted(one_of))}: one of them is needed")
        surplus = sorted(set(there) - known)
        if surplus:
            raise self.wrong(query, f"gives a column {surplus[0]}, which means nothing: {', '.join(sorted(known))} do")
        for row in result:
            yield dict(zip(there, row, strict=True))

    def _entry(
        self, row: Row, id_: str, name: str, zone: str | None, groups: Callable[[str], Iterable[Container]]
    ) -> Entry:
        kind = self._one_of(row, "kind", _KINDS) or _KINDS[self._table.kind]
        is_grouped = kind is ParticipantKind.EMPLOYEE and self._container_kind is ContainerKind.USER_GROUP
        own_groups = tuple(groups(id_)) if is_grouped else ()
        alias = _id(row.get("alias"))
        return Entry(
            reference=f"{self._directory}:{id_}",
            kind=kind,
            name=name,
            email=None if row.get("email") is None else clean_address(str(row["email"])),
            organization=_text(row.get("organization"), MOST_IN_NAME),
            title=_text(row.get("title"), MOST_IN_NAME),
            aliases=(alias,) if alias else (),
            groups=tuple(group.name for group in own_groups),
            group_ids=tuple(f"{self._key}:{group.id}" for group in own_groups),
            place=_text(row.get("place"), MOST_IN_PLACE),
            is_location=bool(row.get("is_location")),
            language=self._one_of(row, "language", {"en": Language.EN, "nb": Language.NB}),
            time_zone=zone,
        )

    def _one_of(self, row: Row, column: str, meanings: Mapping[str, T]) -> T | None:
        value = row.get(column)
        if value is None:
            return None
        meaning = meanings.get(str(value).strip().lower())
        if meaning is None:
            raise self.wrong("everyone", f"gives another {column} than {', '.join(sorted(meanings))}, or NULL")
        return meaning

    def _instant(self, row: Row, column: str) -> datetime | None:
        """In UTC, as which an instant without an offset is taken."""
        value = row[column]
        try:
            instant = datetime.fromisoformat(value) if isinstance(value, str) else value
        except ValueError:
            instant = ...
        if instant is None:
            return None
        if not isinstance(instant, datetime):
            raise self.wrong("busy", f"gives no date and time in {column}")
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant


def _name(row: Row) -> str | None:
    """The name, or else what it is made of, or else the address."""
    parts = [_text(row.get(part), MOST_IN_NAME) for part in ("first_name", "middle_name", "last_name")]
    made = " ".join(part for part in parts if part)
    return _text(row.get("name") or made or row.get("email"), MOST_IN_NAME)


def _id(value: object) -> str | None:
    """An id as a text; None where it is none that could be kept."""
    id_ = "" if value is None else str(value)
    return id_ if 0 < len(id_) < MOST_IN_REFERENCE // 2 and id_.isprintable() else None


def _text(value: object, most: int) -> str | None:
    """None where nothing is left of it."""
    return None if value is None else clean_text(str(value), most) or None
