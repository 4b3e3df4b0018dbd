"""Who is meant by a typed address, where a source that may know it does not answer (F11, F29)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pytest

from invito.plugins import Source, SourceContext, hookimpl
from invito.plugins.contract import Entry, Label
from invito.services.errors import UserErrorCode
from invito.services.follow_ups.commands import TypedEmail
from invito.services.paging import PageAsk
from invito.services.participants.searching import search_participants
from invito.services.participants.sources import update_source

if TYPE_CHECKING:
    from tests.services.conftest import Office

UNKNOWN = "new@x.example"


class Away(Source):
    """Knows addresses, but does not answer."""

    key, directories = "away", frozenset({"away"})
    label = container_label = all_label = Label("Away", "Borte")

    def find(self, context: SourceContext, addresses: Sequence[str]) -> Sequence[Sequence[Entry]]:
        raise ConnectionError


class AwayWithEmployees(Away):
    lists_employees = True


def load(office: Office, source: Source) -> None:
    class Plugin:
        @hookimpl
        def invito_participant_sources(self) -> Sequence[Source]:
            return [source]

    office.house.plugins.load([Plugin()])


async def found(office: Office) -> tuple[list[str], list[str]]:
    page = await search_participants(office.house, office.kari, UNKNOWN, None, None, PageAsk(5))
    return [one.entry.reference for one in page.items], [one.source for one in page.warnings]


each_way = pytest.mark.parametrize("who", [TypedEmail(UNKNOWN), f"email:{UNKNOWN}"])


@each_way
async def test_who_may_be_an_employee_is_not_invited_as_a_stranger(office: Office, who: str | TypedEmail) -> None:
    load(office, AwayWithEmployees())

    ((code, _),) = await office.refused(office.create(who))

    assert code is UserErrorCode.SOURCE_UNAVAILABLE
    assert await found(office) == ([], ["away"])


@each_way
async def test_a_source_without_employees_that_fails_keeps_nobody_from_inviting_a_stranger(
    office: Office, who: str | TypedEmail
) -> None:
    load(office, Away())

    made = await office.create(who)

    assert [one.reference for one in await office.everyone(made)] == [office.ref.kari, f"email:{UNKNOWN}"]
    assert await found(office) == ([f"email:{UNKNOWN}"], ["away"])


@pytest.mark.parametrize("source", [Away(), AwayWithEmployees()], ids=["people", "employees"])
async def test_a_source_that_is_switched_off_may_fail(office: Office, source: Source) -> None:
    load(office, source)
    await update_source(office.house, office.admin, "away", False, None)

    made = await office.create(TypedEmail(UNKNOWN))

    assert [one.reference for one in await office.everyone(made)] == [office.ref.kari, f"email:{UNKNOWN}"]
    assert await found(office) == ([f"email:{UNKNOWN}"], [])


async def test_an_employee_is_known_by_address_though_employees_are_not_offered(office: Office) -> None:
    await update_source(office.house, office.admin, "employees", False, None)

    made = await office.create(TypedEmail("ola@nordlys.example"))

    assert [one.reference for one in await office.everyone(made)] == [office.ref.kari, office.ref.ola]


async def test_whose_address_another_source_knows_is_invited(office: Office) -> None:
    load(office, AwayWithEmployees())

    made = await office.create(TypedEmail("ola@nordlys.example"))

    assert [one.reference for one in await office.everyone(made)] == [office.ref.kari, office.ref.ola]
