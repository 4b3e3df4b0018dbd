"""The overviews that a viewer has open: what is shown is what a new follow-up takes in (F8)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from invito.services.errors import UserErrorCode
from invito.services.follow_ups.commands import TypedEmail
from invito.services.participants.administering import set_available
from invito.services.participants.overviews import open_overviews, set_open_overviews

if TYPE_CHECKING:
    from tests.services.conftest import Office


async def shown(office: Office) -> list[str]:
    return [one.entry.reference for one in await open_overviews(office.house, office.kari)]


async def taken_in(office: Office) -> list[str]:
    return [one.reference for one in await office.everyone(await office.create())][1:]


async def test_what_is_shown_is_what_is_taken_in_a_typed_address_too(office: Office) -> None:
    ref = office.ref
    await set_open_overviews(office.house, office.kari, [ref.hall, TypedEmail("X@y.example"), ref.ola, ref.per])

    assert await shown(office) == [ref.hall, "email:x@y.example", ref.ola, ref.per]
    assert await taken_in(office) == await shown(office)


async def test_whoever_is_not_available_any_longer_is_neither_shown_nor_taken_in(office: Office) -> None:
    await set_open_overviews(office.house, office.kari, [office.ref.hall, office.ref.ola])
    await set_available(office.house, office.admin, office.ref.hall, is_available=False)

    assert await shown(office) == await taken_in(office) == [office.ref.ola]


async def test_of_many_calls_at_once_one_is_the_last(office: Office) -> None:
    ref = office.ref
    choices = [[ref.ola, ref.eva], [ref.eva, ref.hall], [ref.ola], [ref.hall, ref.ola, ref.eva], []] * 2

    await asyncio.gather(*(set_open_overviews(office.house, office.kari, choice) for choice in choices))

    assert await shown(office) in choices


async def test_more_overviews_than_anybody_opens_are_refused(office: Office) -> None:
    many = [TypedEmail(f"{number}@y.example") for number in range(101)]

    refused = await office.refused(set_open_overviews(office.house, office.kari, many))

    assert refused == [(UserErrorCode.TOO_MANY, ("participants",))]
