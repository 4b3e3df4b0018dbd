"""A directory in place of the employees: what was theirs before is theirs still, and nobody shows up twice."""

import importlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import pytest

from invito.plugins import Source, hookimpl, page_of_entries
from invito.plugins.contract import Entry, EntryPage, EntryQuery, Label, ParticipantKind, Span
from invito.plugins.plugin_manager import PluginManager
from invito.plugins.source import SourceContext
from invito.services.busy.availability import AvailabilityState
from invito.services.caller import Caller
from invito.services.directory import Directory
from invito.services.follow_ups.commands import InviteeWish, InviteParticipants, TypedSpan
from invito.services.house import House
from invito.services.invitations.changing import invite_participants
from invito.services.invitations.conflicts import availability_of_participants
from invito.services.invitations.received import invitations
from invito.services.paging import PageAsk
from invito.services.participants.administering import set_available
from invito.services.participants.listing import AvailableAsk, available_participants
from invito.services.participants.searching import search_participants
from invito.services.source_desk import SourceDesk
from invito.services.viewers import identify
from invito.sources import BUILT_IN
from tests.services.conftest import Office

DURING = TypedSpan("2026-12-01T09:00", "2026-12-01T10:00")


class Ldap(Source):
    """People by their address, who may have been employees of Invito's own: then that is an alias of theirs."""

    key, directories, replaces = "ldap", frozenset({"ldap"}), "employees"
    label = container_label = all_label = Label("LDAP", "LDAP")
    offers_all = searches_participants = True
    addresses = ("kari@nordlys.example", "ola@nordlys.example", "ida@nordlys.example")

    async def _people(self, context: SourceContext) -> list[Entry]:
        before = await Directory.of(context).find(self.addresses, (ParticipantKind.EMPLOYEE,))
        return [
            Entry(
                f"ldap:{address}", ParticipantKind.EMPLOYEE, f"{address.split('@')[0].capitalize()} of LDAP", address,
                aliases=tuple(one.reference for one in known),
            )
            for address, known in zip(self.addresses, before, strict=True)
        ]  # fmt: skip

    async def participants(self, context: SourceContext, query: EntryQuery) -> EntryPage:
        return page_of_entries(await self._people(context), query)

    async def resolve(self, context: SourceContext, references: Sequence[str]) -> Sequence[Entry | None]:
        known = {reference: one for one in await self._people(context) for reference in one.references}
        return [known.get(reference) for reference in references]

    async def find(self, context: SourceContext, addresses: Sequence[str]) -> Sequence[Sequence[Entry]]:
        people = await self._people(context)
        return [[one for one in people if one.email == address] for address in addresses]


class Plugin:
    @hookimpl
    def invito_participant_sources(self) -> Sequence[Source]:
        return [Ldap()]


@pytest.fixture
async def after(office: Office) -> AsyncIterator[House]:
    """The same house, after employees were replaced."""
    plugins = PluginManager()
    plugins.load((importlib.import_module(name) for name in BUILT_IN), built_in=True)
    plugins.load([Plugin()])
    yield replace(office.house, plugins=plugins, desk=SourceDesk(plugins, Directory(office.house.database)))
    plugins.close()


async def viewer(house: House, name: str) -> Caller:
    return await identify(house, f"{name}@nordlys.example")


async def test_what_somebody_was_invited_to_before_is_theirs_still(office: Office, after: House) -> None:
    follow_up = await office.create(office.ref.ola)
    participant = await office.participant(follow_up, "Ola")

    ola = await viewer(after, "ola")

    assert ola.references == ("ldap:ola@nordlys.example", office.ref.ola)
    assert set(await invitations(after, ola, [participant.id])) == {participant.id}
    assert (await office.follow_up(follow_up, seen_by=ola)).id == follow_up


async def test_what_somebody_owned_before_is_theirs_to_change(office: Office, after: House) -> None:
    follow_up = await office.create()

    changed = replace(office, house=after)

    assert (await changed.update(follow_up, await viewer(after, "kari"), title="Budget 2027")).title == "Budget 2027"


async def test_whoever_was_busy_before_is_busy_still_and_listed_once(office: Office, after: House) -> None:
    await office.create(office.ref.ola)
    kari = await viewer(after, "kari")

    page = await available_participants(after, kari, AvailableAsk("ldap", during=DURING), PageAsk(50))

    states = {one.entry.reference: one.availability.state for one in page.items}
    assert states == {
        "ldap:ida@nordlys.example": AvailabilityState.FREE,
        "ldap:kari@nordlys.example": AvailabilityState.BUSY,
        "ldap:ola@nordlys.example": AvailabilityState.BUSY,
    }


async def test_whoever_was_invited_before_is_invited_already_and_not_once_more(office: Office, after: House) -> None:
    follow_up = await office.create(office.ref.ola)
    kari = await viewer(after, "kari")

    page = await available_participants(after, kari, AvailableAsk("ldap", follow_up=follow_up), PageAsk(50))
    assert [one.entry.reference for one in page.items if one.is_invited] == [
        "ldap:kari@nordlys.example", "ldap:ola@nordlys.example",
    ]  # fmt: skip

    command = InviteParticipants(
        follow_up, (InviteeWish("ldap:ola@nordlys.example"), InviteeWish("ldap:ida@nordlys.example"))
    )
    result = await invite_participants(after, kari, command)
    ola = await office.participant(follow_up, "Ola")
    assert list(result.already_invited) == [ola.id]
    assert list(await office.participants(follow_up)) == ["Kari", "Ola", "Ida"]


async def test_conflicts_of_before_and_after_are_those_of_one_person(office: Office, after: House) -> None:
    there, kari = replace(office, house=after), await viewer(after, "kari")
    before = await office.create(office.ref.ola)
    since = await there.create("ldap:ola@nordlys.example", by=kari)

    for follow_up in (before, since):
        everyone = list((await office.participants(follow_up)).values())
        known = await availability_of_participants(after, kari, everyone)
        assert {one.state for one in known.values()} == {AvailabilityState.BUSY}


async def test_a_calendar_that_knows_the_new_reference_alone_is_asked_by_it(office: Office, after: House) -> None:
    there, kari = replace(office, house=after), await viewer(after, "kari")
    before = await office.create(office.ref.ola)
    await there.create("ldap:ola@nordlys.example", by=kari, start="2027-01-01T09:00")
    asked: list[str] = []

    class Calendar:
        @hookimpl
        def invito_busy_spans(self, references: Sequence[str], span: Span) -> dict[str, list[Span]]:
            asked.extend(references)
            return {"ldap:ola@nordlys.example": [span]}

    after.plugins.load([Calendar()])
    ola = await office.participant(before, "Ola")

    known = await availability_of_participants(after, kari, [ola])

    assert asked == [office.ref.ola, "ldap:ola@nordlys.example"]
    assert known[ola.id].state is AvailabilityState.BUSY


async def test_an_old_reference_finds_the_new_entry_which_is_known_by_both(office: Office, after: House) -> None:
    kari = await viewer(after, "kari")

    found, warnings = await after.desk.resolve(kari.asker, [office.ref.ola, office.ref.eva])

    assert warnings == []
    assert list(found) == [office.ref.ola]
    assert found[office.ref.ola].references == ("ldap:ola@nordlys.example", office.ref.ola)


async def test_whoever_was_not_available_before_is_not_available_still(office: Office, after: House) -> None:
    await set_available(office.house, office.admin, office.ref.ola, is_available=False)
    kari = await viewer(after, "kari")

    page = await available_participants(after, kari, AvailableAsk("ldap"), PageAsk(50))
    assert "ldap:ola@nordlys.example" not in [one.entry.reference for one in page.items]

    await set_available(after, office.admin, "ldap:ola@nordlys.example", is_available=True)
    page = await available_participants(after, kari, AvailableAsk("ldap"), PageAsk(50))
    assert "ldap:ola@nordlys.example" in [one.entry.reference for one in page.items]


async def test_a_search_finds_each_of_them_once(office: Office, after: House) -> None:
    kari = await viewer(after, "kari")

    by_name = await search_participants(after, kari, "ola", None, None, PageAsk(50))
    by_address = await search_participants(after, kari, "ola@nordlys.example", None, None, PageAsk(50))

    assert [one.entry.reference for one in by_name.items] == ["ldap:ola@nordlys.example"]
    assert [one.entry.reference for one in by_address.items] == ["ldap:ola@nordlys.example"]
    assert [after.plugins.source_key_of(one.entry.reference) for one in by_name.items] == ["ldap"]
