"""What is read when, and what becomes of it while the database is away."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from invito_sql.database import Database
from invito_sql.reader import Reader
from invito_sql.source_file import read_source_file
from invito_sql.sql_source import Bounds, NotRead, SqlSource, source_of
from sqlalchemy import make_url

from invito.plugins import Language, SourceContext
from tests.company_database import Company

Opened = Callable[[str], SqlSource]


class Told:
    """A logger that keeps what it is told."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str, dict[str, Any]]] = []
        self.is_told = threading.Event()

    def info(self, line: str, **more: object) -> None:
        self._keep("info", line, more)

    def warning(self, line: str, **more: object) -> None:
        self._keep("warning", line, more)

    def debug(self, line: str, **more: object) -> None:
        """For whoever looks closely."""

    def _keep(self, level: str, line: str, more: dict[str, Any]) -> None:
        more.pop("seconds", None)
        self.lines.append((level, line, more))
        self.is_told.set()


@pytest.fixture
def teams(company: Company) -> Iterator[SqlSource]:
    """The users of the company, whose team table may be taken away."""
    database = Database(make_url(company.url))
    yield source_of("espo_users", read_source_file("espocrm").sources["espo_users"], "espocrm", database, Bounds())
    database.close()


def asked(source: SqlSource, seconds: float = 60.0) -> list[str]:
    context = SourceContext(None, Language.EN, "Europe/Oslo", time.monotonic() + seconds, None)
    (owners,) = source.find(context, ["u1@fjord.example"])
    return [one.name for one in owners]


def rename(company: Company, before: str, after: str) -> None:
    with company.engine.begin() as connection:
        connection.exec_driver_sql(f"ALTER TABLE {before} RENAME TO {after}")


def test_a_database_that_is_away_at_the_start_is_told_once_and_read_when_it_is_there(
    company: Company, teams: SqlSource
) -> None:
    told = Told()
    reader = Reader([teams], 60, told)
    rename(company, "team", "team_away")

    try:
        results = [reader.read_all(), reader.read_all()]
        with pytest.raises(NotRead, match="has not been read yet"):
            asked(teams)
    finally:
        rename(company, "team_away", "team")
    results += [reader.read_all(), reader.read_all()]

    assert results == [False, False, True, True]
    assert [(level, line) for level, line, _ in told.lines] == [("warning", "could not read"), ("info", "read")]
    assert told.lines[1][2] == {"source": "espo_users", "entries": 2, "containers": 2, "left_out": 0, "wrong_zones": 0}
    assert asked(teams) == ["Nils Åsheim"]


def test_while_a_database_is_away_later_on_what_was_read_last_is_answered(company: Company, teams: SqlSource) -> None:
    told = Told()
    reader = Reader([teams], 60, told)
    reader.read_all()
    rename(company, "team", "team_away")

    try:
        is_read = reader.read_all()
        there = asked(teams)
    finally:
        rename(company, "team_away", "team")
    reader.read_all()

    assert (is_read, there) == (False, ["Nils Åsheim"])
    assert [line for _, line, _ in told.lines] == ["read", "could not read", "read"]
    assert "team" not in str(told.lines[1][2]["problem"])


def test_who_asks_before_the_first_reading_has_ended_waits_for_it(teams: SqlSource) -> None:
    reader = Reader([teams], 60, Told())
    found: list[list[str]] = []
    asking = threading.Thread(target=lambda: found.append(asked(teams)))
    asking.start()

    reader.start()
    asking.join()
    reader.stop()

    assert found == [["Nils Åsheim"]]


def test_the_thread_reads_until_it_is_stopped(company: Company, teams: SqlSource) -> None:
    told = Told()
    reader = Reader([teams], 0.001, told)
    reader.start()
    assert told.is_told.wait(60)
    told.is_told.clear()

    rename(company, "team", "team_away")
    try:
        assert told.is_told.wait(60)
    finally:
        rename(company, "team_away", "team")
    reader.stop(60)

    assert [line for _, line, _ in told.lines][:2] == ["read", "could not read"]
    assert "invito_sql_reader" not in [thread.name for thread in threading.enumerate()]
