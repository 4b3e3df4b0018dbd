"""What the tests of the services share: a small office, a clock that is set by hand, and values made in one line."""

from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from invito.opening import open_house
from invito.plugins.contract import ParticipantKind, Span
from invito.services.busy.references import intern
from invito.services.busy.spans import store_calendar
from invito.services.caller import Caller
from invito.services.directory.writing import (
    NewContainer,
    NewEntry,
    NewMember,
    add_containers,
    add_entries,
    add_members,
)
from invito.services.errors import Refusal, UserErrorCode
from invito.services.follow_ups.commands import CreateFollowUp, FieldChanges, InviteeWish, TypedEmail, UpdateFollowUp
from invito.services.follow_ups.participant_repository import all_participants
from invito.services.follow_ups.values import (
    EmailDelivery,
    FollowUp,
    FollowUpType,
    Owner,
    Participant,
    ParticipantRole,
    ParticipantStatus,
    Priority,
    ShowAs,
    StatusOrigin,
    Visibility,
)
from invito.services.house import House
from invito.services.ids import FollowUpId, ParticipantId, ReferenceId
from invito.services.invitations.changing import change_follow_up, update_follow_up
from invito.services.invitations.creating import create_follow_up
from invito.services.invitations.deciding import Ask
from invito.services.invitations.follow_up_pages import visible_follow_ups
from invito.services.invitations.roster import RosterWish
from invito.services.mail.values import MailMethod, MailState
from invito.services.notifications.reading import notification_page
from invito.services.notifications.values import NotificationKind
from invito.services.paging import PageAsk
from invito.services.storage.directory_tables import ContainerTableKind, EntryKind, ResourceType
from invito.services.storage.follow_up_tables import FollowUpRow, OwnerRow, ParticipantRow, ReferenceRow
from invito.services.storage.mail_tables import OutboxRow
from invito.services.storage.message_tables import NotificationRow
from invito.services.viewers import identify
from invito.settings import Settings

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


@dataclass
class Clock:
    """The present, which goes on when a test says so."""

    present: datetime = NOON

    def __call__(self) -> datetime:
        return self.present

    def go_on(self, **by: int) -> datetime:
        self.present += timedelta(**by)
        return self.present


@dataclass
class Office:
    """Kari and Ola of Sales, Eva of Support, the administrator, a stranger; persons outside; a hall and a projector.

    `ref` knows the references of all of them by their first names.
    """

    house: House
    clock: Clock
    ref: SimpleNamespace
    kari: Caller
    ola: Caller
    eva: Caller
    admin: Caller
    stranger: Caller
    groups: dict[str, int] = field(default_factory=dict)

    async def create(
        self, *invitees: str | TypedEmail | InviteeWish, by: Caller | None = None, **fields: Any
    ) -> FollowUpId:
        """A follow-up of Kari's on 1 December 2026, 9 to 10 in Oslo, where nothing else is said."""
        wishes = tuple(one if isinstance(one, InviteeWish) else InviteeWish(one) for one in invitees)
        named: dict[str, Any] = {
            "type": FollowUpType.APPOINTMENT,
            "title": "Budget",
            "start": "2026-12-01T09:00",
        } | fields
        return await create_follow_up(self.house, by or self.kari, CreateFollowUp(invitees=wishes, **named))

    async def update(self, follow_up: FollowUpId, by: Caller | None = None, **fields: Any) -> FollowUp:
        await update_follow_up(self.house, by or self.kari, UpdateFollowUp(follow_up, FieldChanges(**fields)))
        return await self.follow_up(follow_up, by)

    async def decide(self, follow_up: FollowUpId, wish: RosterWish, by: Caller | None = None) -> None:
        """A wish for the list, put straight to the use case that all of them end in."""
        await change_follow_up(self.house, by or self.kari, Ask(follow_up, ("id",), wish), wish)

    async def follow_up(self, follow_up: FollowUpId, seen_by: Caller | None = None) -> FollowUp:
        return (await visible_follow_ups(self.house, seen_by or self.kari, [follow_up]))[follow_up]

    async def everyone(self, follow_up: FollowUpId) -> list[Participant]:
        """All rows, of those who were removed too."""
        async with self.house.database.read() as connection:
            return await all_participants(connection, follow_up)

    async def participants(self, follow_up: FollowUpId) -> dict[str, Participant]:
        """Who takes part, by first name, in the order of the list."""
        return {one.name.split()[0]: one for one in await self.everyone(follow_up) if one.removed_at is None}

    async def participant(self, follow_up: FollowUpId, name: str) -> Participant:
        """The row of one of them, removed or not."""
        return next(one for one in await self.everyone(follow_up) if one.name.split()[0] == name)

    async def outbox(self, follow_up: FollowUpId) -> list[tuple[str, MailMethod, int]]:
        """What waits to be sent: to whom (first name), what, with which SEQUENCE."""
        async with self.house.database.read() as connection:
            rows = await connection.execute(
                select(OutboxRow.to_name, OutboxRow.method, OutboxRow.sequence)
                .where(OutboxRow.follow_up_id == follow_up, OutboxRow.state == MailState.QUEUED)
                .order_by(OutboxRow.to_name, OutboxRow.id)
            )
            return [(name.split()[0], method, sequence) for name, method, sequence in rows]

    async def send_all(self, follow_up: FollowUpId) -> None:
        """Play the sender: all that waits is gone, and who got a REQUEST holds it."""
        now = self.clock.go_on(seconds=1)
        waiting = (OutboxRow.follow_up_id == follow_up, OutboxRow.state == MailState.QUEUED)
        requested = select(OutboxRow.reference_id).where(*waiting, OutboxRow.method == MailMethod.REQUEST)
        cancelled = select(OutboxRow.reference_id).where(*waiting, OutboxRow.method == MailMethod.CANCEL)
        sent = (await self.follow_up(follow_up)).sequence
        async with self.house.database.write() as connection:
            await connection.execute(
                update(ParticipantRow)
                .where(ParticipantRow.follow_up_id == follow_up, ParticipantRow.reference_id.in_(requested))
                .values(email_sent_at=now, held_sequence=sent, email_delivery=EmailDelivery.SENT)
            )
            await connection.execute(
                update(ParticipantRow)
                .where(ParticipantRow.follow_up_id == follow_up, ParticipantRow.reference_id.in_(cancelled))
                .values(email_sent_at=now, held_sequence=None, email_delivery=EmailDelivery.SENT)
            )
            await connection.execute(update(OutboxRow).where(*waiting).values(state=MailState.SENT))

    async def told(self, caller: Caller) -> list[NotificationKind]:
        """What somebody was told, oldest first."""
        page = await notification_page(self.house, caller, PageAsk(500), unacknowledged_only=False)
        return [one.kind for one in reversed(page.items)]

    async def is_busy(self, reference: str, start: datetime, end: datetime, title: str | None = None) -> None:
        """An imported calendar says that this one is busy."""
        async with self.house.database.write() as connection:
            numbers = await intern(connection, [reference])
            await store_calendar(connection, numbers[reference], f"{uuid4()}.ics", [(Span(start, end), title)])

    async def rows_of(self, table: Any) -> list[tuple[object, ...]]:
        async with self.house.database.read() as connection:
            return [tuple(row) for row in await connection.execute(select(*table.__table__.columns))]

    async def refused(self, use_case: Awaitable[object]) -> list[tuple[UserErrorCode, tuple[str, ...]]]:
        """The codes and paths of a refusal, which changed nothing."""
        before = await self.state()
        with pytest.raises(Refusal) as refusal:
            await use_case
        assert await self.state() == before
        return [(error.code, error.path) for error in refusal.value.errors]

    async def state(self) -> list[list[tuple[object, ...]]]:
        """All that a use case may change, to see that nothing did."""
        tables = (FollowUpRow, ParticipantRow, OwnerRow, ReferenceRow, OutboxRow, NotificationRow)
        return [await self.rows_of(table) for table in tables]


_ENTRIES = {
    "kari": NewEntry(EntryKind.EMPLOYEE, "Kari Nordmann", "kari@nordlys.example"),
    "ola": NewEntry(EntryKind.EMPLOYEE, "Ola Åsen", "ola@nordlys.example"),
    "eva": NewEntry(EntryKind.EMPLOYEE, "Eva Lie", "eva@nordlys.example"),
    "admin": NewEntry(EntryKind.EMPLOYEE, "Admin Admin", "admin@nordlys.example"),
    "per": NewEntry(EntryKind.PERSON, "Per Ødegård", "per@kunde.example"),
    "nils": NewEntry(EntryKind.PERSON, "Nils Uten"),
    "berit": NewEntry(EntryKind.PERSON, "Berit Feil", "berit at kunde"),
    "hall": NewEntry(
        EntryKind.RESOURCE, "Storsalen", "hall@nordlys.example", resource_type=ResourceType.LOCATION, address="Kaien 1"
    ),
    "projector": NewEntry(EntryKind.RESOURCE, "Projektor", resource_type=ResourceType.OTHER),
}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def office(database_url: str, clock: Clock) -> AsyncIterator[Office]:
    async with open_house(Settings(database_url=database_url, mail_from="invito@nordlys.example")) as opened:
        house = replace(opened, now=clock)
        async with house.database.write() as connection:
            ids = dict(zip(_ENTRIES, await add_entries(connection, list(_ENTRIES.values())), strict=True))
            kinds = ContainerTableKind
            names = {"sales": "Sales", "support": "Support", "project": "Fjord", "selection": "Julekort"}
            what = (kinds.USER_GROUP, kinds.USER_GROUP, kinds.PROJECT, kinds.SELECTION)
            containers = [NewContainer(kind, name) for kind, name in zip(what, names.values(), strict=True)]
            groups = dict(zip(names, await add_containers(connection, containers), strict=True))
            members = {"sales": ("kari", "ola"), "support": ("eva", "admin"), "project": ("ola", "per")}
            await add_members(
                connection,
                [NewMember(groups[group], ids[one]) for group, some in members.items() for one in some],
            )
        ref = SimpleNamespace(**{one: f"{_ENTRIES[one].kind.value}:{number}" for one, number in ids.items()})
        callers = {
            name: await identify(house, f"{name}@nordlys.example", is_administrator=name == "admin")
            for name in ("kari", "ola", "eva", "admin", "stranger")
        }
        yield Office(house, clock, ref, **callers, groups=groups)


@dataclass(frozen=True)
class Make:
    """Makes values that no database ever saw, each in one call."""

    now: datetime = NOON

    def follow_up(self, **fields: Any) -> FollowUp:
        """A follow-up of Kari's, from noon to one."""
        owner = Owner(ReferenceId(1), "employee:1", "Kari Nordmann", "kari@nordlys.example", ("Sales",))
        there = FollowUp(
            id=FollowUpId(1), uid="8a3b", sequence=0, moved_sequence=0, rearranged_sequence=0, version=1, revision=1,
            type=FollowUpType.APPOINTMENT,
            title="Budget", description=None, start=NOON, end=NOON + timedelta(hours=1), time_zone="Europe/Oslo",
            is_all_day=False, location=None, priority=Priority.MEDIUM, show_as=ShowAs.BUSY, visibility=Visibility.ALL,
            owner=owner, is_completed=False, is_cancelled=False, stamped_at=NOON, created_at=NOON, updated_at=NOON,
        )  # fmt: skip
        return replace(there, **fields)

    def participant(self, number: int = 2, **fields: Any) -> Participant:
        """An employee who is invited and has not seen it, with this number for all ids."""
        there = Participant(
            id=ParticipantId(number), follow_up_id=FollowUpId(1), reference_id=ReferenceId(number),
            identity=ReferenceId(number), reference=f"employee:{number}", position=number, source="employees",
            kind=ParticipantKind.EMPLOYEE, role=ParticipantRole.REQUIRED, name=f"Ansatt {number}",
            email=f"ansatt{number}@nordlys.example", is_location=False, status=ParticipantStatus.NOT_SEEN,
            status_origin=StatusOrigin.INVITED, status_changed_at=None, decline_reason=None, was_seen=False,
            wants_email=False, email_delivery=EmailDelivery.NOT_SENT, email_sent_at=None, held_sequence=None,
            email_error=None, invited_at=NOON, removed_at=None,
        )  # fmt: skip
        return replace(there, **fields)

    def owner(self, **fields: Any) -> Participant:
        accepted = {"role": ParticipantRole.OWNER, "status": ParticipantStatus.ACCEPTED, "was_seen": True}
        return self.participant(1, **(accepted | {"status_origin": StatusOrigin.AUTOMATIC} | fields))

    def resource(self, number: int = 9, **fields: Any) -> Participant:
        known = {"reference": f"resource:{number}", "kind": ParticipantKind.RESOURCE, "role": ParticipantRole.RESOURCE}
        accepted = {"status": ParticipantStatus.ACCEPTED, "status_origin": StatusOrigin.AUTOMATIC}
        return self.participant(number, **(known | accepted | {"name": f"Rom {number}", "source": "resource"} | fields))


@pytest.fixture
def make() -> Make:
    return Make()
