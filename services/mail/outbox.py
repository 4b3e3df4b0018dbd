"""The outbox: one row a mail, written in the transaction that causes it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from invito.services.follow_ups.values import FollowUp, Participant
from invito.services.mail.planning import MailAction, MailStep
from invito.services.mail.values import MailState
from invito.services.storage.message_tables import OutboxRow

# A statement's variables are bounded on both databases.
_BATCH = 5_000


async def write_outbox(
    connection: AsyncConnection,
    follow_up: FollowUp,
    steps: Sequence[MailStep],
    sender: str,
    comment: str | None,
    now: datetime,
) -> None:
    """Queue what is to be sent from `sender`; what still waits for the same invitee gives way to it."""
    references = [step.participant.reference_id for step in steps]
    for first in range(0, len(references), _BATCH):
        await connection.execute(
            delete(OutboxRow).where(
                OutboxRow.follow_up_id == follow_up.id,
                OutboxRow.state == MailState.QUEUED,
                OutboxRow.reference_id.in_(references[first : first + _BATCH]),
            )
        )
    rows = [_row(follow_up, step, sender, comment, now) for step in steps if step.action is not MailAction.TAKE_BACK]
    if rows:
        await connection.execute(insert(OutboxRow), rows)


def _row(follow_up: FollowUp, step: MailStep, sender: str, comment: str | None, now: datetime) -> dict[str, object]:
    to: Participant = step.participant
    return {
        "follow_up_id": follow_up.id,
        "reference_id": to.reference_id,
        "method": step.method,
        "sequence": follow_up.sequence,
        "stamped_at": now,
        "recurrence_id": "",
        "message_id": f"<{uuid4()}@{sender.rpartition('@')[2]}>",
        "to_address": to.email,
        "to_name": to.name,
        "comment": comment,
        "state": MailState.QUEUED,
        "created_at": now,
    }
