"""'Got it': the recipient acknowledges a notification (F23)."""

from invito.services.access import check_is_employee
from invito.services.caller import Caller
from invito.services.errors import Refusal, UserErrorCode, user_error
from invito.services.house import House
from invito.services.notifications.repository import has_notification, keep_acknowledged
from invito.services.notifications.values import NotificationId


async def acknowledge_notification(house: House, caller: Caller, notification: NotificationId) -> NotificationId:
    """The first acknowledgement stands; a repeat changes nothing.

    :raises Refusal: FORBIDDEN; NOT_FOUND, for somebody else's too.
    """
    check_is_employee(caller)
    async with house.database.write() as connection:
        if not await has_notification(connection, caller, notification):
            raise Refusal(user_error(UserErrorCode.NOT_FOUND, ("id",), "You have no such notification."))
        await keep_acknowledged(connection, notification, house.now())
    return notification
