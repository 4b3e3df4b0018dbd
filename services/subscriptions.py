"""What arrives live (F24): what is looked at is read again at each poke, and told when its revision has risen."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping, Sequence
from functools import partial
from random import uniform
from typing import TypeVar

import structlog

from invito.services.caller import Caller
from invito.services.changes import follow_up_topic, notification_topic
from invito.services.errors import InvitoError, Refusal, Unanswerable, UnanswerableCode, UserErrorCode, user_error
from invito.services.follow_ups.values import FollowUp
from invito.services.house import House
from invito.services.ids import FollowUpId
from invito.services.invitations.follow_up_pages import visible_follow_ups
from invito.services.notifications.arriving import arrived_notifications, known_notifications, with_known
from invito.services.notifications.values import Notification

T = TypeVar("T")
# Who watches, as they are known now: groups, employees and administrators change while somebody watches.
IdentifyAnew = Callable[[], Awaitable[Caller]]

_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 15.0

log = structlog.get_logger(__name__)


def watch_follow_up(
    house: House, caller: Caller, wanted: FollowUpId, identify_anew: IdentifyAnew
) -> AsyncGenerator[FollowUp]:
    """The follow-up as it is now, then whenever it changed; ends when the caller may no longer see it.

    :raises Refusal: NOT_FOUND, before anything is told.
    :raises Unanswerable: UNAUTHENTICATED, when nobody knows the caller any more.
    """
    return _watched(house, caller, [wanted], identify_anew, "id")


def watch_follow_ups(
    house: House, caller: Caller, wanted: Sequence[FollowUpId], identify_anew: IdentifyAnew
) -> AsyncGenerator[FollowUp]:
    """Each follow-up as it is now, in this order, then each whenever it changed. One that the caller may not see is
    left out, as long as that is so; ends when they may no longer see any.

    :raises Refusal: NOT_FOUND, before anything is told: they may see none of them.
    :raises Unanswerable: UNAUTHENTICATED, when nobody knows the caller any more.
    """
    return _watched(house, caller, list(dict.fromkeys(wanted)), identify_anew, "ids")


async def _watched(
    house: House, caller: Caller, wanted: Sequence[FollowUpId], identify_anew: IdentifyAnew, argument: str
) -> AsyncGenerator[FollowUp]:
    # Subscribed before it is read, so that no change falls between.
    async with house.changes.subscribe(*map(follow_up_topic, wanted)) as pokes:
        there = await visible_follow_ups(house, caller, wanted)
        if not there:
            message = "There is nothing of this id that you may see."
            raise Refusal(user_error(UserErrorCode.NOT_FOUND, (argument,), message))
        told: dict[FollowUpId, int] = {}
        for follow_up in _risen(wanted, there, told):
            yield follow_up
        async for _ in pokes:
            there = await _read_again(partial(visible_follow_ups, house, caller, wanted))
            if {one.id: one.revision for one in there.values()} == told:
                continue
            known = await _known_now(identify_anew)
            if known is None:
                continue
            caller = known
            there = await _read_again(partial(visible_follow_ups, house, caller, wanted))
            if not there:
                return
            for gone in told.keys() - there.keys():
                del told[gone]
            for follow_up in _risen(wanted, there, told):
                yield follow_up


def _risen(
    wanted: Sequence[FollowUpId], there: Mapping[FollowUpId, FollowUp], told: dict[FollowUpId, int]
) -> Iterator[FollowUp]:
    """Those that were not told as they are, which they are by then."""
    for id_ in wanted:
        follow_up = there.get(id_)
        if follow_up is not None and follow_up.revision > told.get(id_, -1):
            told[id_] = follow_up.revision
            yield follow_up


async def watch_notifications(
    house: House, caller: Caller, identify_anew: IdentifyAnew
) -> AsyncGenerator[Notification]:
    """What arrives for the caller from now on, in the order in which it is there to be read; ends when the caller is no
    employee any more.

    :raises Unanswerable: UNAUTHENTICATED, when nobody knows the caller any more.
    """
    if caller.employee is None:
        return
    async with house.changes.subscribe(notification_topic(caller.employee.reference)) as pokes:
        known = await known_notifications(house, caller)
        async for _ in pokes:
            if not await _read_again(partial(arrived_notifications, house, caller, known)):
                continue
            known_now = await _known_now(identify_anew)
            if known_now is None:
                continue
            caller = known_now
            if caller.employee is None:
                return
            for notification in await _read_again(partial(arrived_notifications, house, caller, known)):
                known = with_known(known, notification)
                yield notification


async def _known_now(identify_anew: IdentifyAnew) -> Caller | None:
    """The caller; None where that cannot be looked up at the moment, so that nothing is told and one looks again."""
    try:
        return await identify_anew()
    except Unanswerable as problem:
        if problem.code is UnanswerableCode.UNAUTHENTICATED:
            raise
        return None


async def _read_again(read: Callable[[], Awaitable[T]]) -> T:
    """What is read, as soon as it can be: the database may be away for a while, and whoever watches waits."""
    pause = _FIRST_PAUSE_SECONDS
    while True:
        try:
            return await read()
        except InvitoError:
            raise
        except Exception as failure:  # drivers raise their own where a database restarts
            log.warning("live re-read failed", error=type(failure).__name__, again_in=pause)
        # Those who watch do not all come back at once.
        await asyncio.sleep(pause * uniform(0.5, 1.0))  # noqa: S311  # no secret
        pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
