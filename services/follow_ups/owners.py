"""What is kept of employees who own follow-ups, as the directory has them now."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Select, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from invito.plugins.contract import Entry
from invito.services.follow_ups.values import Owner
from invito.services.ids import ReferenceId
from invito.services.mailboxes.ownership import has_mailbox
from invito.services.storage.follow_up_tables import OwnerRow, ReferenceRow
from invito.services.storage.inserting import insert_into
from invito.services.storage.reading import read_rows
from invito.services.storage.value_lists import among_named

_COPIED = (OwnerRow.name, OwnerRow.email, OwnerRow.groups, OwnerRow.first_group)


@dataclass(frozen=True, slots=True)
class KnownAs:
    """All references that somebody was ever known by, their own first, and those whose copies say something else."""

    references: tuple[str, ...]
    outdated: tuple[ReferenceId, ...]


async def known_as(connection: AsyncConnection, employee: Entry) -> KnownAs:
    """Both in one statement, since it is asked at each request."""
    rows = await read_rows(connection, _known(connection.dialect.name), {"texts": employee.references})
    references, now = dict.fromkeys(employee.references), tuple(_copy_of(employee).values())
    outdated = []
    for number, text, *copied in rows:
        references[text] = None
        has_copy = copied[0] is not None  # every copy has a name
        if has_copy and tuple(copied) != now:
            outdated.append(ReferenceId(number))
    return KnownAs(tuple(references), tuple(outdated))


async def renew_owner(connection: AsyncConnection, outdated: Collection[ReferenceId], employee: Entry) -> None:
    """Whom the owner's group may show a follow-up to is asked of the copy: it moves when the owner does."""
    await connection.execute(update(OwnerRow).where(OwnerRow.reference_id.in_(outdated)).values(_copy_of(employee)))


async def keep_owner(connection: AsyncConnection, reference_id: ReferenceId, employee: Entry) -> Owner:
    """Keep the copy of an employee who owns follow-ups, under this reference of theirs."""
    copy = _copy_of(employee)
    statement = insert_into(connection, OwnerRow).values(reference_id=reference_id, **copy)
    await connection.execute(statement.on_conflict_do_update(index_elements=["reference_id"], set_=copy))
    has_own = await has_mailbox(connection, [employee.reference])
    return Owner(reference_id, employee.reference, employee.name, employee.email, employee.groups, has_own)


def _copy_of(employee: Entry) -> dict[str, object]:
    """In the order of `_COPIED`."""
    return {
        "name": employee.name,
        "email": employee.email,
        "groups": list(employee.groups),
        "first_group": next(iter(employee.group_keys), None),
    }


@cache
def _known(dialect: str) -> Select[int, str, str, str | None, list[str], str | None]:
    same = select(ReferenceRow.identity_id).where(among_named(ReferenceRow.text, "texts", dialect))
    return (
        select(ReferenceRow.id, ReferenceRow.text, *_COPIED)
        .outerjoin(OwnerRow, OwnerRow.reference_id == ReferenceRow.id)
        .where(ReferenceRow.identity_id.in_(same))
        .order_by(ReferenceRow.id)
    )
