"""A running Invito that has a company's database beside it: chosen from, invited, and gone again."""

import asyncio
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from examples.conftest import Houses
from tests.company_database import Company, company_on
from tests.e2e.conftest import KARI, Server
from tests.e2e.dialog import CONTAINERS, DURING, ENTRIES, invitee, opened

USER = "U1@fjord.example"
SOURCES = "{ participantSources { key label plugin { name } } }"


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """On one kind of database: what differs between them is tested beside."""
    with company_on("mariadb", tmp_path_factory.mktemp("company")) as there:
        yield there


@pytest.fixture(scope="module")
def house(company: Company, houses: Houses) -> Iterator[Server]:
    with houses.serve(
        "invito-sql",
        INVITO_SQL_FILE="espocrm",
        INVITO_SQL_URL=company.url,
        INVITO_SQL_REFRESH_SECONDS="0.1",
    ) as server:
        yield server


async def contacts(
    house: Server, is_so: Callable[[dict[str, Any]], bool] = bool, viewer: str = KARI, **asked: Any
) -> dict[str, Any]:
    """The contacts that are offered, by reference, as soon as it is so: the database is read every now and then."""
    async with asyncio.timeout(60):
        while True:
            found = (await house.ask(ENTRIES, viewer, source="espo_contacts", **asked))["availableParticipants"]
            by_reference = {one["reference"]: one for one in found["nodes"]}
            if not found["warnings"] and is_so(by_reference):
                return by_reference


async def test_users_stand_in_for_the_employees_and_viewers_are_known_among_them(
    houses: Houses, tmp_path: Path
) -> None:
    ready = files("invito_sql").joinpath("espocrm.toml").read_text(encoding="utf-8")
    kind, own = 'kind = "employee"\n', 'replaces = "employees"\nlists_employees = true\n'
    file = tmp_path / "company.toml"
    file.write_text(ready.replace(kind, kind + own), encoding="utf-8")

    with (
        company_on("sqlite", tmp_path) as company,
        houses.serve(
            "invito-sql",
            database_url=f"sqlite:///{tmp_path / 'house.sqlite3'}",
            INVITO_SQL_FILE=str(file),
            INVITO_SQL_URL=company.url,
        ) as house,
    ):
        await contacts(house, viewer=USER)
        offered = [one["key"] for one in (await house.ask(SOURCES, USER))["participantSources"]]
        viewer = (await house.ask("{ viewer { employee { reference name } } }", USER))["viewer"]

    assert (offered[0], "employees" in offered) == ("espo_users", False)
    assert viewer == {"employee": {"reference": "espo_users:u1", "name": "Nils Åsheim"}}


async def accounts(house: Server, search: str) -> list[dict[str, Any]]:
    found = (await house.ask(CONTAINERS, key="espo_contacts", search=search))["participantSource"]["containers"]
    assert found["warnings"] == []
    nodes: list[dict[str, Any]] = found["nodes"]
    return nodes


async def test_the_companys_lists_stand_under_select_from_and_are_searched(house: Server) -> None:
    await contacts(house)

    offered = (await house.ask(SOURCES))["participantSources"]
    (account,) = await accounts(house, "ærø")

    assert [one["label"] for one in offered if one["plugin"]["name"] == "sql"] == ["Accounts and contacts", "Users"]
    assert (account["name"], account["memberCount"]) == ("Ærø Bygg AS", 3)


async def test_contacts_are_shown_busy_by_their_meetings_and_invited_with_the_conflict(house: Server) -> None:
    await contacts(house)
    (account,) = await accounts(house, "bygg")
    listed = await contacts(house, container=account["id"], during=DURING)
    states = {one["name"]: one["availability"]["state"] for one in listed.values()}

    dialog = await opened(house, "Befaring", invitees=[invitee("espo_contacts:c1"), invitee("espo_users:u1")])
    invited = await dialog.invitees()

    assert states == {"Kari Nordmann": "BUSY", "Ærø Bygg AS": "UNKNOWN", "Åse Ørjasæter": "UNKNOWN"}
    assert [(one["name"], one["kind"], one["hasConflict"]) for one in invited] == [
        ("Kari Nordmann", "PERSON", True),
        ("Nils Åsheim", "EMPLOYEE", True),
    ]


async def test_names_survive_after_the_row_is_deleted(house: Server, company: Company) -> None:
    company.add_contact("c80", "Kortvarig", "Øyberg", account="a2", email="kort@asen.example")
    await contacts(house, lambda found: "espo_contacts:c80" in found)
    dialog = await opened(house, "Avskjed", invitees=[invitee("espo_contacts:c80")])

    company.change("contact", "c80", deleted=True)
    await contacts(house, lambda found: "espo_contacts:c80" not in found)

    assert [(one["reference"], one["name"]) for one in await dialog.invitees()] == [
        ("espo_contacts:c80", "Kortvarig Øyberg")
    ]


def test_a_check_tells_what_was_read_and_what_is_wrong(houses: Houses, company: Company) -> None:
    environment = {"INVITO_SQL_FILE": "espocrm", "INVITO_SQL_URL": company.url}
    right = houses.run("sql", "check", examples=("invito-sql",), **environment)
    with company.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE meeting RENAME TO meeting_away")
    try:
        wrong = houses.run("sql", "check", examples=("invito-sql",), **environment)
    finally:
        with company.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE meeting_away RENAME TO meeting")

    assert right.returncode == 0, right.stderr
    assert "espo_contacts: 11 entries, 4 containers, 0 rows left out, read in " in right.stdout
    assert wrong.returncode == 1
    assert "espo_contacts: " in wrong.stderr
    assert "meeting" in wrong.stderr


def test_a_file_that_is_wrong_costs_the_plugin_alone_and_is_told(houses: Houses) -> None:
    houses.run("migrate", examples=())
    listed = houses.run("plugins", "list", examples=("invito-sql",), INVITO_SQL_FILE="/nowhere.toml")

    assert "Plugin sql cannot bring its sources: WrongSourceFile: /nowhere.toml cannot be read" in " ".join(
        (listed.stdout + listed.stderr).split()
    )
