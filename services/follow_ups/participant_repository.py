"""Participants in the database."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import Row, Select, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from invito.services.caller import Caller
from invito.services.follow_ups.values import Participant
from invito.services.follow_ups.visibility import visible_to
from invito.services.ids import FollowUpId, ParticipantId
from invito.services.storage.follow_up_tables import FollowUpRow, OwnerRow, ParticipantRow, ReferenceRow
from invito.services.storage.value_lists import texts_among

# The fields that a Participant has under the same names in the table.
_PLAIN = tuple(field.name for field in fields(Participant) if field.name not in ("reference", "identity"))


def participants_select() -> Select[Any]:
    """What `participant_of` reads, to be narrowed down."""
    return select(
        *(getattr(ParticipantRow, name) for name in _PLAIN),
        ReferenceRow.text.label("reference"),
        ReferenceRow.identity_id.label("identity"),
    ).join(ReferenceRow, ReferenceRow.id == ParticipantRow.reference_id)


def participant_of(row: Row[Any]) -> Participant:
    return Participant(**row._mapping)


async def all_participants(connection: AsyncConnection, follow_up: FollowUpId) -> list[Participant]:
    """Everyone who takes part or once did, in the order of their rows."""
    return (await participants_of_all(connection, [follow_up]))[follow_up]


async def participants_of_all(
    connection: AsyncConnection, follow_ups: Collection[FollowUpId]
) -> dict[FollowUpId, list[Participant]]:
    """The same for each of these. On ix_participant_order."""
    query = (
        participants_select()
        .where(ParticipantRow.follow_up_id.in_(follow_ups))
        .order_by(ParticipantRow.follow_up_id, ParticipantRow.position, ParticipantRow.id)
    )
    found: dict[FollowUpId, list[Participant]] = {follow_up: [] for follow_up in follow_ups}
    for row in await connection.execute(query):
        found[row.follow_up_id].append(participant_of(row))
    return found


async def visible_participants(
    connection: AsyncConnection, caller: Caller, ids: Sequence[ParticipantId]
) -> dict[ParticipantId, Participant]:
    """Those of the ids that take part in a follow-up that the caller may see."""
    query = (
        participants_select()
        .join(FollowUpRow, FollowUpRow.id == ParticipantRow.follow_up_id)
        .join(OwnerRow, OwnerRow.reference_id == FollowUpRow.owner_reference_id)
        .where(ParticipantRow.id.in_(ids), ParticipantRow.removed_at.is_(None), visible_to(caller))
    )
    return {row.id: participant_of(row) for row in await connection.execute(query)}


async def participant_there(connection: AsyncConnection, participant: ParticipantId) -> Participant | None:
    """One who takes part or once did, whoever may see it."""
    return next(iter(await participants_there(connection, [participant])), None)


async def participants_there(connection: AsyncConnection, ids: Collection[ParticipantId]) -> list[Participant]:
    """The same for several."""
    query = participants_select().where(ParticipantRow.id.in_(ids)).order_by(ParticipantRow.id)
    return [participant_of(row) for row in await connection.execute(query)]


async def taking_part_among(connection: AsyncConnection, follow_up: FollowUpId, references: Sequence[str]) -> set[str]:
    """Those of the references that are of somebody who takes part, by whichever of their references."""
    invitee = aliased(ReferenceRow)
    taking_part = (
        select(invitee.identity_id)
        .join(ParticipantRow, ParticipantRow.reference_id == invitee.id)
        .where(ParticipantRow.follow_up_id == follow_up, ParticipantRow.removed_at.is_(None))
    )
    is_asked = texts_among(ReferenceRow.text, references, connection.dialect.name)
    query = select(ReferenceRow.text).where(is_asked, ReferenceRow.identity_id.in_(taking_part))
    return set((await connection.execute(query)).scalars())


async def insert_participants(connection: AsyncConnection, participants: Sequence[Participant]) -> list[ParticipantId]:
    """Store new participants of one follow-up; the ids that the database gave them, in their order."""
    if not participants:
        return []
    rows = [{name: getattr(one, name) for name in _PLAIN if name != "id"} for one in participants]
    # Rows come back in any order, and are told apart by whom they are about.
    result = await connection.execute(
        insert(ParticipantRow).returning(ParticipantRow.reference_id, ParticipantRow.id), rows
    )
    ids = {reference: ParticipantId(number) for reference, number in result}
    return [ids[one.reference_id] for one in participants]


async def update_participants(connection: AsyncConnection, participants: Iterable[Participant]) -> None:
    """Store these as they stand now; their follow-up and reference never change."""
    fixed = ("id", "follow_up_id", "reference_id")
    rows = [
        {"row_id": one.id} | {f"new_{name}": getattr(one, name) for name in _PLAIN if name not in fixed}
        for one in participants
    ]
    if rows:
        values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in _PLAIN if name not in fixed}
        await connection.execute(
            update(ParticipantRow.__table__)  # type: ignore[arg-type]  # the table, since ORM updates take no own WHERE
            .where(ParticipantRow.id == bindparam("row_id"))
            .values(values),
            rows,
        )
