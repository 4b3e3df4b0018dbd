"""How far folders were read, in the database."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from invito.services.inbox.imap.watched_folders import WatchedFolder
from invito.services.storage.inserting import insert_into
from invito.services.storage.mail_tables import FolderPositionRow


@dataclass(frozen=True, slots=True)
class FolderPosition:
    """All up to `last_uid` was kept; the numbers count as long as `uid_validity` stays the same (RFC 9051 §2.3.1.1)."""

    uid_validity: int
    last_uid: int


async def position_in(connection: AsyncConnection, folder: WatchedFolder) -> FolderPosition | None:
    """How far the folder was read, None where it never was."""
    query = select(FolderPositionRow.uid_validity, FolderPositionRow.last_uid).where(
        FolderPositionRow.mailbox == folder.key, FolderPositionRow.folder == folder.folder
    )
    row = (await connection.execute(query)).first()
    return None if row is None else FolderPosition(row.uid_validity, row.last_uid)


async def move_position(connection: AsyncConnection, folder: WatchedFolder, position: FolderPosition) -> None:
    """All up to there was kept."""
    insert = insert_into(connection, FolderPositionRow)
    read = {"uid_validity": position.uid_validity, "last_uid": position.last_uid}
    values = {"mailbox": folder.key, "folder": folder.folder, **read}
    await connection.execute(
        insert.values(values).on_conflict_do_update(index_elements=["mailbox", "folder"], set_=read)
    )
