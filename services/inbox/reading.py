"""Mails that came in, for those who may see them: owners theirs, administrators those about no known follow-up.

What lay in an employee's own mailbox is no administrator's to see.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select

from invito.services.caller import Caller
from invito.services.follow_ups.visibility import own_references
from invito.services.house import House
from invito.services.ids import FollowUpId, InboxId
from invito.services.inbox.repository import InboundMessage, WaitingMail, message_of, messages_select
from invito.services.itip.verdicts import InboundOutcome
from invito.services.paging import Page, PageAsk, cursor_of, instant_of_part, instant_part, page_of
from invito.services.storage.database import Database
from invito.services.storage.follow_up_tables import FollowUpRow
from invito.services.storage.mail_tables import InboxRow

_KIND = "inbound"


async def inbound_page(
    house: House, caller: Caller, follow_up: FollowUpId | None, outcome: InboundOutcome | None, ask: PageAsk
) -> Page[InboundMessage]:
    """The newest first; of one follow-up, or of all whose mails the caller may see.

    :raises Unanswerable: INVALID_CURSOR.
    """
    query = messages_select().where(_is_listed(caller, follow_up, outcome))
    after = ask.position(_KIND, int, int)
    if after is not None:
        instant, number = instant_of_part(after[0]), after[1]
        earlier = and_(InboxRow.received_at == instant, InboxRow.id < number)
        query = query.where(or_(InboxRow.received_at < instant, earlier))
    query = query.order_by(InboxRow.received_at.desc(), InboxRow.id.desc()).limit(ask.first + 1)
    async with house.database.read() as connection:
        found = [message_of(row) for row in await connection.execute(query)]
    return page_of(found, ask, lambda one: cursor_of(_KIND, instant_part(one.received_at), one.id))


async def inbound_count(
    house: House, caller: Caller, follow_up: FollowUpId | None, outcome: InboundOutcome | None
) -> int:
    """How many there are on all pages."""
    query = select(func.count()).select_from(InboxRow).where(
        InboxRow.outcome.is_not(None), _is_listed(caller, follow_up, outcome)
    )  # fmt: skip
    async with house.database.read() as connection:
        return (await connection.execute(query)).scalar_one()


async def inbound_messages(house: House, caller: Caller, ids: Sequence[InboxId]) -> dict[InboxId, InboundMessage]:
    """Those of the ids that the caller may see."""
    query = messages_select().where(InboxRow.id.in_(ids), may_see(caller))
    async with house.database.read() as connection:
        return {row.id: message_of(row) for row in await connection.execute(query)}


async def recent_messages(database: Database, outcome: InboundOutcome | None, most: int) -> list[InboundMessage]:
    """The newest of all, whoever they are about: for the operator."""
    query = messages_select() if outcome is None else messages_select().where(InboxRow.outcome == outcome)
    query = query.order_by(InboxRow.received_at.desc(), InboxRow.id.desc()).limit(most)
    async with database.read() as connection:
        return [message_of(row) for row in await connection.execute(query)]


async def waiting_mails(database: Database, most: int) -> list[WaitingMail]:
    """The newest that are kept and not read yet: for the operator, whose worker may be missing."""
    # Rides on ix_inbox_outcome.
    query = (
        select(InboxRow.id, InboxRow.envelope_from, InboxRow.received_at, InboxRow.attempts)
        .where(InboxRow.outcome.is_(None))
        .order_by(InboxRow.received_at.desc(), InboxRow.id.desc())
        .limit(most)
    )
    async with database.read() as connection:
        return [WaitingMail(**row._mapping) for row in await connection.execute(query)]


def may_see(caller: Caller) -> ColumnElement[bool]:
    """The condition on a mail under which the caller sees it (FEATURES, Who sees and does what)."""
    own = false() if caller.employee is None else InboxRow.follow_up_id.in_(_own_follow_ups(caller))
    about_none = and_(InboxRow.follow_up_id.is_(None), InboxRow.mailbox_owner_id.is_(None))
    return or_(own, about_none) if caller.is_administrator else own


def _own_follow_ups(caller: Caller) -> Select[int]:
    return select(FollowUpRow.id).where(FollowUpRow.owner_reference_id.in_(own_references(caller)))


def _is_listed(caller: Caller, follow_up: FollowUpId | None, outcome: InboundOutcome | None) -> ColumnElement[bool]:
    listed = may_see(caller)
    if follow_up is not None:
        listed = and_(listed, InboxRow.follow_up_id == follow_up)
    return listed if outcome is None else and_(listed, InboxRow.outcome == outcome)
