"""Storing the office and its plans by the rules that everything is stored by, in one transaction."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random

from sqlalchemy.ext.asyncio import AsyncConnection

from invito.demo.office import furnish
from invito.demo.plans import Plan, plans
from invito.opening import load_plugins, rules_of
from invito.plugins.contract import Entry, Language, ParticipantKind, ViewerIdentity
from invito.services.busy.references import intern_groups
from invito.services.changes import ChangeBus
from invito.services.directory import Directory
from invito.services.events.dispatching import EventDispatcher
from invito.services.follow_ups.creating import decide_creation
from invito.services.follow_ups.inviting import Resolved
from invito.services.follow_ups.repository import keep_owner
from invito.services.follow_ups.roster import Candidate
from invito.services.follow_ups.statuses import with_status
from invito.services.follow_ups.storing import store
from invito.services.follow_ups.values import (
    Participant,
    ParticipantRole,
    ParticipantStatus,
    StatusOrigin,
)
from invito.services.house import Caller, House
from invito.services.notifications.repository import tell_owner
from invito.services.notifications.values import NotificationKind
from invito.services.participants.desk import Asker, SourceDesk
from invito.services.storage.database import Database
from invito.settings import Settings

_SEED = 1814
_TOLD_OF = {ParticipantStatus.ACCEPTED, ParticipantStatus.TENTATIVE, ParticipantStatus.DECLINED}


async def load(database: Database, settings: Settings, today: date | None = None) -> None:
    """Fill an empty database. The same day gives the same office."""
    random = Random(_SEED)  # noqa: S311  # the same office each time, and no secret
    day = today or datetime.now(UTC).date()
    house = _house(database, settings)
    try:
        async with database.write() as connection:
            office = await furnish(connection, random)
        planned = list(plans(office, day, random))
        entries = await _entries(house, planned)
        async with database.write() as connection:
            references = sorted({entry.reference for entry in entries.values()})
            await intern_groups(connection, [(reference,) for reference in references])
            for number, plan in enumerate(planned):
                await _store(connection, house, plan, entries, _planned_at(day, number))
    finally:
        house.plugins.close()


def _house(database: Database, settings: Settings) -> House:
    """A house of which the rules are used alone: nobody listens yet."""
    plugins = load_plugins(settings)
    desk = SourceDesk(plugins, Directory(database))
    bus, events = ChangeBus(database), EventDispatcher(database, plugins)
    return House(database, plugins, desk, bus, events, rules_of(settings))


async def _entries(house: House, planned: list[Plan]) -> Mapping[str, Entry]:
    references = {reference for plan in planned for reference in (*plan.invitees, f"employee:{plan.owner}")}
    asker = Asker(None, Language.NB, house.rules.time_zone)
    found, _ = await house.desk.resolve(asker, sorted(references))
    return found


async def _store(
    connection: AsyncConnection, house: House, plan: Plan, entries: Mapping[str, Entry], now: datetime
) -> None:
    employee = entries[f"employee:{plan.owner}"]
    caller = Caller(
        ViewerIdentity(employee.email or "", employee.references), employee, Language.NB, house.rules.time_zone
    )
    candidates = tuple(
        Candidate(
            entries[reference],
            _source_of(house, reference),
            ParticipantRole.REQUIRED,
            plan.command.email_invitations,
            ("invitees", str(place)),
        )
        for place, reference in enumerate(plan.invitees)
    )
    decision = decide_creation(house, caller, plan.command, Resolved(candidates, ()), now)
    change = decision.change
    numbers = await intern_groups(connection, [employee.references])
    owner = await keep_owner(connection, numbers[employee.reference].id, employee)
    answered = _answered(change.participants, plan, now)
    after = replace(change.after, owner=owner, is_cancelled=plan.is_cancelled)
    change = replace(change, after=after, participants=answered)
    change = await store(connection, house, change, decision.aliases, None, now)
    for one in change.participants:
        if one.status_origin is StatusOrigin.ANSWERED and one.status in _TOLD_OF:
            kind = NotificationKind[one.status.name]
            await tell_owner(connection, change.after, kind, one, now + timedelta(hours=1))


def _answered(participants: tuple[Participant, ...], plan: Plan, now: datetime) -> tuple[Participant, ...]:
    """The owner stays, and resources; whoever has an address elsewhere has not answered here."""
    owner, *invitees = participants
    answers = zip(invitees, plan.answers, strict=True)
    return (
        owner,
        *(
            with_status(one, answer, StatusOrigin.ANSWERED, plan.reason, now + timedelta(hours=1))
            if answer is not None and one.kind is ParticipantKind.EMPLOYEE
            else one
            for one, answer in answers
        ),
    )


def _source_of(house: House, reference: str) -> str | None:
    loaded = house.plugins.source_of(reference)
    return None if loaded is None else loaded.source.key


def _planned_at(today: date, number: int) -> datetime:
    """All was planned before today, one after the other."""
    return datetime(today.year, today.month, today.day, tzinfo=UTC) - timedelta(days=20) + timedelta(minutes=number)
