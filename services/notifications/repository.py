"""Notifications in the database."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from invito.services.caller import Caller
from invito.services.follow_ups.values import FollowUp, Participant
from invito.services.follow_ups.visibility import own_references
from invito.services.ids import ReferenceId
from invito.services.notifications.planning import Notice
from invito.services.notifications.values import Notification, NotificationId, NotificationKind
from invito.services.storage.message_tables import NotificationRow

# Of one kind about one follow-up. Who has not looked at so many finds the others where they are shown beside it.
MOST_WAITING = 200
_PLAIN = tuple(field.name for field in fields(Notification))


def notifications_select() -> Select[Any]:
    """What `notification_of` reads, to be narrowed down."""
    return select(*(getattr(NotificationRow, name) for name in _PLAIN))


def notification_of(row: Row[Any]) -> Notification:
    return Notification(**row._mapping)


async def has_notification(connection: AsyncConnection, caller: Caller, notification: NotificationId) -> bool:
    """Whether this one is the caller's."""
    query = select(NotificationRow.id).where(
        NotificationRow.id == notification, NotificationRow.recipient_id.in_(own_references(caller))
    )
    return (await connection.execute(query)).first() is not None


async def keep_acknowledged(connection: AsyncConnection, notification: NotificationId, now: datetime) -> None:
    """The first acknowledgement stands."""
    unacknowledged = (NotificationRow.id == notification, NotificationRow.acknowledged_at.is_(None))
    await connection.execute(update(NotificationRow).where(*unacknowledged).values(acknowledged_at=now))


async def tell_invitees(
    connection: AsyncConnection, follow_up: FollowUp, notices: Sequence[Notice], comment: str | None, now: datetime
) -> None:
    """Write down what invitees are told of what the owner did."""
    rows = [
        _row(one.participant.reference_id, one.kind, follow_up, one.participant, follow_up.owner.name, comment, now)
        for one in notices
    ]
    if rows:
        await connection.execute(insert(NotificationRow), rows)


async def tell_owner(
    connection: AsyncConnection, follow_up: FollowUp, kind: NotificationKind, participant: Participant, now: datetime
) -> None:
    """Write down what the owner is told of a participant's answer, or of a mail that did not reach them."""
    failed = kind is NotificationKind.EMAIL_FAILED
    recipient, reason = follow_up.owner.reference_id, participant.email_error if failed else participant.decline_reason
    row = _row(recipient, kind, follow_up, participant, participant.name, reason, now)
    await connection.execute(insert(NotificationRow), [row])


async def tell_owner_once(
    connection: AsyncConnection,
    follow_up: FollowUp,
    kind: NotificationKind,
    participant: Participant | None,
    actor: str,
    comment: str | None,
    now: datetime,
) -> None:
    """Write down what the owner is told of a mail, unless the same, or very much of the kind, waits for them already.

    Mails may come in floods, and under any number of names.
    """
    # Rides on ix_notification_waiting.
    waiting = select(NotificationRow.id).where(
        NotificationRow.recipient_id == follow_up.owner.reference_id,
        NotificationRow.follow_up_id == follow_up.id,
        NotificationRow.kind == kind,
        NotificationRow.acknowledged_at.is_(None),
    )
    is_told = or_(waiting.where(NotificationRow.actor == actor).exists(), waiting.offset(MOST_WAITING - 1).exists())
    if not (await connection.execute(select(is_told))).scalar_one():
        row = _row(follow_up.owner.reference_id, kind, follow_up, participant, actor, comment, now)
        await connection.execute(insert(NotificationRow), [row])


def _row(
    recipient: ReferenceId,
    kind: NotificationKind,
    follow_up: FollowUp,
    participant: Participant | None,
    actor: str,
    comment: str | None,
    now: datetime,
) -> dict[str, object]:
    return {
        "recipient_id": recipient,
        "kind": kind,
        "follow_up_id": follow_up.id,
        "participant_id": None if participant is None else participant.id,
        "actor": actor,
        "title": follow_up.title,
        "comment": comment,
        "start": follow_up.start,
        "time_zone": follow_up.time_zone,
        "is_all_day": follow_up.is_all_day,
        "created_at": now,
        "acknowledged_at": None,
    }
