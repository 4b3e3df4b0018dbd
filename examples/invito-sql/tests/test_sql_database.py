"""The company's database: read and never written, each statement within a time, and its password nowhere."""

import socket
from collections.abc import Iterator

import pytest
from invito_sql.database import Database, database_url, said_of, select
from invito_sql.source_file import WrongSourceFile
from pydantic import SecretStr
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from tests.company_database import Company

ENDLESS = {
    "mysql": "SELECT SLEEP(3600)",
    "postgresql": "SELECT pg_sleep(3600)",
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n",
}


@pytest.fixture
def database(company: Company) -> Iterator[Database]:
    opened = Database(make_url(company.url))
    yield opened
    opened.close()


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO team (id, name, deleted) VALUES ('t9', 'Nytt', FALSE)",
        "UPDATE team SET name = 'Nytt'",
        "DELETE FROM team",
        "DROP TABLE team",
    ],
)
def test_nothing_can_be_written(company: Company, database: Database, statement: str) -> None:
    with database.reading(5) as connection, pytest.raises(DBAPIError, match=r"(?i)read.?only"):
        connection.exec_driver_sql(statement)

    assert company.count("team") == 2


def test_a_statement_that_does_not_end_is_ended(company: Company, database: Database) -> None:
    query = ENDLESS[company.engine.dialect.name]

    with database.reading(0.05) as connection, pytest.raises(DBAPIError), select(connection, query) as result:
        result.all()

    with database.reading(5) as connection, select(connection, "SELECT COUNT(*) FROM team") as result:
        assert result.scalar() == 2


def test_a_connection_thinks_in_utc_whatever_its_server_does(company: Company, database: Database) -> None:
    zone_of = {"mysql": "SELECT @@session.time_zone", "postgresql": "SELECT current_setting('TimeZone')"}
    asked = zone_of.get(company.engine.dialect.name)
    if asked is None:
        pytest.skip("SQLite keeps instants as they are written.")

    with database.reading(5) as connection, select(connection, asked) as result:
        assert result.scalar() in ("+00:00", "UTC")


def test_names_in_double_quotes_are_names_on_every_database(database: Database) -> None:
    with database.reading(5) as connection, select(connection, 'SELECT "name" FROM "team" ORDER BY "id"') as result:
        assert result.scalars().all() == ["Salg", "Økonomi"]


def test_a_connection_that_the_server_ended_is_made_anew(company: Company, database: Database) -> None:
    with database.reading(5) as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
    driver.close()

    with database.reading(5) as connection, select(connection, "SELECT COUNT(*) FROM team") as result:
        assert result.scalar() == 2


def test_a_server_that_says_nothing_is_not_waited_for_for_ever() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = make_url(f"mysql+pymysql://invito@127.0.0.1:{silent.getsockname()[1]}/crm")
        database = Database(url, silence_seconds=1)

        with pytest.raises(OperationalError), database.reading(5):
            pass


def test_the_password_comes_by_itself_and_stands_in_no_message() -> None:
    url = database_url("mysql+pymysql://invito@127.0.0.1:1/crm", SecretStr("hemmelig"))
    database = Database(url)

    with pytest.raises(OperationalError) as problem, database.reading(5):
        pass

    assert url.password == "hemmelig"
    assert "hemmelig" not in f"{url} {problem.value} {said_of(problem.value)}"
    assert said_of(problem.value) == "OperationalError 2003"


def test_parameters_stand_in_no_message(database: Database) -> None:
    query = "SELECT nothing FROM team WHERE name IN :ids"

    with (
        pytest.raises(SQLAlchemyError) as problem,
        database.reading(5) as connection,
        select(connection, query, ids=["Kari Nordmann"]),
    ):
        pass

    assert "Kari" not in str(problem.value)
    assert "Kari" not in said_of(problem.value)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (None, "No database is named: write `url` into the file, or set INVITO_SQL_URL"),
        ("crm", r"url should be <dialect>\+<driver>://<user>@<host>/<database>"),
        ("mysql+pymysql://invito:hemmelig@db/crm", "url holds a password, which others may see"),
        ("nosuch://invito@db/crm", "url: SQLAlchemy knows no nosuch: is its package installed?"),
        ("mysql+mysqldb://invito@db/crm", r"url: the driver of mysql\+mysqldb is not installed"),
        ("postgresql+asyncpg://invito@db/crm", r"url: postgresql\+asyncpg is an async driver: take a plain one"),
    ],
)
def test_a_url_that_leads_nowhere_is_told(url: str | None, said: str) -> None:
    with pytest.raises(WrongSourceFile, match=said) as problem:
        Database(database_url(url, None))

    assert "hemmelig" not in str(problem.value)
