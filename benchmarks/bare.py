"""What Invito is measured against: the same SQL through the bare driver, with nothing around it."""

import asyncio
import json
import sqlite3
from collections.abc import Sequence
from typing import Any

import asyncpg
from sqlalchemy.engine import make_url

from invito.services.busy.spans import LONGEST_IN_CLASS, LONGEST_SECONDS

Rows = Sequence[Sequence[Any]]

_PAGE = """SELECT e.id, e.name, e.name_key, e.email, e.title FROM directory_entry e
WHERE e.kind = 'EMPLOYEE' AND (e.name_key, e.id) > ({key}, {id})
AND NOT EXISTS (SELECT 1 FROM unavailable_entry u WHERE u.reference = 'employee:' || e.id)
ORDER BY e.name_key, e.id LIMIT {limit}"""


class Bare:
    """A database through its driver alone: sqlite3, or asyncpg."""

    def __init__(self, url: str) -> None:
        self.is_sqlite = url.startswith("sqlite")
        self._url = url
        self._sqlite: sqlite3.Connection | None = None
        self._postgres: Any = None  # asyncpg has no types

    async def open(self) -> None:
        if self.is_sqlite:
            file = str(make_url(self._url).database)
            self._sqlite = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
            # As Invito has it, so that both wait for the disk alike.
            self._sqlite.executescript(
                "PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 30000"
            )
        else:
            self._postgres = await asyncpg.connect(self._url)

    async def close(self) -> None:
        if self._sqlite is not None:
            self._sqlite.close()
        else:
            await self._postgres.close()

    async def page(self, key: str, number: int, limit: int) -> Rows:
        """A page of employees in name order."""
        return await self._fetch(_PAGE, {"key": key, "id": number, "limit": limit})

    async def numbers(self, references: Sequence[str]) -> Rows:
        """The numbers of references."""
        among = "(SELECT value FROM json_each({texts}))" if self.is_sqlite else "(SELECT unnest({texts}::text[]))"
        texts = json.dumps(references) if self.is_sqlite else list(references)
        return await self._fetch(f"SELECT text, id, identity_id FROM reference WHERE text IN {among}", {"texts": texts})

    async def busy(self, references: Sequence[int], start: int, end: int, *, by_scan: bool) -> Rows:
        """The spans of these references that overlap [start, end), by either plan."""
        columns = 'reference_id, start, "end", follow_up_id'
        overlap = 'start < {end} AND start > {start} - %d AND "end" > {start}'
        if by_scan:
            selects = [
                f"SELECT {columns} FROM busy_span WHERE length_class = {number} AND {overlap % longest}"
                for number, longest in enumerate(LONGEST_IN_CLASS)
            ]
            wanted = set(references)
            rows = await self._fetch(" UNION ALL ".join(selects), {"start": start, "end": end})
            return [row for row in rows if row[0] in wanted]
        bounded = overlap % LONGEST_SECONDS
        if self.is_sqlite:
            query = (
                f"SELECT {columns} FROM json_each({{ids}}) j CROSS JOIN busy_span "
                f"INDEXED BY ix_busy_span_reference ON reference_id = j.value AND {bounded}"
            )
            return await self._fetch(query, {"ids": json.dumps(list(references)), "start": start, "end": end})
        query = (
            f"SELECT s.* FROM unnest({{ids}}::bigint[]) r(id) CROSS JOIN LATERAL (SELECT {columns} FROM busy_span "
            f"WHERE reference_id = r.id AND {bounded} OFFSET 0) s"
        )
        return await self._fetch(query, {"ids": list(references), "start": start, "end": end})

    async def search(self, prefixes: Sequence[str], limit: int) -> Rows:
        """The first persons in name order of whose words these are prefixes, by the index of words."""
        if self.is_sqlite:
            match = " AND ".join(f"{prefix}*" for prefix in prefixes)
            return await self._fetch(
                "SELECT e.id, e.name FROM search_entry_name s JOIN directory_entry e ON e.id = s.rowid "
                "WHERE search_entry_name MATCH {match} AND e.kind = 'PERSON' ORDER BY e.name_key, e.id LIMIT {limit}",
                {"match": match, "limit": limit},
            )
        conditions = " AND ".join(f"name_words LIKE '% {prefix}%'" for prefix in prefixes)
        return await self._fetch(
            f"SELECT id, name FROM directory_entry WHERE kind = 'PERSON' AND {conditions} "
            "ORDER BY name_key, id LIMIT {limit}",
            {"limit": limit},
        )

    async def invite(self, follow_up: int, references: Sequence[int]) -> None:
        """The rows that inviting these stores: participants, busy spans, notifications, and the follow-up's version."""
        await asyncio.sleep(0)
        participant = (
            "INSERT INTO participant (follow_up_id, reference_id, position, source, kind, role, name, is_location, "
            "status, status_origin, was_seen, wants_email, email_delivery, invited_at) VALUES ({f}, {r}, 1, "
            "'employees', 'EMPLOYEE', 'REQUIRED', 'Somebody', {no}, 'NOT_SEEN', 'INVITED', {no}, {no}, 'NOT_SENT', "
            f"{self._now})"
        )
        span = (
            'INSERT INTO busy_span (reference_id, start, "end", length_class, follow_up_id) VALUES ({r}, 1, 2, 0, {f})'
        )
        notification = (
            "INSERT INTO notification (recipient_id, kind, follow_up_id, actor, title, start, time_zone, created_at) "
            f"VALUES ({{r}}, 'INVITED', {{f}}, 'Kari', 'Title', {self._now}, 'Europe/Oslo', {self._now})"
        )
        await self._run("BEGIN IMMEDIATE" if self.is_sqlite else "BEGIN")
        no = 0 if self.is_sqlite else False
        await self._run_many(participant, [{"f": follow_up, "r": one, "no": no} for one in references])
        await self._run_many(span, [{"f": follow_up, "r": one} for one in references])
        await self._run_many(notification, [{"f": follow_up, "r": one} for one in references])
        await self._run(f"UPDATE follow_up SET version = version + 1 WHERE id = {follow_up}")
        await self._run("COMMIT")

    @property
    def _now(self) -> str:
        return "'2026-06-01T12:00:00.000000Z'" if self.is_sqlite else "now()"

    async def _fetch(self, query: str, values: dict[str, object]) -> Rows:
        text, ordered = self._bound(query, values)
        if self._sqlite is not None:
            return self._sqlite.execute(text, values).fetchall()
        rows: Rows = await self._postgres.fetch(text, *ordered)
        return rows

    async def _run(self, statement: str) -> None:
        if self._sqlite is not None:
            self._sqlite.execute(statement)
        else:
            await self._postgres.execute(statement)

    async def _run_many(self, statement: str, rows: Sequence[dict[str, object]]) -> None:
        text, _ = self._bound(statement, rows[0])
        if self._sqlite is not None:
            self._sqlite.executemany(text, rows)
        else:
            await self._postgres.executemany(text, [self._bound(statement, row)[1] for row in rows])

    def _bound(self, query: str, values: dict[str, object]) -> tuple[str, list[object]]:
        """The query with its {places} as the driver has them."""
        if self.is_sqlite:
            return query.format(**{name: f":{name}" for name in values}), []
        places = {name: f"${number}" for number, name in enumerate(values, start=1)}
        return query.format(**places), list(values.values())
