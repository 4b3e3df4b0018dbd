"""'Got it': the recipient acknowledges a notification (F23)."""

from sqlalchemy import func, select, update

from invito.services.access import check_is_employee
from invito.services.caller import Caller
from invito.services.errors import Refusal, UserErrorCode, user_error
from invito.services.follow_ups.visibility import own_references
from invito.services.house import House
from invito.services.notifications.values import NotificationId
from invito.services.storage.message_tables import NotificationRow


async def acknowledge_notification(house: House, caller: Caller, notification: NotificationId) -> NotificationId:
    """The first acknowledgement stands; a repeat changes nothing.

    :raises Refusal: FORBIDDEN; NOT_FOUND, for somebody else's too.
    """
    check_is_employee(caller)
    is_own = (NotificationRow.id == notification, NotificationRow.recipient_id.in_(own_references(caller)))
    async with house.database.write() as connection:
        there = await connection.execute(select(func.count()).select_from(NotificationRow).where(*is_own))
        if not there.scalar_one():
            raise Refusal(user_error(UserErrorCode.NOT_FOUND, ("id",), "You have no such notification."))
        await connection.execute(
            update(NotificationRow)
            .where(*is_own, NotificationRow.acknowledged_at.is_(None))
            .values(acknowledged_at=house.now())
        )
    return notification
