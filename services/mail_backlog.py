"""How much mail waits, for whoever watches the service."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import func, select

from invito.services.house import House
from invito.services.mail.values import MailState
from invito.services.storage.mail_tables import InboxRow, OutboxRow


@dataclass(frozen=True, slots=True)
class MailBacklog:
    """Mails to be sent, mails to be understood; how long ago the first of those to be sent could have been."""

    outbox: int
    due_seconds: float
    inbox: int


async def mail_backlog(house: House) -> MailBacklog:
    """What waits now. On ix_outbox_ready and ix_inbox_outcome."""
    queued = select(func.count(), func.min(OutboxRow.next_at)).where(OutboxRow.state == MailState.QUEUED)
    unread = select(func.count()).select_from(InboxRow).where(InboxRow.outcome.is_(None))
    async with house.database.read() as connection:
        row = (await connection.execute(queued)).one()
        inbox = (await connection.execute(unread)).scalar_one()
    first = cast("datetime | None", row[1])
    due_seconds = 0.0 if first is None else max((house.now() - first).total_seconds(), 0.0)
    return MailBacklog(row[0], due_seconds, inbox)
