"""Who has a mailbox of their own."""

from collections.abc import Sequence

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from invito.services.storage.follow_up_tables import ReferenceRow
from invito.services.storage.mail_tables import MailboxRow

_Employee = aliased(ReferenceRow)
# Of the reference that a statement joins: the mailbox may have been set up under another one of the same employee.
HAS_MAILBOX = (
    exists()
    .where(MailboxRow.employee_id == _Employee.id, _Employee.identity_id == ReferenceRow.identity_id)
    .correlate(ReferenceRow)
)


async def has_mailbox(connection: AsyncConnection, references: Sequence[str]) -> bool:
    """Whether the employee of these references has a mailbox of their own."""
    query = select(ReferenceRow.id).where(ReferenceRow.text.in_(references), HAS_MAILBOX).limit(1)
    return (await connection.execute(query)).first() is not None
