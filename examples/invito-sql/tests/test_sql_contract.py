"""The promises of the contract, kept by the file that comes along, on each kind of database."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from invito_sql.database import Database
from invito_sql.source_file import read_source_file
from invito_sql.sql_source import Bounds, SqlSource, source_of
from sqlalchemy import make_url

from invito.plugins import Span
from invito.plugins.testing import Facts, SourceContract
from tests.company_database import Company

README = Path(__file__).parents[1] / "README.md"
DAY = Span(datetime(2031, 3, 3, tzinfo=UTC), datetime(2031, 3, 4, tzinfo=UTC))


def source(company: Company, key: str, file: str = "espocrm") -> Iterator[SqlSource]:
    """A source of a file, as it was read once."""
    database = Database(make_url(company.url))
    made = source_of(key, read_source_file(file).sources[key], file, database, Bounds())
    made.read()
    yield made
    database.close()


class TestContacts(SourceContract):
    @pytest.fixture
    def invito_source(self, company: Company) -> Iterator[SqlSource]:
        yield from source(company, "espo_contacts")

    @pytest.fixture
    def invito_facts(self, company: Company, invito_source: SqlSource) -> Facts:
        def add_entry(name: str) -> None:
            company.add_contact(uuid4().hex[:17], None, name)
            invito_source.read()

        def add_sharers(address: str, count: int) -> None:
            company.add_sharers(address, count)
            invito_source.read()

        return Facts(
            reference="espo_contacts:c1",
            container="a1",
            address="aase@aero.example",
            busy=("espo_contacts:c1", DAY),
            add_entry=add_entry,
            add_sharers=add_sharers,
            entries_without_container=True,
        )


class TestUsers(SourceContract):
    @pytest.fixture
    def invito_source(self, company: Company) -> Iterator[SqlSource]:
        yield from source(company, "espo_users")

    @pytest.fixture
    def invito_facts(self, company: Company, invito_source: SqlSource) -> Facts:
        def add_entry(name: str) -> None:
            company.add_user(uuid4().hex[:10], None, name, "t1")
            invito_source.read()

        return Facts(
            reference="espo_users:u1",
            container="t1",
            address="u1@fjord.example",
            busy=("espo_users:u1", DAY),
            add_entry=add_entry,
        )


class TestRooms(SourceContract):
    """The example of the README, whose ids are numbers."""

    @pytest.fixture
    def invito_source(self, company: Company, tmp_path: Path) -> Iterator[SqlSource]:
        written = README.read_text(encoding="utf-8").partition("```toml\n")[2].partition("```")[0]
        file = tmp_path / "rooms.toml"
        file.write_text(written, encoding="utf-8")
        yield from source(company, "rooms", str(file))

    @pytest.fixture
    def invito_facts(self, company: Company, invito_source: SqlSource) -> Facts:
        def add_entry(name: str) -> None:
            company.add("room", id=company.count("room") + 1, name=name, building="Hus A")
            invito_source.read()

        return Facts(reference="room:2", container="Hus A", busy=("room:1", DAY), add_entry=add_entry)
