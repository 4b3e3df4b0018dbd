"""Which sources are offered in which order, as administrators set it, several at once too (F5, F7)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pytest

from invito.plugins import Label, Source, hookimpl
from invito.services.errors import Unanswerable, UnanswerableCode, UserErrorCode
from invito.services.paging import PageAsk
from invito.services.participants.containers import containers
from invito.services.participants.listing import AvailableAsk, available_participants
from invito.services.participants.sources import enabled_keys, offered_sources, update_source
from invito.services.storage.directory_tables import SourceSettingRow

if TYPE_CHECKING:
    from tests.services.conftest import Office

BUILT_IN = ["employees", "company_person", "project", "selection", "resource"]


async def test_a_source_that_is_switched_off_is_offered_no_longer_and_keeps_its_place(office: Office) -> None:
    await update_source(office.house, office.admin, "project", False, None)
    off = await enabled_keys(office.house)
    await update_source(office.house, office.admin, "project", True, None)

    assert off == [key for key in BUILT_IN if key != "project"]
    assert await enabled_keys(office.house) == BUILT_IN


@pytest.mark.parametrize(("position", "place"), [(0, 0), (1, 1), (99, 4)])
async def test_a_source_is_moved_to_its_place(office: Office, position: int, place: int) -> None:
    await update_source(office.house, office.admin, "project", None, position)

    keys = [one.key for one in await offered_sources(office.house)]
    assert keys.index("project") == place
    assert [key for key in keys if key != "project"] == [key for key in BUILT_IN if key != "project"]


async def test_administrators_who_switch_at_once_undo_nothing_of_one_another(office: Office) -> None:
    off = ["project", "selection", "resource", "company_person"]

    await asyncio.gather(*(update_source(office.house, office.admin, key, False, None) for key in off))

    assert await enabled_keys(office.house) == ["employees"]


async def test_administrators_who_move_at_once_undo_no_switch(office: Office) -> None:
    moves = [update_source(office.house, office.admin, key, None, 0) for key in BUILT_IN]

    await asyncio.gather(update_source(office.house, office.admin, "project", False, None), *moves)

    assert "project" not in await enabled_keys(office.house)
    assert sorted(one.key for one in await offered_sources(office.house, include_disabled=True)) == sorted(BUILT_IN)


async def test_neither_entries_nor_containers_of_a_source_that_is_switched_off_are_listed_but_for_administrators(
    office: Office,
) -> None:
    await update_source(office.house, office.admin, "employees", False, None)

    for refused in (
        containers(office.house, office.kari, "employees", None, PageAsk(5)),
        available_participants(office.house, office.kari, AvailableAsk("employees"), PageAsk(5)),
    ):
        with pytest.raises(Unanswerable) as problem:
            await refused
        assert problem.value.code is UnanswerableCode.UNKNOWN_SOURCE
    seen = await containers(office.house, office.admin, "employees", None, PageAsk(5))
    assert [one.name for one in seen.items] == ["Sales", "Support"]


async def test_only_what_changed_is_written(office: Office) -> None:
    await update_source(office.house, office.admin, "project", False, None)
    await update_source(office.house, office.admin, "selection", True, None)

    assert await office.rows_of(SourceSettingRow) == [("project", False, None)]


async def test_what_cannot_be_set_is_refused(office: Office) -> None:
    house = office.house

    assert await office.refused(update_source(house, office.admin, "nothing", True, None)) == [
        (UserErrorCode.NOT_FOUND, ("key",))
    ]
    assert await office.refused(update_source(house, office.admin, "project", None, -1)) == [
        (UserErrorCode.INVALID_INPUT, ("position",))
    ]
    assert await office.refused(update_source(house, office.kari, "project", False, None)) == [
        (UserErrorCode.FORBIDDEN, ())
    ]


class Rooms(Source):
    key, directories, replaces = "rooms", frozenset({"rooms"}), "resource"
    label = container_label = all_label = Label("Rooms", "Rom")


def replace_resources(office: Office) -> None:
    class Plugin:
        @hookimpl
        def invito_participant_sources(self) -> Sequence[Source]:
            return [Rooms()]

    office.house.plugins.load([Plugin()])


async def test_what_stands_in_for_a_source_stands_in_its_place_and_is_switched_off_like_it(office: Office) -> None:
    await update_source(office.house, office.admin, "resource", False, 0)

    replace_resources(office)

    sources = await offered_sources(office.house, include_disabled=True)
    assert [one.key for one in sources] == ["rooms", "employees", "company_person", "project", "selection"]
    assert [one.key for one in sources if not one.is_enabled] == ["rooms"]


async def test_what_is_set_for_a_source_itself_counts_before_what_was_set_for_the_one_it_replaces(
    office: Office,
) -> None:
    await update_source(office.house, office.admin, "resource", False, 0)
    replace_resources(office)

    await update_source(office.house, office.admin, "rooms", True, 4)

    sources = await offered_sources(office.house)
    assert [one.key for one in sources] == ["employees", "company_person", "project", "selection", "rooms"]
