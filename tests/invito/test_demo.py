"""The office of the demo: who and what there is, and that it was stored as the use cases would have."""

import asyncio
import shutil
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Executable, func, select
from sqlalchemy.orm import aliased

from invito.demo import load
from invito.demo.office import furnish
from invito.opening import open_house
from invito.plugins.contract import Language, ParticipantKind
from invito.services.addresses import is_valid_address
from invito.services.directory.writing import NewEntry, add_entries
from invito.services.follow_ups.commands import TypedSpan
from invito.services.follow_ups.values import (
    EmailDelivery,
    FollowUpType,
    ParticipantRole,
    ParticipantStatus,
    Priority,
    ShowAs,
    StatusOrigin,
    Visibility,
)
from invito.services.house import House
from invito.services.invitations.received import InvitationFilter, invitation_page
from invito.services.notifications.reading import notification_page
from invito.services.notifications.values import NotificationKind
from invito.services.paging import PageAsk
from invito.services.participants.listing import AvailableAsk, available_participants
from invito.services.storage.database import Database
from invito.services.storage.directory_tables import (
    ContainerRow,
    ContainerTableKind,
    EntryKind,
    EntryRow,
    MemberRow,
    ResourceType,
)
from invito.services.storage.follow_up_tables import BusySpanRow, FollowUpRow, OwnerRow, ParticipantRow, ReferenceRow
from invito.services.storage.mail_tables import OutboxRow
from invito.services.storage.message_tables import NotificationRow
from invito.services.viewers import identify
from invito.settings import Settings

THE_DAY = date(2026, 11, 24)
KARI = "kari.nordmann@nordlys.example"

# They know nobody.
STRANGERS = """
from invito.plugins import Label, Source, hookimpl

class Strangers(Source):
    key = "strangers"
    label = container_label = all_label = Label(en="Strangers", nb="Fremmede")
    directories = frozenset({"stranger"})
    replaces = "employees"

    def resolve(self, context, references):
        return [None for _ in references]

@hookimpl
def invito_participant_sources():
    return [Strangers()]
"""


@pytest.fixture(scope="module")
def office_settings(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The settings of a database that holds the demo office."""
    file = tmp_path_factory.mktemp("office") / "office.sqlite3"
    shutil.copy(sqlite_template, file)
    settings = Settings(database_url=f"sqlite:///{file}").for_demo()
    asyncio.run(_load(settings))
    return settings


@pytest.fixture
async def office(office_settings: Settings) -> AsyncIterator[House]:
    """The house that stands on the demo office."""
    async with open_house(office_settings) as house:
        yield house


async def test_the_office_is_invitos_own_though_a_plugin_stands_in_for_its_people(
    sqlite_template: Path, tmp_path: Path
) -> None:
    shutil.copy(sqlite_template, tmp_path / "office.sqlite3")
    (tmp_path / "strangers.py").write_text(STRANGERS)
    url, plugin = f"sqlite:///{tmp_path / 'office.sqlite3'}", str(tmp_path / "strangers.py")
    settings = Settings(database_url=url, plugins=(plugin,)).for_demo()

    await _load(settings)

    async with open_house(settings) as house:
        assert next(iter(house.plugins.sources)) == "strangers"
        ((people,),) = await rows(house.database, select(func.count()).select_from(ParticipantRow))
    assert people > 0


async def test_there_are_as_many_of_each_as_an_office_has(office: House) -> None:
    entries = await rows(office.database, select(EntryRow.kind, func.count()).group_by(EntryRow.kind))
    containers = await rows(office.database, select(ContainerRow.kind, func.count()).group_by(ContainerRow.kind))

    assert dict(map(tuple, entries)) == {
        EntryKind.EMPLOYEE: 120,
        EntryKind.COMPANY: 300,
        EntryKind.PERSON: 2_000,
        EntryKind.RESOURCE: 60,
    }
    assert dict(map(tuple, containers)) == {
        ContainerTableKind.USER_GROUP: 8,
        ContainerTableKind.PROJECT: 40,
        ContainerTableKind.SELECTION: 25,
        ContainerTableKind.RESOURCE_GROUP: 4,
    }


async def test_every_employee_has_an_address_of_the_office_alone(office: House) -> None:
    found = await rows(office.database, select(EntryRow.email).where(EntryRow.kind == EntryKind.EMPLOYEE))
    addresses = {email for (email,) in found}

    assert len(addresses) == 120
    assert all(email.endswith("@nordlys.example") and is_valid_address(email) for email in addresses)
    assert {KARI, "admin@nordlys.example"} <= addresses


async def test_most_read_norwegian_some_english_and_kari_what_she_asks_for(office: House) -> None:
    who = select(EntryRow.language, func.count()).where(EntryRow.kind.in_((EntryKind.EMPLOYEE, EntryKind.PERSON)))
    counts = await rows(office.database, who.group_by(EntryRow.language))

    assert dict(counts) == {Language.NB: 1_906, Language.EN: 212, None: 2}


async def test_some_persons_have_no_address_and_some_an_invalid_one(office: House) -> None:
    persons = await rows(office.database, select(EntryRow.email).where(EntryRow.kind == EntryKind.PERSON))
    kinds = Counter(
        "none" if email is None else "valid" if is_valid_address(email) else "wrong" for (email,) in persons
    )

    assert kinds["none"] >= 50
    assert kinds["wrong"] >= 20
    assert kinds["valid"] >= 1_500


async def test_every_employee_has_one_first_group(office: House) -> None:
    first = await rows(
        office.database,
        select(MemberRow.entry_id)
        .join(ContainerRow, ContainerRow.id == MemberRow.container_id)
        .where(ContainerRow.kind == ContainerTableKind.USER_GROUP, MemberRow.position == 0),
    )

    assert len(first) == len({employee for (employee,) in first}) == 120


async def test_resources_are_locations_with_a_place_and_others(office: House) -> None:
    resources = await rows(
        office.database,
        select(EntryRow.resource_type, EntryRow.address, EntryRow.capacity).where(EntryRow.kind == EntryKind.RESOURCE),
    )
    locations = [row for row in resources if row.resource_type is ResourceType.LOCATION]

    assert 0 < len(locations) < 60
    assert all(row.address and row.capacity for row in locations)


async def test_every_selection_and_project_has_members_to_invite(office: House) -> None:
    kari = await identify(office, KARI)
    wanted = (ContainerTableKind.PROJECT, ContainerTableKind.SELECTION)
    containers = await rows(
        office.database, select(ContainerRow.id, ContainerRow.kind).where(ContainerRow.kind.in_(wanted))
    )

    pages = [
        await available_participants(
            office, kari, AvailableAsk(kind.value, container=f"{kind.value}:{number}"), PageAsk(1)
        )
        for number, kind in containers
    ]

    assert [page for page in pages if not page.items] == []


async def test_follow_ups_lie_in_the_weeks_around_the_day(office: House) -> None:
    (around,) = await rows(office.database, select(func.min(FollowUpRow.start), func.max(FollowUpRow.start)))
    midnight = datetime(2026, 11, 24, tzinfo=UTC)

    assert midnight - timedelta(days=15) < around[0] < midnight < around[1] < midnight + timedelta(days=28)


@pytest.mark.parametrize(
    ("column", "sorts"),
    [
        ("type", set(FollowUpType)),
        ("priority", set(Priority)),
        ("show_as", set(ShowAs)),
        ("visibility", set(Visibility)),
        ("is_all_day", {True, False}),
        ("is_cancelled", {True, False}),
    ],
)
async def test_follow_ups_are_of_every_sort(office: House, column: str, sorts: set[object]) -> None:
    found = await rows(office.database, select(getattr(FollowUpRow, column)))

    assert {value for (value,) in found} == sorts


async def test_invitees_have_answered_in_every_way(office: House) -> None:
    statuses = {
        status
        for (status,) in await rows(
            office.database, select(ParticipantRow.status).where(ParticipantRow.role == ParticipantRole.REQUIRED)
        )
    }

    assert statuses == set(ParticipantStatus)


async def test_those_are_busy_who_take_part_in_what_shows_as_busy(office: House) -> None:
    expected = await rows(
        office.database,
        select(FollowUpRow.id, ReferenceRow.identity_id, FollowUpRow.start, FollowUpRow.end)
        .join(ParticipantRow, ParticipantRow.follow_up_id == FollowUpRow.id)
        .join(ReferenceRow, ReferenceRow.id == ParticipantRow.reference_id)
        .where(
            FollowUpRow.show_as == ShowAs.BUSY,
            FollowUpRow.is_cancelled.is_(False),
            ParticipantRow.status != ParticipantStatus.DECLINED,
            ParticipantRow.kind.in_((ParticipantKind.EMPLOYEE, ParticipantKind.RESOURCE)),
        ),
    )
    spans = await rows(
        office.database,
        select(BusySpanRow.follow_up_id, BusySpanRow.reference_id, BusySpanRow.start, BusySpanRow.end),
    )

    assert sorted(map(tuple, spans)) == sorted(
        (follow_up, identity, int(start.timestamp()), int(end.timestamp()))
        for follow_up, identity, start, end in expected
    )


async def test_some_resources_are_double_booked(office: House) -> None:
    other = aliased(BusySpanRow)
    overlapping = (
        select(func.count())
        .select_from(BusySpanRow)
        .join(other, (other.reference_id == BusySpanRow.reference_id) & (other.id > BusySpanRow.id))
        .join(ReferenceRow, ReferenceRow.id == BusySpanRow.reference_id)
        .where(BusySpanRow.start < other.end, other.start < BusySpanRow.end, ReferenceRow.text.like("resource:%"))
    )

    ((count,),) = await rows(office.database, overlapping)

    assert count > 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("today", [date(2026, 11, 24), date(2027, 1, 1), date(2028, 2, 27)], ids=str)
async def test_hakon_of_the_readme_is_busy_a_week_later_whichever_day_it_is(
    database: Database, database_url: str, today: date
) -> None:
    settings = Settings(database_url=database_url).for_demo()
    await load(database, settings, today)
    day = today + timedelta(days=7)

    async with open_house(settings) as house:
        kari = await identify(house, KARI)
        during = TypedSpan(f"{day}T10:00", f"{day}T16:00")
        asked = AvailableAsk("employees", search="hå jo", during=during)
        page = await available_participants(house, kari, asked, PageAsk(9))

    (hakon,) = page.items
    zone = ZoneInfo(settings.time_zone)
    starts = [conflict.start for conflict in hakon.availability.conflicts]
    assert hakon.entry.name == "Håkon Johansen"
    assert datetime(day.year, day.month, day.day, 10, tzinfo=zone) in starts


async def test_every_owner_takes_part_and_has_accepted(office: House) -> None:
    owners = await rows(
        office.database,
        select(ParticipantRow.follow_up_id, ParticipantRow.status, ParticipantRow.reference_id, OwnerRow.first_group)
        .join(FollowUpRow, FollowUpRow.id == ParticipantRow.follow_up_id)
        .join(OwnerRow, OwnerRow.reference_id == FollowUpRow.owner_reference_id)
        .where(
            ParticipantRow.role == ParticipantRole.OWNER,
            ParticipantRow.reference_id == FollowUpRow.owner_reference_id,
        ),
    )
    ((count,),) = await rows(office.database, select(func.count()).select_from(FollowUpRow))

    assert len(owners) == len({row.follow_up_id for row in owners}) == count
    assert {row.status for row in owners} == {ParticipantStatus.ACCEPTED}
    assert all(row.first_group for row in owners)


async def test_owners_were_told_of_every_answer_and_invitees_of_what_was_called_off(office: House) -> None:
    told = Counter(kind for (kind,) in await rows(office.database, select(NotificationRow.kind)))
    invitees = await rows(
        office.database,
        select(ParticipantRow.status, ParticipantRow.status_origin, FollowUpRow.is_cancelled)
        .join(FollowUpRow, FollowUpRow.id == ParticipantRow.follow_up_id)
        .where(ParticipantRow.kind == ParticipantKind.EMPLOYEE, ParticipantRow.role != ParticipantRole.OWNER),
    )
    by_mail = await rows(
        office.database, select(ParticipantRow.status).where(ParticipantRow.status_origin == StatusOrigin.EMAIL_REPLY)
    )
    answers = Counter(row.status.name for row in invitees if row.status_origin is StatusOrigin.ANSWERED)
    answers += Counter(status.name for (status,) in by_mail)
    called_off = sum(row.is_cancelled for row in invitees)

    assert told[NotificationKind.INVITED] == len(invitees)
    assert told[NotificationKind.CANCELLED] == called_off > 0
    for kind in (NotificationKind.ACCEPTED, NotificationKind.TENTATIVE, NotificationKind.DECLINED):
        assert told[kind] == answers[kind.name] > 0


async def test_some_were_invited_by_mail_some_of_them_answered_and_nothing_waits_to_be_sent(office: House) -> None:
    invited = await rows(
        office.database,
        select(
            ParticipantRow.email, ParticipantRow.email_delivery, ParticipantRow.email_sent_at,
            ParticipantRow.held_sequence, ParticipantRow.status_origin, FollowUpRow.is_cancelled, OwnerRow.email,
        )
        .join(FollowUpRow, FollowUpRow.id == ParticipantRow.follow_up_id)
        .join(OwnerRow, OwnerRow.reference_id == FollowUpRow.owner_reference_id)
        .where(ParticipantRow.wants_email),
    )  # fmt: skip

    assert 20 < len(invited) < 200
    assert all(is_valid_address(one[0]) and one.email_sent_at for one in invited)
    assert {one.email_delivery for one in invited} == {EmailDelivery.SENT}
    assert all((one.held_sequence is None) is one.is_cancelled for one in invited)
    assert {StatusOrigin.INVITED, StatusOrigin.EMAIL_REPLY} <= {one.status_origin for one in invited}
    assert KARI in {one[-1] for one in invited}
    assert await rows(office.database, select(OutboxRow.id)) == []


async def test_invitations_and_notifications_wait_for_kari(office: House) -> None:
    kari = await identify(office, KARI)

    invitations = await invitation_page(office, kari, InvitationFilter(), PageAsk(50))
    notifications = await notification_page(office, kari, PageAsk(500), unacknowledged_only=True)

    assert len(invitations.items) > 5
    assert 5 < len(notifications.items) < 100


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
async def test_the_same_day_gives_the_same_office_on_either_database(
    office: House, database: Database, database_url: str
) -> None:
    await load(database, Settings(database_url=database_url).for_demo(), THE_DAY)

    for query in (
        select(EntryRow.id, EntryRow.name, EntryRow.email).order_by(EntryRow.id),
        select(FollowUpRow.id, FollowUpRow.title, FollowUpRow.start).order_by(FollowUpRow.id),
        select(ParticipantRow.id, ParticipantRow.name, ParticipantRow.status).order_by(ParticipantRow.id),
    ):
        assert list(map(tuple, await rows(database, query))) == list(map(tuple, await rows(office.database, query)))


async def test_an_office_that_was_left_without_plans_gets_them_and_one_that_has_some_stays_as_it_is(
    database: Database, database_url: str
) -> None:
    settings = Settings(database_url=database_url).for_demo()
    async with database.write() as connection:
        await furnish(connection, Random(1814))

    await load(database, settings, THE_DAY)
    planned = await rows(database, select(FollowUpRow.id, FollowUpRow.title).order_by(FollowUpRow.id))
    await load(database, settings, THE_DAY)

    assert len(planned) == 181
    assert await rows(database, select(FollowUpRow.id, FollowUpRow.title).order_by(FollowUpRow.id)) == planned


async def test_other_people_are_left_alone(database: Database, database_url: str) -> None:
    async with database.write() as connection:
        await add_entries(connection, [NewEntry(EntryKind.EMPLOYEE, "Somebody Else", "else@x.example")])

    await load(database, Settings(database_url=database_url).for_demo(), THE_DAY)

    assert [name for (name,) in await rows(database, select(EntryRow.name))] == ["Somebody Else"]
    assert not await rows(database, select(FollowUpRow.id))


async def rows(database: Database, query: Executable) -> list[Any]:
    async with database.read() as connection:
        return list(await connection.execute(query))


async def _load(settings: Settings) -> None:
    database = Database(settings.database_url)
    await load(database, settings, THE_DAY)
    await database.close()
