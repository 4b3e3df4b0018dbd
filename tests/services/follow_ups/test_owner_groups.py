"""Visibility OWNER_GROUP: the group itself counts, not how its name is spelt, nor another group of the same name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from sqlalchemy import update

from invito.plugins.contract import Entry
from invito.services.busy.references import hold_identities, intern_groups
from invito.services.directory.writing import NewContainer, NewMember, add_containers, add_members
from invito.services.follow_ups.owners import known_as, renew_owner
from invito.services.follow_ups.values import Visibility
from invito.services.ids import FollowUpId
from invito.services.importing import import_people
from invito.services.invitations.follow_up_pages import visible_follow_ups
from invito.services.storage.directory_tables import ContainerTableKind, EntryKind, MemberRow
from invito.services.viewers import identify
from tests.statements import statements_of

if TYPE_CHECKING:
    from tests.services.conftest import Office


async def sees(office: Office, name: str, follow_up: FollowUpId) -> bool:
    caller = await identify(office.house, f"{name}@nordlys.example")
    return follow_up in await visible_follow_ups(office.house, caller, [follow_up])


async def test_who_is_imported_into_a_group_is_in_it_however_the_file_spells_it(office: Office, tmp_path: Path) -> None:
    made = await office.create(visibility=Visibility.OWNER_GROUP)
    file = tmp_path / "people.csv"
    file.write_text("name,email,groups\nKari Nordmann,kari@nordlys.example,SUPPORT\n")

    await import_people(office.house.database, EntryKind.EMPLOYEE, file)

    assert [await sees(office, name, made) for name in ("eva", "ola")] == [True, False]
    assert (await office.follow_up(made)).owner.groups == ("Support",)


async def test_another_group_of_the_same_name_is_another_group(office: Office) -> None:
    made = await office.create(visibility=Visibility.OWNER_GROUP)
    async with office.house.database.write() as connection:
        (namesake,) = await add_containers(connection, [NewContainer(ContainerTableKind.USER_GROUP, "Sales")])
        await add_members(connection, [NewMember(namesake, int(office.ref.eva.partition(":")[2]), 0)])

    assert [await sees(office, name, made) for name in ("eva", "ola")] == [False, True]


async def moved(office: Office, name: str, group: str) -> None:
    """Their directory has them in another group from now on, and tells nobody."""
    number = int(getattr(office.ref, name).partition(":")[2])
    async with office.house.database.write() as connection:
        await connection.execute(
            update(MemberRow).where(MemberRow.entry_id == number).values(container_id=office.groups[group])
        )


async def test_an_owner_who_is_identified_in_another_group_takes_what_they_own_along(office: Office) -> None:
    made = await office.create(by=office.eva, visibility=Visibility.OWNER_GROUP)
    await moved(office, "eva", "sales")
    before = [await sees(office, name, made) for name in ("kari", "admin")]

    await identify(office.house, "eva@nordlys.example")

    assert before == [False, True]
    assert [await sees(office, name, made) for name in ("kari", "admin")] == [True, False]
    assert (await office.follow_up(made)).owner.groups == ("Sales",)


async def test_what_is_owned_under_another_reference_goes_along(office: Office) -> None:
    made = await office.create(by=office.eva, visibility=Visibility.OWNER_GROUP)
    async with office.house.database.write() as connection:
        await hold_identities(connection, [(office.ref.eva, "ldap:3")])
        await intern_groups(connection, [(office.ref.eva, "ldap:3")])
        sales = cast(Entry, office.kari.employee)
        eva = replace(sales, reference="ldap:3", name="Eva Lie", email="eva@nordlys.example")
        known = await known_as(connection, eva)
        await renew_owner(connection, known.outdated, eva)

    assert set(known.references) == {office.ref.eva, "ldap:3"}
    assert [await sees(office, name, made) for name in ("kari", "admin")] == [True, False]


async def test_an_owner_of_whom_nothing_changed_is_identified_without_writing(office: Office) -> None:
    await office.create(by=office.eva)
    with statements_of(office.house.database) as statements:
        await identify(office.house, "eva@nordlys.example")

    assert all(statement.startswith(("SELECT", "WITH")) for statement in statements)
