"""Follow-ups in the database."""

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, case, exists, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from invito.plugins.names import name_words
from invito.services.busy.references import hold_identities
from invito.services.caller import Caller
from invito.services.follow_ups.values import FollowUp, Owner
from invito.services.follow_ups.visibility import visible_to
from invito.services.ids import FollowUpId, ReferenceId
from invito.services.mailboxes.ownership import HAS_MAILBOX
from invito.services.storage.follow_up_tables import FollowUpRow, OwnerRow, ReferenceRow
from invito.services.storage.value_lists import among

# The fields that a FollowUp has under the same names in the table.
_PLAIN = tuple(field.name for field in fields(FollowUp) if field.name != "owner")


def follow_ups_select() -> Select[Any]:
    """What `follow_up_of` reads, to be narrowed down."""
    return (
        select(
            *(getattr(FollowUpRow, name) for name in _PLAIN),
            OwnerRow.reference_id.label("owner_id"),
            ReferenceRow.text.label("owner_reference"),
            OwnerRow.name.label("owner_name"),
            OwnerRow.email.label("owner_email"),
            OwnerRow.groups.label("owner_groups"),
            HAS_MAILBOX.label("owner_has_mailbox"),
        )
        .join(OwnerRow, OwnerRow.reference_id == FollowUpRow.owner_reference_id)
        .join(ReferenceRow, ReferenceRow.id == OwnerRow.reference_id)
    )


def follow_up_of(row: Row[Any]) -> FollowUp:
    values = row._mapping
    owner = Owner(
        values["owner_id"],
        values["owner_reference"],
        values["owner_name"],
        values["owner_email"],
        tuple(values["owner_groups"]),
        values["owner_has_mailbox"],
    )
    return FollowUp(owner=owner, **{name: values[name] for name in _PLAIN})


async def visible_follow_ups(
    connection: AsyncConnection, caller: Caller, ids: Sequence[FollowUpId]
) -> dict[FollowUpId, FollowUp]:
    """Those of the ids that are there and that the caller may see."""
    query = follow_ups_select().where(among(FollowUpRow.id, ids, connection.dialect.name), visible_to(caller))
    return {row.id: follow_up_of(row) for row in await connection.execute(query)}


async def visible_owners(connection: AsyncConnection, caller: Caller, references: Sequence[str]) -> list[Owner]:
    """Those of the references that own a follow-up which the caller may see."""
    owns_something_visible = exists().where(FollowUpRow.owner_reference_id == OwnerRow.reference_id, visible_to(caller))
    query = (
        select(ReferenceRow.id, ReferenceRow.text, OwnerRow.name, OwnerRow.email, OwnerRow.groups, HAS_MAILBOX)
        .join(OwnerRow, OwnerRow.reference_id == ReferenceRow.id)
        .where(ReferenceRow.text.in_(references), owns_something_visible)
    )
    rows = await connection.execute(query)
    return [
        Owner(ReferenceId(number), text, name, email, tuple(groups), has_mailbox)
        for number, text, name, email, groups, has_mailbox in rows
    ]


async def follow_up_to_change(
    connection: AsyncConnection, caller: Caller, follow_up: FollowUpId, groups: Sequence[Sequence[str]] = ()
) -> FollowUp | None:
    """The follow-up, if the caller may see it, held until the transaction ends, so that writers take turns.

    Identities are held as well, `groups` so that they may be united.
    """
    await _hold(connection, follow_up, groups)
    return (await visible_follow_ups(connection, caller, [follow_up])).get(follow_up)


async def held_follow_up(connection: AsyncConnection, follow_up: FollowUpId) -> FollowUp | None:
    """The follow-up, whoever may see it, held until the transaction ends, and identities with it."""
    await _hold(connection, follow_up)
    return await stored_follow_up(connection, follow_up)


async def _hold(connection: AsyncConnection, follow_up: FollowUpId, groups: Sequence[Sequence[str]] = ()) -> None:
    # Identities first: whoever unites some waits for all who hold them, and may want this follow-up next.
    await hold_identities(connection, groups)
    await connection.execute(_in_turn([follow_up]))


async def stored_follow_ups(
    connection: AsyncConnection, follow_ups: Collection[FollowUpId]
) -> dict[FollowUpId, FollowUp]:
    """Those of these that are there, whoever may see them."""
    query = follow_ups_select().where(FollowUpRow.id.in_(follow_ups))
    return {row.id: follow_up_of(row) for row in await connection.execute(query)}


async def stored_follow_up(connection: AsyncConnection, follow_up: FollowUpId) -> FollowUp | None:
    """The follow-up, whoever may see it."""
    return (await stored_follow_ups(connection, [follow_up])).get(follow_up)


async def insert_follow_up(connection: AsyncConnection, follow_up: FollowUp) -> FollowUpId:
    """Store a new follow-up; its `id` is given by the database."""
    result = await connection.execute(insert(FollowUpRow).values(_columns(follow_up)).returning(FollowUpRow.id))
    return FollowUpId(result.scalar_one())


async def update_follow_up_row(connection: AsyncConnection, follow_up: FollowUp) -> None:
    await connection.execute(update(FollowUpRow).where(FollowUpRow.id == follow_up.id).values(_columns(follow_up)))


async def raise_revisions(connection: AsyncConnection, follow_ups: Collection[FollowUpId], now: datetime) -> None:
    """Something that is shown beside these changed: their subscribers look at them again.

    None is changed before it was last, though another replica's clock may have been ahead.
    """
    present = literal(now, FollowUpRow.updated_at.type)
    updated_at = case((FollowUpRow.updated_at > now, FollowUpRow.updated_at), else_=present)
    changed = {"revision": FollowUpRow.revision + 1, "updated_at": updated_at}
    await connection.execute(update(FollowUpRow).where(FollowUpRow.id.in_(_in_turn(follow_ups))).values(changed))


def _in_turn(follow_ups: Collection[FollowUpId]) -> Select[Any]:
    """The ids of these, held in their order until the transaction ends: no two then wait for each other forever."""
    query = select(FollowUpRow.id).where(FollowUpRow.id.in_(follow_ups))
    return query.order_by(FollowUpRow.id).with_for_update()


def _columns(follow_up: FollowUp) -> dict[str, object]:
    """Without the id: where it is set, if to what it was, SQLite looks through each table that refers to it."""
    return {name: getattr(follow_up, name) for name in _PLAIN if name != "id"} | {
        "owner_reference_id": follow_up.owner.reference_id,
        "title_words": name_words(follow_up.title),
    }
