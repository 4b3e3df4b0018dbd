"""Who may see something no longer gets no further event of it, however long they have been listening."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import pytest

from invito.plugins.contract import ViewerIdentity
from invito.services.caller import Caller
from invito.services.changes import ChangeBus
from invito.services.errors import Unanswerable, UnanswerableCode, UserErrorCode
from invito.services.follow_ups.values import Visibility
from invito.services.house import House
from invito.services.importing import import_people
from invito.services.storage.directory_tables import EntryKind
from invito.services.subscriptions import watch_follow_up, watch_follow_ups, watch_notifications
from invito.services.viewers import identify

if TYPE_CHECKING:
    from pathlib import Path

    from tests.services.conftest import Office

T = TypeVar("T")

OLA = "ola@nordlys.example"


def rereading(office: Office) -> House:
    """The office's house, where all that is looked at is read again all the time."""
    return replace(office.house, changes=ChangeBus(reread_seconds=0.001))


async def following(watched: AsyncGenerator[T]) -> T:
    return await asyncio.wait_for(anext(watched), 30)


async def test_who_left_the_group_hears_nothing_more_of_what_is_the_groups(office: Office, tmp_path: Path) -> None:
    there = await office.create(visibility=Visibility.OWNER_GROUP)
    watched = watch_follow_up(rereading(office), office.ola, there, partial(identify, office.house, OLA))
    first = await following(watched)
    groups = tmp_path / "people.csv"
    groups.write_text(f"name,email,groups\nOla Åsen,{OLA},Support\n", encoding="utf-8")

    await import_people(office.house.database, EntryKind.EMPLOYEE, groups)
    await office.update(there, title="Secret")

    assert first.title == "Budget"
    with pytest.raises(StopAsyncIteration):
        await following(watched)


async def test_of_a_list_what_may_not_be_seen_any_more_is_told_no_more(office: Office) -> None:
    there = [await office.create(title=title) for title in ("One", "Two")]
    watched = watch_follow_ups(rereading(office), office.ola, there, partial(identify, office.house, OLA))
    first = [(await following(watched)).title for _ in there]

    await office.update(there[0], title="Secret", visibility=Visibility.OWNER)
    await office.update(there[1], title="Told")

    assert first == ["One", "Two"]
    assert (await following(watched)).title == "Told"


async def test_who_is_no_employee_any_more_is_told_nothing(office: Office) -> None:
    async def nobody() -> Caller:
        return replace(office.ola, employee=None, identity=ViewerIdentity(OLA))

    watched = watch_notifications(rereading(office), office.ola, nobody)
    arriving = asyncio.create_task(following(watched))
    while not arriving.done():  # nobody is told of what came before they listened
        await office.create(office.ref.ola)

    with pytest.raises(StopAsyncIteration):
        await arriving


async def test_whom_nobody_knows_any_more_is_told_so_in_place_of_the_event(office: Office) -> None:
    async def refused() -> Caller:
        raise Unanswerable(UnanswerableCode.UNAUTHENTICATED, "The token is not valid any more.")

    there = await office.create(office.ref.ola)
    watched = watch_follow_up(rereading(office), office.ola, there, refused)
    await following(watched)

    await office.update(there, title="Secret")

    with pytest.raises(Unanswerable):
        await following(watched)


async def test_while_nobody_can_look_up_who_listens_the_event_waits(office: Office) -> None:
    asked = []

    async def slowly() -> Caller:
        asked.append(office.ola)
        if len(asked) < 3:
            raise Unanswerable(UserErrorCode.SOURCE_UNAVAILABLE, "The directory is away.")
        return office.ola

    there = await office.create(office.ref.ola)
    watched = watch_follow_up(rereading(office), office.ola, there, slowly)
    await following(watched)

    await office.update(there, title="Later")

    assert (await following(watched)).title == "Later"
    assert len(asked) == 3
