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
# The same bounds as Invito's own.
_FEW_MATCHES = 3_000
_LONGEST_WALK = 5_000
_OVERLAP = 'start < {end} AND start > {start} - %d AND "end" > {start}'


class Bare:
    """A database through its driver alone: sqlite3, or asyncpg."""

    def __init__(self, url: str) -> None:
        self.is_sqlite = url.startswith("sqlite")
        self._url = url
        self._sqlite: sqlite3.Connection | None = None
        self._postgres: Any = None  # asyncpg has no types
        # What only reads may be asked at once.
        self._readers: Any = None

    async def open(self) -> None:
        if self.is_sqlite:
            file = str(make_url(self._url).database)
            self._sqlite = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
            # As Invito has it, so that both wait for the disk alike.
            self._sqlite.executescript(
                "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 30000"
            )
        else:
            self._postgres = await asyncpg.connect(self._url)
            self._readers = await asyncpg.create_pool(self._url, min_size=1, max_size=8)

    async def close(self) -> None:
        if self._sqlite is not None:
            self._sqlite.close()
        else:
            await self._postgres.close()
            await self._readers.close()

    async def page(self, key: str, number: int, limit: int) -> Rows:
        """A page of employees in name order."""
        return await self._fetch(_PAGE, {"key": key, "id": number, "limit": limit})

    @property
    def statements(self) -> tuple[str, str]:
        """Those of `page` and `busy` as the driver has them, for whoever asks from another language."""
        page, _ = self._bound(_PAGE, dict.fromkeys(("key", "id", "limit")))
        busy, _ = self._bound(self._probe, dict.fromkeys(("references", "start", "end")))
        return page, busy

    async def busy(self, references: Sequence[str], start: int, end: int) -> Rows:
        """The spans of these references that overlap [start, end), each looked up by its index."""
        return await self._fetch(self._probe, {"references": self._list(references), "start": start, "end": end})

    async def busy_by_scan(self, references: Sequence[str], start: int, end: int) -> Rows:
        """The same by looking through the time first: many references, and few spans in it."""
        selects = [
            f"SELECT reference_id FROM busy_span WHERE length_class = {number} AND {_OVERLAP % longest}"
            for number, longest in enumerate(LONGEST_IN_CLASS)
        ]
        rows = await self._fetch(" UNION ALL ".join(selects), {"start": start, "end": end})
        identities = {row[0] for row in rows}
        among = "(SELECT value FROM json_each({texts}))" if self.is_sqlite else "(SELECT unnest({texts}::text[]))"
        numbers = await self._fetch(
            f"SELECT text, identity_id FROM reference WHERE text IN {among}", {"texts": self._list(references)}
        )
        return await self.busy([text for text, identity in numbers if identity in identities], start, end)

    @property
    def _probe(self) -> str:
        columns = 'reference_id, start, "end", follow_up_id'
        bounded = _OVERLAP % LONGEST_SECONDS
        if self.is_sqlite:
            return (
                f"SELECT r.text, {columns} FROM json_each({{references}}) j CROSS JOIN reference r ON r.text = j.value "
                f"CROSS JOIN busy_span INDEXED BY ix_busy_span_reference ON reference_id = r.identity_id AND {bounded}"
            )
        return (
            f"SELECT r.text, s.* FROM reference r CROSS JOIN LATERAL (SELECT {columns} FROM busy_span "
            f"WHERE reference_id = r.identity_id AND {bounded} OFFSET 0) s WHERE r.text = ANY ({{references}}::text[])"
        )

    def _list(self, values: Sequence[str]) -> object:
        return json.dumps(list(values)) if self.is_sqlite else list(values)

    async def search(self, prefixes: Sequence[str], limit: int) -> Rows:
        """The first persons in name order of whose words these are prefixes, by the plan that suits the words.

        What many have is soon found in the name order, what few have by the index of words.
        """
        return await (self._search_sqlite if self.is_sqlite else self._search_postgres)(prefixes, limit)

    async def _search_sqlite(self, prefixes: Sequence[str], limit: int) -> Rows:
        match = " AND ".join(f"{prefix}*" for prefix in prefixes)
        some = "SELECT rowid FROM search_entry_name WHERE search_entry_name MATCH {match} LIMIT {most}"
        ((count,),) = await self._fetch(f"SELECT count(*) FROM ({some})", {"match": match, "most": _FEW_MATCHES})
        if count < _FEW_MATCHES:
            return await self._fetch(
                "SELECT e.id, e.name FROM search_entry_name s JOIN directory_entry e ON e.id = s.rowid "
                "WHERE search_entry_name MATCH {match} AND +e.kind = 'PERSON' ORDER BY e.name_key, e.id LIMIT {limit}",
                {"match": match, "limit": limit},
            )
        conditions = " AND ".join(f"instr(name_words, ' {prefix}') > 0" for prefix in prefixes)
        return await self._fetch(
            f"SELECT id, name FROM directory_entry WHERE kind = 'PERSON' AND {conditions} "
            "ORDER BY name_key, id LIMIT {limit}",
            {"limit": limit},
        )

    async def _search_postgres(self, prefixes: Sequence[str], limit: int) -> Rows:
        conditions = " AND ".join(f"name_words LIKE '% {prefix}%'" for prefix in prefixes)
        walked = (
            "SELECT id, name, name_key, name_words FROM directory_entry WHERE kind = 'PERSON' "
            f"ORDER BY name_key, id LIMIT {_LONGEST_WALK}"
        )
        order = "ORDER BY name_key, id LIMIT {limit}"
        found = await self._fetch(f"SELECT id, name FROM ({walked}) w WHERE {conditions} {order}", {"limit": limit})
        if len(found) == limit:
            return found
        all_of_them = f"SELECT id, name, name_key FROM directory_entry WHERE kind = 'PERSON' AND {conditions}"
        return await self._fetch(
            f"WITH found AS MATERIALIZED ({all_of_them}) SELECT id, name FROM found {order}", {"limit": limit}
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
        rows: Rows = await self._readers.fetch(text, *ordered)
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
