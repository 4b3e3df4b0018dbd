"""A source whose entries are in a database: listed from what was read last, and asked who is busy at the moment."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

from invito.plugins import (
    ContainerPage,
    ContainerQuery,
    Entry,
    EntryPage,
    EntryQuery,
    ParticipantKind,
    Source,
    SourceContext,
    Span,
    UnknownContainer,
)
from invito_sql.database import Database, select
from invito_sql.rows import Rows
from invito_sql.snapshot import Snapshot, read_snapshot
from invito_sql.source_file import SourceTable

# Of whom it is known that they are free where nothing is written.
_HAVE_CALENDARS = (ParticipantKind.EMPLOYEE, ParticipantKind.RESOURCE)
# Databases allow some 2,000 parameters and more.
_IDS_AT_ONCE = 1_000
_LEAST_SECONDS = 0.05

Clock = Callable[[], float]


class NotRead(Exception):
    """The database has not been read yet, or not for too long: whoever asks is told that the source is away."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """`most_rows` a query may give, `read_seconds` it may take; `keep_seconds` what was read is answered from."""

    most_rows: int = 200_000
    read_seconds: float = 60.0
    keep_seconds: float = 3_600.0


class SqlSource(Source):
    """One of the file's sources. `read` reads anew; it is called by one thread alone."""

    def __init__(
        self, table: SourceTable, file: str, database: Database, bounds: Bounds, now: Clock = time.monotonic
    ) -> None:
        self._table, self._database, self._bounds, self._now = table, database, bounds, now
        self._rows = Rows(file, self.key, table)
        # What was read last, and when.
        self._read: tuple[Snapshot, float] | None = None
        # Whether a first attempt has ended, well or not.
        self._is_settled = threading.Event()

    def read(self) -> Snapshot:
        """What there is now, which is answered from until the next time.

        :raises sqlalchemy.exc.SQLAlchemyError: the database cannot be asked.
        :raises TooManyRows: there is more than may be kept.
        :raises WrongSourceFile: a query gives other columns or values than it should.
        """
        bounds, before = self._bounds, None if self._read is None else self._read[0]
        try:
            with self._database.reading(bounds.read_seconds) as connection:
                snapshot = read_snapshot(connection, self._table, self._rows, bounds.most_rows, before)
            self._read = snapshot, self._now()
            return snapshot
        finally:
            self._is_settled.set()

    def try_calendars(self) -> None:
        """Ask once who is busy, where the source knows: a query that is wrong raises."""

    def containers(self, context: SourceContext, query: ContainerQuery) -> ContainerPage:
        return ContainerPage(*self._snapshot(context).containers.page(query.page, query.search))

    def participants(self, context: SourceContext, query: EntryQuery) -> EntryPage:
        snapshot = self._snapshot(context)
        among = None if query.container is None else snapshot.members.get(query.container)
        if query.container is not None and among is None:
            raise UnknownContainer(query.container)
        return EntryPage(*snapshot.entries.page(query.page, query.search, among))

    def resolve(self, context: SourceContext, references: Sequence[str]) -> Sequence[Entry | None]:
        snapshot = self._snapshot(context)
        return [snapshot.entry(reference) for reference in references]

    def find(self, context: SourceContext, addresses: Sequence[str]) -> Sequence[Sequence[Entry]]:
        snapshot = self._snapshot(context)
        return [snapshot.of_address(address) for address in addresses]

    def _snapshot(self, context: SourceContext) -> Snapshot:
        """
        :raises NotRead: there is none that may be answered from.
        """
        self._is_settled.wait(max(0.0, context.deadline - time.monotonic()))
        read = self._read
        if read is None:
            raise NotRead("the database has not been read yet")
        snapshot, at = read
        if self._now() - at > self._bounds.keep_seconds:
            raise NotRead("the database was read too long ago")
        return snapshot


class SqlSourceWithCalendars(SqlSource):
    """One that has a query for busy times."""

    def busy(self, context: SourceContext, references: Sequence[str], span: Span) -> Sequence[Sequence[Span] | None]:
        snapshot = self._snapshot(context)
        places = [snapshot.place_of(reference) for reference in references]
        ids = {place: snapshot.ids[place] for place in places if place is not None}
        spans: dict[str, list[Span]] = {}
        for id_, busy in self._spans(list(ids.values()), span, context.deadline):
            if busy.overlaps(span):
                spans.setdefault(id_, []).append(busy)
        known = {place: _known_spans(snapshot.entries.items[place], spans.get(str(id_))) for place, id_ in ids.items()}
        return [None if place is None else known[place] for place in places]

    def try_calendars(self) -> None:
        ids = [] if self._read is None else self._read[0].ids[:1]
        now = datetime.now(UTC)
        for _ in self._spans(ids, Span(now, now + timedelta(days=1)), time.monotonic() + self._bounds.read_seconds):
            pass

    def _spans(self, ids: Sequence[object], span: Span, deadline: float) -> Iterator[tuple[str, Span]]:
        query = self._table.queries.busy
        assert query is not None
        start, end = (instant.astimezone(UTC).replace(tzinfo=None) for instant in (span.start, span.end))
        for place in range(0, len(ids), _IDS_AT_ONCE):
            some = ids[place : place + _IDS_AT_ONCE]
            left = max(_LEAST_SECONDS, deadline - time.monotonic())
            with (
                self._database.reading(left) as connection,
                select(connection, query, ids=some, start=start, end=end) as result,
            ):
                yield from self._rows.busy(result)


def source_of(
    key: str, table: SourceTable, file: str, database: Database, bounds: Bounds, now: Clock = time.monotonic
) -> SqlSource:
    """A source as a table of the file describes it: of a class of its own, since sources say what they are so."""
    kind = SqlSource if table.queries.busy is None else SqlSourceWithCalendars
    says = {
        "key": key,
        "label": table.label.label,
        "container_label": (table.container_label or table.label).label,
        "all_label": table.all_label.label,
        "directories": frozenset({table.directory or key}),
        "offers_all": table.offers_all,
        "is_searchable": table.is_searchable,
        "searches_participants": table.searches_participants,
        "replaces": table.replaces,
        "lists_employees": table.lists_employees,
    }
    made = cast("type[SqlSource]", type(kind.__name__, (kind,), says))
    return made(table, file, database, bounds, now)


def _known_spans(entry: Entry, spans: list[Span] | None) -> Sequence[Span] | None:
    """Nothing written means free only of those who have their calendar here; of others nobody knows the rest."""
    if spans is None and entry.kind in _HAVE_CALENDARS:
        return []
    return spans
