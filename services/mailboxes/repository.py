"""Mailboxes in the database."""

from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from invito.services.follow_ups.values import ReferenceId
from invito.services.mailboxes.servers import read_server
from invito.services.mailboxes.values import Mailbox, MailboxId
from invito.services.signing import Keyring
from invito.services.storage.follow_up_tables import ReferenceRow
from invito.services.storage.mail_tables import MailboxRow


async def mailbox_of(connection: AsyncConnection, keys: Keyring, employee: ReferenceId) -> Mailbox | None:
    """The mailbox of an employee, under whichever of their references it was set up."""
    theirs = aliased(ReferenceRow)
    query = (
        mailboxes_select()
        .join(ReferenceRow, ReferenceRow.id == MailboxRow.employee_id)
        .join(theirs, theirs.identity_id == ReferenceRow.identity_id)
        .where(theirs.id == employee)
        .order_by(MailboxRow.id)
        .limit(1)
    )
    row = (await connection.execute(query)).first()
    return None if row is None else read_mailbox(row, keys)


async def all_mailboxes(connection: AsyncConnection, keys: Keyring) -> list[Mailbox]:
    """All viewers' own mailboxes."""
    rows = await connection.execute(mailboxes_select().order_by(MailboxRow.id))
    return [read_mailbox(row, keys) for row in rows]


def mailboxes_select() -> Select[Any]:
    """What `read_mailbox` reads, to be narrowed down."""
    return select(*MailboxRow.__table__.columns)


def read_mailbox(row: Row[Any], keys: Keyring) -> Mailbox:
    password = keys.unseal(row.password)
    return Mailbox(
        MailboxId(row.id),
        ReferenceId(row.employee_id),
        row.address,
        read_server(row.smtp_url, row.username, password),
        None if row.imap_url is None else read_server(row.imap_url, row.username, password),
        row.folder,
        row.state,
        row.checked_at,
        row.last_error,
    )
