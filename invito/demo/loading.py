"""Filling an empty database with the office, and an office without plans with plans: two transactions.

Plans resolve people through the sources, which read what is committed. What ended in between goes on at the next start.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from invito.demo.office import Office, furnish, office_there
from invito.demo.plans import Plan, plans
from invito.demo.storing import store_plan
from invito.opening import load_built_in, rules_of
from invito.plugins.contract import Entry, Language
from invito.services.busy.references import hold_identities, intern_groups
from invito.services.caller import Asker
from invito.services.changes import ChangeBus
from invito.services.directory import Directory
from invito.services.events.dispatching import EventDispatcher
from invito.services.follow_ups.owners import keep_owner
from invito.services.follow_ups.values import Owner
from invito.services.house import House
from invito.services.source_desk import SourceDesk
from invito.services.storage.database import Database
from invito.services.storage.directory_tables import EntryRow
from invito.services.storage.follow_up_tables import FollowUpRow
from invito.services.storage.message_tables import NotificationRow
from invito.settings import Settings

_SEED = 1814


async def load(database: Database, settings: Settings, today: date | None = None) -> None:
    """Fill what is empty, and leave a database alone that has other people. The same day gives the same office;
    `today` is that of the settings' time zone.
    """
    random = Random(_SEED)  # noqa: S311  # the same office each time, and no secret
    day = today or datetime.now(ZoneInfo(settings.time_zone)).date()
    house = _house(database, settings)
    try:
        office = await _office(database, random)
        if office is None:
            return
        planned = list(plans(office, day, random))
        entries = await _entries(house, planned)
        async with database.write() as connection:
            owners = await _owners(connection, planned, entries)
            for number, plan in enumerate(planned):
                await store_plan(connection, house, plan, owners[plan.owner], entries, _planned_at(day, number))
            await _acknowledge_what_is_over(connection, day)
    finally:
        house.plugins.close()


async def _office(database: Database, random: Random) -> Office | None:
    """The office that is to have plans: None where it has some, or where other people are there."""
    async with database.write() as connection:
        if not (await connection.execute(select(func.count()).select_from(EntryRow))).scalar_one():
            return await furnish(connection, random)
        if (await connection.execute(select(func.count()).select_from(FollowUpRow))).scalar_one():
            return None
        return await office_there(connection)


def _house(database: Database, settings: Settings) -> House:
    """A house of which the rules are used alone: nobody listens yet, and what is planned sends no mail any more.

    The office is Invito's own, whoever stands in for its people once it is open.
    """
    plugins = load_built_in(settings, database)
    desk = SourceDesk(plugins, Directory(database))
    bus, events = ChangeBus(), EventDispatcher(database, plugins)
    return House(database, plugins, desk, bus, events, replace(rules_of(settings), mail_from=None))


async def _entries(house: House, planned: list[Plan]) -> Mapping[str, Entry]:
    references = {reference for plan in planned for reference in (*plan.invitees, f"employee:{plan.owner}")}
    asker = Asker(None, Language.NB, house.rules.time_zone)
    found, _ = await house.desk.resolve(asker, sorted(references))
    return found


async def _owners(connection: AsyncConnection, planned: list[Plan], entries: Mapping[str, Entry]) -> dict[int, Owner]:
    everyone = [entry.references for entry in entries.values()]
    await hold_identities(connection, everyone)
    numbers = await intern_groups(connection, everyone)
    employees = {plan.owner: entries[f"employee:{plan.owner}"] for plan in planned}
    return {
        owner: await keep_owner(connection, numbers[employee.reference].id, employee)
        for owner, employee in employees.items()
    }


def _planned_at(today: date, number: int) -> datetime:
    """All was planned well before it takes place, one after the other."""
    return _midnight(today) - timedelta(days=20) + timedelta(minutes=number)


async def _acknowledge_what_is_over(connection: AsyncConnection, today: date) -> None:
    await connection.execute(
        update(NotificationRow)
        .where(NotificationRow.start < _midnight(today))
        .values(acknowledged_at=NotificationRow.start)
    )


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
