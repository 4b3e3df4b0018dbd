"""Who has a mailbox of their own, and whose mail goes out by it."""

from collections.abc import Sequence

from sqlalchemy import ScalarSelect, SQLColumnExpression, case, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from invito.services.rules import Rules
from invito.services.storage.follow_up_tables import FollowUpRow, ReferenceRow
from invito.services.storage.mail_tables import MailboxRow

_Employee = aliased(ReferenceRow)
# Of the reference that a statement joins: the mailbox may have been set up under another one of the same employee.
HAS_MAILBOX = (
    exists()
    .where(MailboxRow.employee_id == _Employee.id, _Employee.identity_id == ReferenceRow.identity_id)
    .correlate(ReferenceRow)
)
# Two employees may turn out to be one, with a mailbox each: the one that was there first is theirs.
IN_ORDER = MailboxRow.id


async def has_mailbox(connection: AsyncConnection, references: Sequence[str]) -> bool:
    """Whether the employee of these references has a mailbox of their own."""
    query = select(ReferenceRow.id).where(ReferenceRow.text.in_(references), HAS_MAILBOX).limit(1)
    return (await connection.execute(query)).first() is not None


def own_server_of(follow_up: SQLColumnExpression[int], rules: Rules) -> ScalarSelect[str]:
    """The URL of the server that mails about a follow-up go out by, NULL where they go by the service's.

    Of an employee's several mailboxes the one that is theirs in everything (IN_ORDER) is asked, and no other.
    """
    owner, theirs = aliased(ReferenceRow), aliased(ReferenceRow)
    by_own = case(
        (MailboxRow.imap_url.is_not(None), rules.goes_by_own(is_read=True)), else_=rules.goes_by_own(is_read=False)
    )
    query = (
        select(case((by_own, MailboxRow.smtp_url)))
        .select_from(FollowUpRow)
        .join(owner, owner.id == FollowUpRow.owner_reference_id)
        .join(theirs, theirs.identity_id == owner.identity_id)
        .join(MailboxRow, MailboxRow.employee_id == theirs.id)
        .where(FollowUpRow.id == follow_up)
        .order_by(IN_ORDER)
        .limit(1)
    )
    return query.correlate_except(FollowUpRow, owner, theirs, MailboxRow).scalar_subquery()
