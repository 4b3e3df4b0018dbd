"""Whose address it is: an employee is known by it when they sign in, so no two may have the same."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from invito.services.addresses import address_key
from invito.services.directory.writing import NewEntry
from invito.services.importing.entry_storing import EntryToStore, known_entries
from invito.services.importing.reports import BadRow
from invito.services.storage.directory_tables import EntryKind, EntryRow
from invito.services.storage.value_lists import texts_among


async def taken_addresses(connection: AsyncConnection, rows: Sequence[EntryToStore]) -> dict[int, BadRow]:
    """The rows of a file of employees that would give somebody an address that another one keeps, by line.

    Who gets another address in the same file does not keep theirs, unless their row is one of these. No two rows have
    the same address.
    """
    known = await known_entries(connection, rows)
    claims = {address_key(row.entry.email): row for row in rows if row.entry.email}
    moving = {address: row for address, row in claims.items() if _address(known, row) != address}
    holders = await _holders(connection, list(moving))
    leaving = {known[row.line][0]: _address(known, row) for row in moving.values() if row.line in known}
    taken = dict[int, BadRow]()
    unsure = list(moving)
    while unsure:
        address = unsure.pop()
        row = moving[address]
        own = known[row.line][0] if row.line in known else None
        keeps = [name for id_, name in holders.get(address, ()) if id_ != own and id_ not in leaving]
        if keeps and row.line not in taken:
            reason = f"has the e-mail address of {keeps[0]}, who is somebody else and keeps it"
            taken[row.line] = BadRow(row.line, reason)
            kept = leaving.pop(own, None) if own is not None else None
            if kept in moving:
                unsure.append(kept)
    return taken


async def _holders(connection: AsyncConnection, addresses: list[str]) -> dict[str, list[tuple[int, str]]]:
    """The employees who have these addresses now: their ids and names."""
    found = dict[str, list[tuple[int, str]]]()
    query = select(EntryRow.email_key, EntryRow.id, EntryRow.name).where(
        EntryRow.kind == EntryKind.EMPLOYEE, texts_among(EntryRow.email_key, addresses, connection.dialect.name)
    )
    for address, id_, name in await connection.execute(query.order_by(EntryRow.id)):
        found.setdefault(address or "", []).append((id_, name))
    return found


def _address(known: Mapping[int, tuple[int, NewEntry]], row: EntryToStore) -> str:
    """What is theirs now; empty for none, or for who is new."""
    return address_key(known[row.line][1].email or "") if row.line in known else ""
