"""What the workers last saw of the service's mailbox, kept in the database: whoever is asked tells the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import delete, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from invito.services.house import House
from invito.services.mailboxes.problems import MailboxProblem, kept_problem
from invito.services.mailboxes.values import MailboxState, Protocol
from invito.services.storage.inserting import insert_into
from invito.services.storage.mail_tables import ServiceMailboxRow

# While nothing changes, so often at most: a mail must not cost another transaction.
_AGAIN = timedelta(minutes=1)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Sight:
    """How the last look at one of the servers went; `checked_at` is a UTC instant, without `problem` all was well."""

    state: MailboxState
    checked_at: datetime
    problem: MailboxProblem | None = None


async def note_service(house: House, protocol: Protocol, problem: MailboxProblem | None) -> None:
    """Keep how a look at one of the service's servers went, None where all was well. It never holds up a mail."""
    now = house.now()
    sight = Sight(MailboxState.OK if problem is None else problem.state, now, problem)
    try:
        async with house.database.read() as connection:
            before = (await _sights(connection)).get(protocol)
        if before is None or before.problem != problem or now - before.checked_at >= _AGAIN:
            async with house.database.write() as connection:
                await _keep(connection, protocol, sight)
    except (SQLAlchemyError, OSError) as failure:  # the database may be away for a while
        log.warning("the service's mailbox is not kept", protocol=protocol.value, error=type(failure).__name__)


async def is_kept(connection: AsyncConnection, protocol: Protocol) -> bool:
    """Whether anything was seen of such a server of the service's."""
    return protocol in await _sights(connection)


async def forget_service(connection: AsyncConnection, protocol: Protocol) -> None:
    """The settings name no such server any longer."""
    await connection.execute(delete(ServiceMailboxRow).where(ServiceMailboxRow.protocol == protocol))


async def service_sight(connection: AsyncConnection) -> Sight | None:
    """The service's mailbox as it was seen last, None where nobody looked yet."""
    return worst_of(list((await _sights(connection)).values()))


def worst_of(sights: Sequence[Sight]) -> Sight | None:
    """A server that fails is what an operator has to know of, the newest failure first; all is well where all are."""
    failing = [one for one in sights if one.problem is not None]
    return max(failing or sights, key=lambda one: one.checked_at, default=None)


async def _sights(connection: AsyncConnection) -> dict[Protocol, Sight]:
    rows = await connection.execute(select(*ServiceMailboxRow.__table__.columns))
    return {
        row.protocol: Sight(row.state, row.checked_at, None if row.last_error is None else kept_problem(row.last_error))
        for row in rows
    }


async def _keep(connection: AsyncConnection, protocol: Protocol, sight: Sight) -> None:
    insert = insert_into(connection, ServiceMailboxRow)
    seen = {
        "state": sight.state,
        "checked_at": sight.checked_at,
        "last_error": None if sight.problem is None else sight.problem.kept(),
    }
    await connection.execute(
        insert.values(protocol=protocol, **seen).on_conflict_do_update(index_elements=["protocol"], set_=seen)
    )
