"""A source whose entries are in a database: listed from what was read last, and asked who is busy at the moment."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
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
)
from invito_sql.database import Database, select
from invito_sql.rows import Listed, Rows
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


@dataclass(slots=True)
class _Reading:
    """What was read last and when; `is_settled` once a first attempt has ended, well or not."""

    snapshot: Snapshot = field(default_factory=Snapshot)
    at: float | None = None
    is_settled: threading.Event = field(default_factory=threading.Event)


class SqlSource(Source):
    """One of the file's sources. `read` reads anew; it is called by one thread alone."""

    def __init__(
        self, table: SourceTable, file: str, database: Database, bounds: Bounds, now: Clock = time.monotonic
    ) -> None:
        self._table, self._database, self._bounds, self._now = table, database, bounds, now
        self._rows = Rows(file, self.key, table)
        self._reading = _Reading()

    def read(self) -> Snapshot:
        """What there is now, which is answered from until the next time.

        :raises sqlalchemy.exc.SQLAlchemyError: the database cannot be asked.
        :raises TooManyRows: there is more than may be kept.
        :raises WrongSourceFile: a query gives other columns or values than it should.
        """
        reading, bounds = self._reading, self._bounds
        try:
            with self._database.reading(bounds.read_seconds) as connection:
                snapshot = read_snapshot(connection, self._table, self._rows, bounds.most_rows, reading.snapshot)
            reading.snapshot, reading.at = snapshot, self._now()
            return snapshot
        finally:
            reading.is_settled.set()

    def try_calendars(self) -> None:
        """Ask once who is busy, where the source knows: a query that is wrong raises."""

    def containers(self, context: SourceContext, query: ContainerQuery) -> ContainerPage:
        page = self._snapshot(context).page_of_containers(query)
        return ContainerPage(page.items, page.has_more, page.total)

    def participants(self, context: SourceContext, query: EntryQuery) -> EntryPage:
        page = self._snapshot(context).page_of_entries(query)
        return EntryPage([listed.entry for listed in page.items], page.has_more, page.total)

    def resolve(self, context: SourceContext, references: Sequence[str]) -> Sequence[Entry | None]:
        snapshot = self._snapshot(context)
        found = (snapshot.entry(reference) for reference in references)
        return [None if listed is None else listed.entry for listed in found]

    def find(self, context: SourceContext, addresses: Sequence[str]) -> Sequence[Sequence[Entry]]:
        by_address = self._snapshot(context).by_address
        return [by_address.get(address, ()) for address in addresses]

    def _snapshot(self, context: SourceContext) -> Snapshot:
        """
        :raises NotRead: there is none that may be answered from.
        """
        reading = self._reading
        reading.is_settled.wait(max(0.0, context.deadline - time.monotonic()))
        if reading.at is None:
            raise NotRead("the database has not been read yet")
        if self._now() - reading.at > self._bounds.keep_seconds:
            raise NotRead("the database was read too long ago")
        return reading.snapshot


class SqlSourceWithCalendars(SqlSource):
    """One that has a query for busy times."""

    def busy(self, context: SourceContext, references: Sequence[str], span: Span) -> Sequence[Sequence[Span] | None]:
        snapshot = self._snapshot(context)
        asked = [snapshot.entry(reference) for reference in references]
        spans: dict[str, list[Span]] = {}
        ids = {str(one.id): one.id for one in asked if one is not None}
        for id_, busy in self._spans(ids, span, context.deadline):
            if busy.overlaps(span):
                spans.setdefault(id_, []).append(busy)
        return [None if one is None else _known_spans(one, spans.get(str(one.id))) for one in asked]

    def try_calendars(self) -> None:
        ids = {str(one.item.id): one.item.id for one in islice(self._reading.snapshot.entries, 1)}
        now = datetime.now(UTC)
        for _ in self._spans(ids, Span(now, now + timedelta(days=1)), time.monotonic() + self._bounds.read_seconds):
            pass

    def _spans(self, ids: dict[str, object], span: Span, deadline: float) -> Iterator[tuple[str, Span]]:
        query, wanted = self._table.queries.busy, list(ids.values())
        assert query is not None
        start, end = (instant.astimezone(UTC).replace(tzinfo=None) for instant in (span.start, span.end))
        for place in range(0, len(wanted), _IDS_AT_ONCE):
            some = wanted[place : place + _IDS_AT_ONCE]
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


def _known_spans(listed: Listed, spans: list[Span] | None) -> Sequence[Span] | None:
    """Nothing written means free only of those who have their calendar here; of others nobody knows the rest."""
    if spans is None and listed.entry.kind in _HAVE_CALENDARS:
        return []
    return spans
