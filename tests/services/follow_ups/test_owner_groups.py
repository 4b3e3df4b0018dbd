"""Visibility OWNER_GROUP: the group itself counts, not how its name is spelt, nor another group of the same name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from invito.services.directory.writing import NewContainer, NewMember, add_containers, add_members
from invito.services.follow_ups.values import Visibility
from invito.services.ids import FollowUpId
from invito.services.importing import import_people
from invito.services.invitations.follow_up_pages import visible_follow_ups
from invito.services.storage.directory_tables import ContainerTableKind, EntryKind
from invito.services.viewers import identify

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
