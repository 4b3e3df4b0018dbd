"""A change has the time at which its turn came, so that whoever polls by `updatedSince` misses none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from invito.services.follow_ups.commands import Answer, FieldChanges, UpdateFollowUp
from invito.services.follow_ups.repository import follow_up_to_change
from invito.services.follow_ups.values import ParticipantStatus
from invito.services.ids import FollowUpId
from invito.services.invitations import first_results
from invito.services.invitations.answering import mark_invitation_seen, respond_to_invitation
from invito.services.invitations.changing import update_follow_up

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from tests.services.conftest import Office

Change = Callable[["Office", FollowUpId], Awaitable[object]]


async def rename(office: Office, there: FollowUpId) -> None:
    await update_follow_up(office.house, office.kari, UpdateFollowUp(there, FieldChanges(title="Late")))


async def accept(office: Office, there: FollowUpId) -> None:
    ola = (await office.participant(there, "Ola")).id
    await respond_to_invitation(office.house, office.ola, Answer(ola, ParticipantStatus.ACCEPTED))


async def see(office: Office, there: FollowUpId) -> None:
    await mark_invitation_seen(office.house, office.ola, (await office.participant(there, "Ola")).id)


@asynccontextmanager
async def held_up(office: Office, late: Awaitable[object]) -> AsyncIterator[tuple[AsyncConnection, list[datetime]]]:
    """A transaction that was first, and that goes on until `late` had its time to read the clock; then, what the clock
    showed."""
    polled: list[datetime] = []
    async with office.house.database.engine.connect() as first:
        yield first, polled
        waiting = asyncio.ensure_future(late)
        await asyncio.wait([waiting], timeout=0.2)
        assert not waiting.done()
        polled.append(office.clock.go_on(minutes=1))
        await first.rollback()
    await asyncio.wait_for(waiting, 30)


@pytest.mark.parametrize("change", [rename, accept, see])
async def test_a_change_that_waited_for_another_has_the_time_after_the_wait(office: Office, change: Change) -> None:
    there = await office.create(office.ref.ola)

    async with held_up(office, change(office, there)) as (first, polled):
        await first.exec_driver_sql("DELETE FROM event")  # takes SQLite's only turn
        await follow_up_to_change(first, office.kari, there)

    assert (await office.follow_up(there)).updated_at == polled[0]


async def test_what_is_created_after_a_wait_has_the_time_after_the_wait(office: Office) -> None:
    made: list[FollowUpId] = []

    async def create() -> None:
        made.append(await office.create(idempotency_key="key"))

    async with held_up(office, create()) as (first, polled):
        await first_results.first_result(first, office.kari, "key", "another input", office.clock())

    assert (await office.follow_up(made[0])).updated_at == polled[0]


@pytest.mark.parametrize("change", [rename, accept, see])
async def test_time_never_runs_backwards_for_a_follow_up(office: Office, change: Change) -> None:
    there = await office.create(office.ref.ola)
    before = await office.follow_up(there)
    office.clock.go_on(hours=-1)

    await change(office, there)

    after = await office.follow_up(there)
    assert after.revision > before.revision
    assert after.updated_at == before.updated_at
