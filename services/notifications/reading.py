"""A caller's own notifications, newest first."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, func, or_, select

from invito.services.caller import Caller
from invito.services.follow_ups.visibility import own_references
from invito.services.house import House
from invito.services.notifications.repository import notification_of, notifications_select
from invito.services.notifications.values import Notification, NotificationId
from invito.services.paging import Page, PageAsk, cursor_of, instant_of_part, instant_part, page_of
from invito.services.storage.message_tables import NotificationRow

_KIND = "notifications"


async def notification_page(
    house: House, caller: Caller, ask: PageAsk, *, unacknowledged_only: bool
) -> Page[Notification]:
    """
    :raises Unanswerable: INVALID_CURSOR.
    """
    query = notifications_select().where(_is_listed(caller, unacknowledged_only=unacknowledged_only))
    after = ask.position(_KIND, int, int)
    if after is not None:
        instant, number = instant_of_part(after[0]), after[1]
        query = query.where(
            or_(
                NotificationRow.created_at < instant,
                and_(NotificationRow.created_at == instant, NotificationRow.id < number),
            )
        )
    query = query.order_by(NotificationRow.created_at.desc(), NotificationRow.id.desc()).limit(ask.first + 1)
    async with house.database.read() as connection:
        rows = [notification_of(row) for row in await connection.execute(query)]
    return page_of(rows, ask, lambda one: cursor_of(_KIND, instant_part(one.created_at), one.id))


async def notification_count(house: House, caller: Caller, *, unacknowledged_only: bool) -> int:
    """How many there are on all pages."""
    listed = _is_listed(caller, unacknowledged_only=unacknowledged_only)
    async with house.database.read() as connection:
        query = select(func.count()).select_from(NotificationRow).where(listed)
        return (await connection.execute(query)).scalar_one()


async def notifications(
    house: House, caller: Caller, ids: Sequence[NotificationId]
) -> dict[NotificationId, Notification]:
    """Those of the ids that are the caller's."""
    query = notifications_select().where(
        NotificationRow.id.in_(ids), NotificationRow.recipient_id.in_(own_references(caller))
    )
    async with house.database.read() as connection:
        return {row.id: notification_of(row) for row in await connection.execute(query)}


def _is_listed(caller: Caller, *, unacknowledged_only: bool) -> ColumnElement[bool]:
    own = NotificationRow.recipient_id.in_(own_references(caller))
    return and_(own, NotificationRow.acknowledged_at.is_(None)) if unacknowledged_only else own
