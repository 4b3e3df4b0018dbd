"""Mailboxes in the database."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from invito.services.ids import ReferenceId
from invito.services.mailboxes.ownership import IN_ORDER
from invito.services.mailboxes.problems import MailboxProblem
from invito.services.mailboxes.servers import read_server
from invito.services.mailboxes.values import Mailbox, MailboxId, MailboxState
from invito.services.signing import Keyring
from invito.services.storage.follow_up_tables import ReferenceRow
from invito.services.storage.inserting import insert_into
from invito.services.storage.mail_tables import FolderPositionRow, MailboxRow, MailboxWatchRow


async def mailboxes_of(
    connection: AsyncConnection, keys: Keyring, employees: Collection[ReferenceId]
) -> dict[ReferenceId, Mailbox]:
    """The mailboxes of those employees who have one, under whichever of their references it was set up."""
    rows = await _rows_of(connection, employees)
    return {employee: read_mailbox(row, keys) for employee, row in rows.items()}


async def mailbox_row_of(connection: AsyncConnection, employee: ReferenceId) -> Row[Any] | None:
    """The same of one, as it is stored."""
    return (await _rows_of(connection, [employee])).get(employee)


async def _rows_of(connection: AsyncConnection, employees: Collection[ReferenceId]) -> dict[ReferenceId, Row[Any]]:
    theirs = aliased(ReferenceRow)
    query = (
        mailboxes_select()
        .add_columns(theirs.id.label("asked_for"))
        .join(ReferenceRow, ReferenceRow.id == MailboxRow.employee_id)
        .join(theirs, theirs.identity_id == ReferenceRow.identity_id)
        .where(theirs.id.in_(employees))
        .order_by(IN_ORDER)
    )
    found: dict[ReferenceId, Row[Any]] = {}
    for row in await connection.execute(query):
        found.setdefault(ReferenceId(row.asked_for), row)
    return found


async def add_mailbox(connection: AsyncConnection, values: Mapping[str, object]) -> None:
    """Store an employee's mailbox, in place of one that was set up at the same moment."""
    insert = insert_into(connection, MailboxRow)
    await connection.execute(insert.values(values).on_conflict_do_update(index_elements=["employee_id"], set_=values))


async def change_mailbox(connection: AsyncConnection, mailbox: MailboxId, values: Mapping[str, object]) -> None:
    await connection.execute(update(MailboxRow).where(MailboxRow.id == mailbox).values(values))


async def forget_mailbox(connection: AsyncConnection, mailbox: MailboxId) -> None:
    """The mailbox with its password, how far it was read, and who watches it."""
    await connection.execute(delete(MailboxRow).where(MailboxRow.id == mailbox))
    await forget_watching(connection, mailbox)


async def forget_watching(connection: AsyncConnection, mailbox: MailboxId) -> None:
    """How far its folders were read, and who watches them."""
    for table in (FolderPositionRow, MailboxWatchRow):
        await connection.execute(delete(table).where(table.mailbox == str(mailbox)))


async def note_state(
    connection: AsyncConnection, mailbox: MailboxId, problem: MailboxProblem | None, now: datetime
) -> None:
    """How a look at a mailbox went, for whose it is to see; None where all is well."""
    values = {
        "state": MailboxState.OK if problem is None else problem.state,
        "checked_at": now,
        "last_error": None if problem is None else problem.kept(),
    }
    await change_mailbox(connection, mailbox, values)


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
