"""What arrives live (F24): what is looked at is read again at each poke, and told when its revision has risen."""

from collections.abc import AsyncGenerator

from invito.services.changes import follow_up_topic, notification_topic
from invito.services.errors import Refusal, UserErrorCode, user_error
from invito.services.follow_ups.reading import visible_follow_ups
from invito.services.follow_ups.values import FollowUp, FollowUpId
from invito.services.house import Caller, House
from invito.services.notifications.arriving import arrived_notifications, known_notifications, with_known
from invito.services.notifications.values import Notification


async def watch_follow_up(house: House, caller: Caller, wanted: FollowUpId) -> AsyncGenerator[FollowUp]:
    """The follow-up as it is now, then whenever it changed; ends when the caller may no longer see it.

    :raises Refusal: NOT_FOUND, before anything is told.
    """
    # Subscribed before it is read, so that no change falls between.
    async with house.changes.subscribe(follow_up_topic(wanted)) as pokes:
        there = (await visible_follow_ups(house, caller, [wanted])).get(wanted)
        if there is None:
            raise Refusal(user_error(UserErrorCode.NOT_FOUND, ("id",), "There is nothing of this id that you may see."))
        yield there
        revision = there.revision
        async for _ in pokes:
            there = (await visible_follow_ups(house, caller, [wanted])).get(wanted)
            if there is None:
                return
            if there.revision > revision:
                revision = there.revision
                yield there


async def watch_notifications(house: House, caller: Caller) -> AsyncGenerator[Notification]:
    """What arrives for the caller from now on, in the order in which it is there to be read."""
    if caller.employee is None:
        return
    async with house.changes.subscribe(notification_topic(caller.employee.reference)) as pokes:
        known = await known_notifications(house, caller)
        async for _ in pokes:
            for notification in await arrived_notifications(house, caller, known):
                known = with_known(known, notification)
                yield notification
