"""The answers that were received: all are kept, and which one stands is decided over all (ITIP.md, In, rule 6)."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from invito.services.ids import InboxId, ParticipantId
from invito.services.itip.standing import StoredAnswer
from invito.services.storage.inserting import insert_into
from invito.services.storage.mail_tables import ReceivedAnswerRow


@dataclass(frozen=True)
class ReceivedAnswer(StoredAnswer):
    """A believed answer, and the mail that brought it first."""

    message: InboxId


async def keep_answer(
    connection: AsyncConnection, participant: ParticipantId, recurrence_id: str, answer: ReceivedAnswer
) -> bool:
    """Store an answer about the follow-up, or about one occurrence; False where another mail brought the same one."""
    row = {
        "inbox_id": answer.message,
        "participant_id": participant,
        "recurrence_id": recurrence_id,
        "status": answer.status,
        "reason": answer.comment,
        "sequence": answer.sequence,
        "answered_at": answer.answered_at,
        "digest": answer.digest,
    }
    insert = insert_into(connection, ReceivedAnswerRow)
    kept = insert.values(row).on_conflict_do_nothing().returning(ReceivedAnswerRow.id)
    if (await connection.execute(kept)).first() is not None:
        return True
    same = select(ReceivedAnswerRow.inbox_id).where(
        ReceivedAnswerRow.participant_id == participant,
        ReceivedAnswerRow.recurrence_id == recurrence_id,
        ReceivedAnswerRow.digest == answer.digest,
    )
    return (await connection.execute(same)).scalar_one() == answer.message


async def answers_of(
    connection: AsyncConnection, participant: ParticipantId, recurrence_id: str
) -> list[ReceivedAnswer]:
    """All that were kept of a participant, about the follow-up or one occurrence."""
    query = select(
        ReceivedAnswerRow.status,
        ReceivedAnswerRow.reason,
        ReceivedAnswerRow.sequence,
        ReceivedAnswerRow.answered_at,
        ReceivedAnswerRow.digest,
        ReceivedAnswerRow.inbox_id,
    ).where(ReceivedAnswerRow.participant_id == participant, ReceivedAnswerRow.recurrence_id == recurrence_id)
    return [ReceivedAnswer(*row[:5], InboxId(row[5])) for row in await connection.execute(query)]
