"""Which notifications are new to somebody who listens, in whatever order their transactions are committed."""

from collections.abc import Sequence

from sqlalchemy import select

from invito.services.caller import Caller
from invito.services.follow_ups.visibility import own_references
from invito.services.house import House
from invito.services.notifications.repository import notification_of, notifications_select
from invito.services.notifications.values import Notification, NotificationId
from invito.services.storage.message_tables import NotificationRow

# A transaction that took an id may commit after those that took higher ones. Its notification is missed only once this
# many later ones arrived for the same person.
_REMEMBERED = 200

Known = tuple[NotificationId, ...]


async def known_notifications(house: House, caller: Caller) -> Known:
    """The ids of the caller's newest notifications, in ascending order."""
    query = (
        select(NotificationRow.id)
        .where(NotificationRow.recipient_id.in_(own_references(caller)))
        .order_by(NotificationRow.created_at.desc(), NotificationRow.id.desc())
        .limit(_REMEMBERED)
    )
    async with house.database.read() as connection:
        return _newest([NotificationId(number) for number in (await connection.execute(query)).scalars()])


async def arrived_notifications(house: House, caller: Caller, known: Known) -> list[Notification]:
    """The caller's notifications beside those that are known, oldest first."""
    overtaken = known[0] if len(known) == _REMEMBERED else NotificationId(0)
    query = (
        notifications_select()
        .where(
            NotificationRow.recipient_id.in_(own_references(caller)),
            NotificationRow.id > overtaken,
            NotificationRow.id.not_in(known),
        )
        .order_by(NotificationRow.id)
    )
    async with house.database.read() as connection:
        return [notification_of(row) for row in await connection.execute(query)]


def with_known(known: Known, notification: Notification) -> Known:
    return _newest([*known, notification.id])


def _newest(ids: Sequence[NotificationId]) -> Known:
    return tuple(sorted(ids)[-_REMEMBERED:])
