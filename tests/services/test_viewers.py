"""Who a caller is: the employee who has the verified address, and the language and zone they read in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invito.plugins.contract import Language
from invito.services.directory.writing import NewEntry, add_entries
from invito.services.storage.directory_tables import EntryKind
from invito.services.viewers import identify

if TYPE_CHECKING:
    from tests.services.conftest import Office


async def test_an_employee_is_known_by_their_address_in_any_case(office: Office) -> None:
    caller = await identify(office.house, "KARI@nordlys.example")

    assert caller.employee is not None
    assert caller.references == (office.ref.kari,)
    assert caller.identity.email == "kari@nordlys.example"
    assert not caller.is_administrator


async def test_an_address_that_no_employee_has_is_a_viewer_without_employee(office: Office) -> None:
    for address in ("stranger@elsewhere.example", "per@kunde.example", "hall@nordlys.example"):
        caller = await identify(office.house, address, is_administrator=True)
        assert caller.employee is None
        assert caller.references == ()
        assert caller.is_administrator


async def test_an_address_that_two_employees_have_is_nobodys(office: Office) -> None:
    async with office.house.database.write() as connection:
        await add_entries(connection, [NewEntry(EntryKind.EMPLOYEE, "Kari To", "Kari@Nordlys.example")])

    assert (await identify(office.house, "kari@nordlys.example")).employee is None


async def test_an_employees_own_language_and_zone_go_before_the_headers(office: Office) -> None:
    async with office.house.database.write() as connection:
        liv = NewEntry(EntryKind.EMPLOYEE, "Liv", "liv@nordlys.example", language=Language.NB, time_zone="Asia/Tokyo")
        await add_entries(connection, [liv])

    own = await identify(office.house, "liv@nordlys.example", accept_language="en")
    none = await identify(office.house, "kari@nordlys.example", accept_language="nb")

    assert (own.language, own.time_zone) == (Language.NB, "Asia/Tokyo")
    assert (none.language, none.time_zone) == (Language.NB, "Europe/Oslo")
