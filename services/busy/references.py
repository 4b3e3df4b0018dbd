"""References as integers: text outside, a number inside, and one identity for all references of the same one.

Identities only ever grow together. Whoever writes by one holds them all first (`hold_identities`), so that it is still
the identity when the row is there.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Select, delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from invito.services.ids import ReferenceId
from invito.services.storage.follow_up_tables import BusySpanRow, ReferenceRow
from invito.services.storage.inserting import insert_into
from invito.services.storage.reading import read_rows
from invito.services.storage.turns import share_turn, take_turn
from invito.services.storage.value_lists import among, among_named

_IDENTITIES = "identities"
_Double = aliased(BusySpanRow)


@dataclass(frozen=True, slots=True)
class Interned:
    """A reference's own number, and the one that it shares with its aliases."""

    id: ReferenceId
    identity: ReferenceId


async def interned(connection: AsyncConnection, references: Iterable[str]) -> dict[str, Interned]:
    """The numbers of those references that were ever seen."""
    wanted = list(dict.fromkeys(references))
    if not wanted:
        return {}
    rows = await read_rows(connection, _numbers(connection.dialect.name), {"texts": wanted})
    return {text: Interned(ReferenceId(number), ReferenceId(identity)) for text, number, identity in rows}


async def identities_of(connection: AsyncConnection, references: Iterable[str]) -> dict[str, ReferenceId]:
    """The identities of those references that were ever seen."""
    return {text: one.identity for text, one in (await interned(connection, references)).items()}


async def references_of(connection: AsyncConnection, identities: Iterable[ReferenceId]) -> dict[ReferenceId, list[str]]:
    """All references that each of these was ever known by."""
    found: dict[ReferenceId, list[str]] = {}
    variables = {"identities": sorted(set(identities))}
    for identity, text in await read_rows(connection, _texts_of(connection.dialect.name), variables):
        found.setdefault(ReferenceId(identity), []).append(text)
    return found


@cache
def _numbers(dialect: str) -> Select[str, int, int]:
    query = select(ReferenceRow.text, ReferenceRow.id, ReferenceRow.identity_id)
    return query.where(among_named(ReferenceRow.text, "texts", dialect))


@cache
def _texts_of(dialect: str) -> Select[int, str]:
    query = select(ReferenceRow.identity_id, ReferenceRow.text).order_by(ReferenceRow.id)
    return query.where(among_named(ReferenceRow.identity_id, "identities", dialect))


async def hold_identities(connection: AsyncConnection, groups: Sequence[Sequence[str]] = ()) -> None:
    """Until the writing transaction ends nobody else unites identities; with `groups`, these may be united in it.

    Before anything else is locked or written, so that no two writers wait for each other.
    """
    groups = [group for group in groups if len(set(group)) > 1]
    known = await interned(connection, (reference for group in groups for reference in group))
    if all(_is_united(group, known) for group in groups):
        await share_turn(connection, _IDENTITIES)
    else:
        await take_turn(connection, _IDENTITIES)


async def intern(connection: AsyncConnection, references: Iterable[str]) -> dict[str, ReferenceId]:
    """The identities of these references, which are made where they are new. In a transaction that holds identities."""
    numbers = await intern_groups(connection, [(reference,) for reference in references])
    return {text: one.identity for text, one in numbers.items()}


async def intern_groups(connection: AsyncConnection, groups: Sequence[Sequence[str]]) -> dict[str, Interned]:
    """The numbers of all these references, made where they are new; those of one group share their identity.

    In a transaction that holds identities, with the same groups.
    """
    # In one order everywhere, so that two writers never wait for each other.
    wanted = sorted({reference for group in groups for reference in group})
    numbers = await interned(connection, wanted)
    new = [reference for reference in wanted if reference not in numbers]
    if new:
        numbers |= await _made(connection, new)
    for group in groups:
        if not _is_united(group, numbers):
            await _unite(connection, {numbers[reference].identity for reference in group})
            numbers = await interned(connection, wanted)
    return numbers


def _is_united(group: Sequence[str], known: Mapping[str, Interned]) -> bool:
    identities = {known[reference].identity if reference in known else None for reference in group}
    return len(identities) == 1 and None not in identities


async def _made(connection: AsyncConnection, references: Sequence[str]) -> dict[str, Interned]:
    """The numbers of references that were not there a moment ago, each with an identity of its own."""
    insert = insert_into(connection, ReferenceRow)
    rows = [{"text": text, "identity_id": 0} for text in references]
    await connection.execute(insert.on_conflict_do_nothing(index_elements=["text"]), rows)
    await connection.execute(
        update(ReferenceRow).where(ReferenceRow.identity_id == 0).values(identity_id=ReferenceRow.id)
    )
    return await interned(connection, references)


async def _unite(connection: AsyncConnection, identities: set[ReferenceId]) -> None:
    """The oldest of them stands for all, and no follow-up makes the same one busy twice."""
    identity, dialect = min(identities), connection.dialect.name
    others = sorted(identities - {identity})
    await connection.execute(
        update(ReferenceRow).where(among(ReferenceRow.identity_id, others, dialect)).values(identity_id=identity)
    )
    is_double = exists().where(
        among(_Double.reference_id, sorted(identities), dialect),
        _Double.follow_up_id == BusySpanRow.follow_up_id,
        _Double.start == BusySpanRow.start,
        _Double.id < BusySpanRow.id,
    )
    await connection.execute(
        delete(BusySpanRow).where(among(BusySpanRow.reference_id, sorted(identities), dialect), is_double)
    )
    await connection.execute(
        update(BusySpanRow).where(among(BusySpanRow.reference_id, others, dialect)).values(reference_id=identity)
    )
