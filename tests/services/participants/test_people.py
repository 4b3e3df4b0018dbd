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

if TYPE_CHECKING:
    from tests.services.conftest import Office

UNKNOWN = "new@x.example"


class Away(Source):
    """Knows addresses, but does not answer."""

    key, directories = "away", frozenset({"away"})
    label = container_label = all_label = Label("Away", "Borte")

    def find(self, context: SourceContext, addresses: Sequence[str]) -> Sequence[Sequence[Entry]]:
        raise ConnectionError


@pytest.fixture(autouse=True)
def _away(office: Office) -> None:
    class Plugin:
        @hookimpl
        def invito_participant_sources(self) -> Sequence[Source]:
            return [Away()]

    office.house.plugins.load([Plugin()])


@pytest.mark.parametrize("who", [TypedEmail(UNKNOWN), f"email:{UNKNOWN}"])
async def test_whose_address_may_be_known_elsewhere_is_not_invited_as_a_stranger(
    office: Office, who: str | TypedEmail
) -> None:
    ((code, _),) = await office.refused(office.create(who))

    assert code is UserErrorCode.SOURCE_UNAVAILABLE


async def test_whose_address_another_source_knows_is_invited(office: Office) -> None:
    made = await office.create(TypedEmail("ola@nordlys.example"))

    assert [one.reference for one in await office.everyone(made)] == [office.ref.kari, office.ref.ola]


async def test_an_address_is_offered_as_typed_only_where_it_can_be_invited(office: Office) -> None:
    page = await search_participants(office.house, office.kari, UNKNOWN, None, None, PageAsk(5))

    assert (list(page.items), [one.source for one in page.warnings]) == ([], ["away"])
