"""Idempotency keys: for a week a repeat gets the first result, and another input under the same key is refused."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from invito.services.caller import Caller
from invito.services.errors import Refusal, UserErrorCode, user_error
from invito.services.follow_ups.inputs import input_digest, is_another_input
from invito.services.follow_ups.texts import MOST_IN_KEY, read_text
from invito.services.storage.inserting import insert_into
from invito.services.storage.message_tables import FirstResultRow

Result = dict[str, object]

# A repeat later than this is a new call.
KEPT = timedelta(days=7)

_PATH = ("idempotencyKey",)


async def first_result(
    connection: AsyncConnection, caller: Caller, key: str, command: object, now: datetime
) -> Result | None:
    """What the key's first call did, None if this is the first: then the key is held until the transaction ends.

    A second call at the same time waits here for the first to commit.

    :raises Refusal: IDEMPOTENCY_MISMATCH, where that call had another input; INVALID_INPUT, where the key is none.
    """
    if not read_text(key, MOST_IN_KEY, _PATH):
        raise Refusal(user_error(UserErrorCode.INVALID_INPUT, _PATH, "An idempotency key cannot be empty."))
    digest = input_digest(command)
    row = {"caller": caller.identity.email, "key": key, "input_digest": digest, "result": {}, "created_at": now}
    await connection.execute(
        delete(FirstResultRow).where(
            FirstResultRow.caller == caller.identity.email, FirstResultRow.created_at < now - KEPT
        )
    )
    claimed = await connection.execute(insert_into(connection, FirstResultRow).values(row).on_conflict_do_nothing())
    if claimed.rowcount == 1:
        return None
    there = await connection.execute(select(FirstResultRow.input_digest, FirstResultRow.result).where(_is(caller, key)))
    first_digest, result = there.one()
    if is_another_input(first_digest, digest):
        message = "This idempotency key was used for another input: take a new key for each thing you do."
        raise Refusal(user_error(UserErrorCode.IDEMPOTENCY_MISMATCH, _PATH, message))
    return result


async def keep_result(connection: AsyncConnection, caller: Caller, key: str, result: Result) -> None:
    """Keep what the key's first call did, in its transaction."""
    await connection.execute(update(FirstResultRow).where(_is(caller, key)).values(result=result))


def _is(caller: Caller, key: str) -> ColumnElement[bool]:
    return and_(FirstResultRow.caller == caller.identity.email, FirstResultRow.key == key)
