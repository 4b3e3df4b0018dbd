"""A company's own database, laid out as EspoCRM lays it out, on MariaDB, PostgreSQL or SQLite."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from tests.conftest import POSTGRES_SERVER, missing

KINDS = ("mariadb", "postgresql", "sqlite")
MARIADB_SERVER = os.environ.get("INVITO_TEST_MARIADB", "mysql+pymysql://root@127.0.0.1:3306")

_TABLES = sa.MetaData()
_ID = sa.String(17)


def _table(name: str, *columns: sa.Column[Any]) -> sa.Table:
    deleted = sa.Column("deleted", sa.Boolean, nullable=False, default=False)
    return sa.Table(name, _TABLES, *columns, deleted, mysql_charset="utf8mb4")


def _thing(name: str, *columns: sa.Column[Any]) -> sa.Table:
    return _table(name, sa.Column("id", _ID, primary_key=True), *columns)


def _link(name: str, one: str, other: str, *columns: sa.Column[Any]) -> sa.Table:
    id_ = sa.Column("id", sa.Integer, primary_key=True, autoincrement=True)
    return _table(name, id_, sa.Column(one, _ID, index=True), sa.Column(other, _ID, index=True), *columns)


def _words(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.String(255)) for name in names]


def _time() -> list[sa.Column[Any]]:
    return [*_words("name", "status"), sa.Column("date_start", sa.DateTime), sa.Column("date_end", sa.DateTime)]


_thing("account", *_words("name"))
_thing("contact", *_words("first_name", "middle_name", "last_name"), sa.Column("account_id", _ID))
_thing(
    "user",
    *_words("user_name", "first_name", "middle_name", "last_name", "title", "type"),
    sa.Column("is_active", sa.Boolean, default=True),
    sa.Column("default_team_id", _ID),
)
_thing("team", *_words("name"))
_thing("email_address", *_words("name", "lower"), sa.Column("invalid", sa.Boolean, nullable=False, default=False))
_thing("meeting", *_time())
_thing("call", *_time())
_link("account_contact", "account_id", "contact_id", *_words("role"))
_link("team_user", "team_id", "user_id", *_words("role"))
_link("contact_meeting", "contact_id", "meeting_id", *_words("status"))
_link("meeting_user", "meeting_id", "user_id", *_words("status"))
_link("call_user", "call_id", "user_id", *_words("status"))
_link(
    "entity_email_address",
    "entity_id",
    "email_address_id",
    *_words("entity_type"),
    sa.Column("primary", sa.Boolean, nullable=False, default=True),
)
# Rooms are no part of EspoCRM: a table somebody made, with numbers as ids and instants with an offset.
_room = [sa.Column("id", sa.Integer, primary_key=True), *_words("name", "address", "building")]
_table("room", *_room, sa.Column("is_bookable", sa.Boolean, default=True))
_booked = [sa.Column(name, sa.DateTime(timezone=True)) for name in ("booked_from", "booked_to")]
_table("booking", sa.Column("id", sa.Integer, primary_key=True), sa.Column("room_id", sa.Integer), *_booked)


@dataclass(frozen=True)
class Company:
    """A database that is there, and who writes into it. `url` is without anybody's password."""

    url: str
    engine: sa.Engine

    def add(self, table: str, **values: object) -> None:
        self.add_rows(table, [values])

    def add_rows(self, table: str, rows: Sequence[Mapping[str, object]]) -> None:
        with self.engine.begin() as connection:
            connection.execute(_TABLES.tables[table].insert(), rows)

    def change(self, table: str, id_: str, **values: object) -> None:
        there = _TABLES.tables[table]
        with self.engine.begin() as connection:
            connection.execute(there.update().where(there.c.id == id_), values)

    def count(self, table: str) -> int:
        with self.engine.connect() as connection:
            return connection.scalar(sa.select(sa.func.count()).select_from(_TABLES.tables[table])) or 0

    def add_address(self, entity_type: str, id_: str, address: str, **values: object) -> None:
        self.add("email_address", id=f"e{id_}{self.count('email_address')}", name=address, lower=address.lower())
        link = {"entity_id": id_, "email_address_id": f"e{id_}{self.count('email_address') - 1}"}
        self.add("entity_email_address", entity_type=entity_type, **link, **values)

    def add_contact(
        self, id_: str, first: str | None, last: str, *, account: str | None = None, email: str | None = None
    ) -> None:
        self.add("contact", id=id_, first_name=first, last_name=last, account_id=account)
        if account is not None:
            self.add("account_contact", account_id=account, contact_id=id_, role="Innkjøper")
        if email is not None:
            self.add_address("Contact", id_, email)

    def add_sharers(self, address: str, count: int) -> None:
        """Contacts who have one address."""
        ids = [f"sharer{number}" for number in range(count)]
        self.add("email_address", id="shared", name=address, lower=address)
        self.add_rows("contact", [{"id": one, "last_name": "Sharer"} for one in ids])
        links = [{"entity_type": "Contact", "entity_id": one, "email_address_id": "shared"} for one in ids]
        self.add_rows("entity_email_address", links)

    def add_user(self, id_: str, first: str | None, last: str, *teams: str, **values: object) -> None:
        self.add("user", id=id_, user_name=id_, first_name=first, last_name=last, type="regular", **values)
        self.add_address("User", id_, f"{id_}@fjord.example")
        for team in teams:
            self.add("team_user", team_id=team, user_id=id_)

    def add_meeting(self, id_: str, start: str, end: str, *, status: str = "Planned", **people: str) -> None:
        """`contact` and `user` take part; instants are in UTC."""
        times = {"date_start": datetime.fromisoformat(start), "date_end": datetime.fromisoformat(end)}
        self.add("meeting", id=id_, name="Budsjett", status=status, **times)
        for kind, who in people.items():
            table = {"contact": "contact_meeting", "user": "meeting_user"}[kind]
            self.add(table, meeting_id=id_, **{f"{kind}_id": who}, status="None")


@contextmanager
def company_on(kind: str, folder: Path) -> Iterator[Company]:
    """A new database of this kind with an office in it, dropped at the end."""
    with _empty(kind, folder) as url:
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        _TABLES.create_all(engine)
        company = Company(url, engine)
        _move_in(company)
        yield company


@contextmanager
def _empty(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'company.sqlite3'}"
        return
    name = f"company_{uuid4().hex[:12]}"
    is_mariadb = kind == "mariadb"
    server = MARIADB_SERVER if is_mariadb else POSTGRES_SERVER.replace("postgresql:", "postgresql+psycopg:", 1)
    engine = sa.create_engine(
        server if is_mariadb else f"{server}/postgres", isolation_level="AUTOCOMMIT", poolclass=sa.NullPool
    )
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}" + (" CHARACTER SET utf8mb4" if is_mariadb else ""))
    except OperationalError as problem:
        missing(f"no {kind} at {server}: {problem}")
    yield f"{server}/{name}"
    with engine.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name}" + ("" if is_mariadb else " WITH (FORCE)"))


def _move_in(company: Company) -> None:
    accounts = {"a1": "Ærø Bygg AS", "a2": "Åsen Kraft", "a3": "100% Regnskap_Øst", "a4": "Bjørnson's Fisk"}
    for id_, name in accounts.items():
        company.add("account", id=id_, name=name)
    company.add("account", id="a5", name="Nedlagt AS", deleted=True)
    company.add_address("Account", "a1", "post@aero.example")
    company.add_contact("c1", "Kari", "Nordmann", account="a1", email="Kari@Aero.example")
    company.add_contact("c2", "Kari", "Nordmann", account="a2", email="kari@asen.example")
    company.add_contact("c3", "Åse", "Ørjasæter", account="a1", email="aase@aero.example")
    company.add_contact("c4", "André", "Bull", account="a3", email="andre@regnskap.example")
    company.add_contact("c5", "Øystein", "Aas", account="a2")
    company.add_contact("c6", "Siobhán", "O'Hara", account="a4", email="siobhan@fisk.example")
    company.add_contact("c7", None, "Ægir", email="aegir@privat.example")
    company.add_contact("c8", "Slettet", "Person", account="a1", email="slettet@aero.example")
    company.change("contact", "c8", deleted=True)
    company.add("team", id="t1", name="Salg")
    company.add("team", id="t2", name="Økonomi")
    company.add_user("u1", "Nils", "Åsheim", "t1", "t2", default_team_id="t2")
    company.add_user("u2", "Ida", "Øvrebø", "t1")
    company.add_user("u3", "Sluttet", "Ansatt", "t1", is_active=False)
    for number, room in enumerate(("Ærfuglen", "Ørnen", "Åkerriksa", "Ørnen"), 1):
        company.add("room", id=number, name=room, address="Storgata 1", building="Hus Ø" if number > 2 else "Hus A")
    booked = (datetime(2031, 3, 3, 9, tzinfo=UTC), datetime(2031, 3, 3, 10, tzinfo=UTC))
    company.add("booking", id=1, room_id=1, booked_from=booked[0], booked_to=booked[1])
    company.add_meeting("m1", "2031-03-03T09:00", "2031-03-03T10:00", contact="c1", user="u1")
    company.add_meeting("m2", "2031-03-03T09:00", "2031-03-03T10:00", status="Not Held", contact="c3", user="u2")
