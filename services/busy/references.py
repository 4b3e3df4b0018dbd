"""References as integers: text outside, a number inside, and one identity for all references of the same one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from invito.services.ids import ReferenceId
from invito.services.storage.follow_up_tables import BusySpanRow, ReferenceRow

# A statement's variables are bounded on both databases.
_BATCH = 5_000


@dataclass(frozen=True, slots=True)
class Interned:
    """A reference's own number, and the one that it shares with its aliases."""

    id: ReferenceId
    identity: ReferenceId


async def interned(connection: AsyncConnection, references: Iterable[str]) -> dict[str, Interned]:
    """The numbers of those references that were ever seen."""
    wanted = list(dict.fromkeys(references))
    found: dict[str, Interned] = {}
    for first in range(0, len(wanted), _BATCH):
        batch = select(ReferenceRow.text, ReferenceRow.id, ReferenceRow.identity_id).where(
            ReferenceRow.text.in_(wanted[first : first + _BATCH])
        )
        found |= {
            text: Interned(ReferenceId(number), ReferenceId(identity))
            for text, number, identity in await connection.execute(batch)
        }
    return found


async def identities_of(connection: AsyncConnection, references: Iterable[str]) -> dict[str, ReferenceId]:
    """The identities of those references that were ever seen."""
    return {text: one.identity for text, one in (await interned(connection, references)).items()}


async def all_references_of(connection: AsyncConnection, references: Sequence[str]) -> tuple[str, ...]:
    """These references, and after them all others that anybody knew the same one by."""
    known = select(ReferenceRow.identity_id).where(ReferenceRow.text.in_(references))
    query = select(ReferenceRow.text).where(ReferenceRow.identity_id.in_(known)).order_by(ReferenceRow.id)
    return tuple(dict.fromkeys([*references, *(await connection.execute(query)).scalars()]))


async def references_of(connection: AsyncConnection, identities: Iterable[ReferenceId]) -> dict[ReferenceId, list[str]]:
    """All references that each of these was ever known by."""
    wanted = sorted(set(identities))
    found: dict[ReferenceId, list[str]] = {}
    for first in range(0, len(wanted), _BATCH):
        batch = select(ReferenceRow.identity_id, ReferenceRow.text).where(
            ReferenceRow.identity_id.in_(wanted[first : first + _BATCH])
        )
        for identity, text in await connection.execute(batch.order_by(ReferenceRow.id)):
            found.setdefault(ReferenceId(identity), []).append(text)
    return found


async def intern(connection: AsyncConnection, references: Iterable[str]) -> dict[str, ReferenceId]:
    """The identities of these references, which are made where they are new. In a writing transaction."""
    numbers = await intern_groups(connection, [(reference,) for reference in references])
    return {text: one.identity for text, one in numbers.items()}


async def intern_groups(connection: AsyncConnection, groups: Sequence[Sequence[str]]) -> dict[str, Interned]:
    """The numbers of all these references, made where they are new; those of one group share their identity."""
    # In one order everywhere, so that two writers never wait for each other.
    wanted = sorted({reference for group in groups for reference in group})
    if not wanted:
        return {}
    insert = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(ReferenceRow)
    await connection.execute(
        insert.on_conflict_do_nothing(index_elements=["text"]), [{"text": text, "identity_id": 0} for text in wanted]
    )
    await connection.execute(
        update(ReferenceRow).where(ReferenceRow.identity_id == 0).values(identity_id=ReferenceRow.id)
    )
    numbers = await interned(connection, wanted)
    for group in groups:
        identities = {numbers[reference].identity for reference in group}
        if len(identities) > 1:
            await _unite(connection, min(identities), identities)
            numbers = await interned(connection, wanted)
    return numbers


async def _unite(connection: AsyncConnection, identity: ReferenceId, identities: set[ReferenceId]) -> None:
    await connection.execute(
        update(ReferenceRow).where(ReferenceRow.identity_id.in_(identities)).values(identity_id=identity)
    )
    await connection.execute(
        update(BusySpanRow).where(BusySpanRow.reference_id.in_(identities)).values(reference_id=identity)
    )
