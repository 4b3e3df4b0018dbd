"""One who is known by several references is the same one, whichever of them anybody used (DESIGN, references)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert

from invito.plugins import Source, hookimpl
from invito.plugins.contract import Entry, Label, ParticipantKind
from invito.plugins.source import SourceContext
from invito.services.busy.availability import AvailabilityState
from invito.services.caller import Caller
from invito.services.follow_ups.commands import Answer, FieldChanges, UpdateFollowUp
from invito.services.follow_ups.owners import known_as
from invito.services.follow_ups.values import ParticipantStatus, Visibility
from invito.services.follow_ups.visibility import is_caller, owns
from invito.services.invitations.answering import respond_to_invitation
from invito.services.invitations.changing import update_follow_up
from invito.services.invitations.follow_up_pages import visible_follow_ups
from invito.services.paging import PageAsk
from invito.services.participants.listing import AvailableAsk, available_participants
from invito.services.participants.overviews import set_open_overviews
from invito.services.storage.message_tables import OpenOverviewRow
from invito.services.viewers import identify

if TYPE_CHECKING:
    from tests.services.conftest import Office


class Ldap(Source):
    """Knows Ola by a reference of its own, which is another of the employee's."""

    key, directories = "ldap", frozenset({"ldap"})
    label = container_label = all_label = Label("LDAP", "LDAP")

    def __init__(self, ola: str) -> None:
        self.ola = Entry("ldap:1", ParticipantKind.EMPLOYEE, "Ola Åsen", "ola@ldap.example", aliases=(ola,))

    def resolve(self, context: SourceContext, references: Sequence[str]) -> Sequence[Entry | None]:
        return [self.ola if reference == "ldap:1" else None for reference in references]


@pytest.fixture(autouse=True)
def ldap(office: Office) -> Ldap:
    source = Ldap(office.ref.ola)

    class Plugin:
        @hookimpl
        def invito_participant_sources(self) -> Sequence[Source]:
            return [source]

    office.house.plugins.load([Plugin()])
    return source


async def viewer(office: Office, name: str = "ola") -> Caller:
    return await identify(office.house, f"{name}@nordlys.example")


async def test_an_invitee_sees_and_answers_what_they_were_invited_to_by_another_reference(office: Office) -> None:
    made = await office.create("ldap:1", visibility=Visibility.OWNER)
    ola, row = await viewer(office), await office.participant(made, "Ola")

    seen = await visible_follow_ups(office.house, ola, [made])
    await respond_to_invitation(office.house, ola, Answer(row.id, ParticipantStatus.ACCEPTED))

    assert (row.reference, is_caller(ola, row), list(seen)) == ("ldap:1", True, [made])
    assert (await office.participant(made, "Ola")).status is ParticipantStatus.ACCEPTED
    assert await visible_follow_ups(office.house, office.eva, [made]) == {}


async def test_a_viewer_who_was_known_before_the_other_reference_came_up_sees_it_all_the_same(office: Office) -> None:
    before = await viewer(office)

    made = await office.create("ldap:1", visibility=Visibility.OWNER)

    assert list(await visible_follow_ups(office.house, before, [made])) == [made]


async def test_an_owner_is_known_by_every_reference(office: Office) -> None:
    made = await office.create(by=office.ola, visibility=Visibility.OWNER)
    await office.create("ldap:1")
    async with office.house.database.read() as connection:
        references = (await known_as(connection, Entry("ldap:1", ParticipantKind.EMPLOYEE, "Ola Åsen"))).references
    by_ldap = replace(office.ola, identity=replace(office.ola.identity, references=references))

    await update_follow_up(office.house, by_ldap, UpdateFollowUp(made, FieldChanges(title="Mine")))

    there = await office.follow_up(made, by_ldap)
    assert (there.title, owns(by_ldap, there)) == ("Mine", True)


async def test_who_is_invited_by_another_reference_is_listed_as_invited(office: Office) -> None:
    made = await office.create("ldap:1")

    asked = AvailableAsk("employees", follow_up=made)
    page = await available_participants(office.house, office.kari, asked, PageAsk(10))

    assert [one.entry.name for one in page.items if one.is_invited] == ["Kari Nordmann", "Ola Åsen"]
    assert [one.entry.name for one in page.items if one.availability.state is AvailabilityState.BUSY] == []


async def test_an_open_overview_of_one_who_is_named_by_another_reference_is_not_taken_in_twice(
    office: Office, ldap: Ldap
) -> None:
    await office.create("ldap:1")
    ldap.ola = replace(ldap.ola, aliases=())
    await set_open_overviews(office.house, office.kari, ["ldap:1"])

    made = await office.create(office.ref.ola)

    assert [one.reference for one in await office.everyone(made)] == [office.ref.kari, office.ref.ola]


async def test_overviews_of_one_by_two_references_are_taken_in_once(office: Office) -> None:
    async with office.house.database.write() as connection:
        rows = [
            {"employee": office.ref.kari, "reference": reference, "position": place}
            for place, reference in enumerate(("ldap:1", office.ref.ola))
        ]
        await connection.execute(insert(OpenOverviewRow), rows)

    assert [one.reference for one in await office.everyone(await office.create())] == [office.ref.kari, "ldap:1"]
