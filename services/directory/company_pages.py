"""Companies and persons as containers: a company lists its persons and itself, a person only that person."""

from collections.abc import Sequence

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from invito.plugins.contract import (
    Container,
    ContainerKind,
    ContainerPage,
    ContainerQuery,
    Entry,
    EntryPage,
    EntryQuery,
    ParticipantKind,
    UnknownContainer,
)
from invito.services.directory.availability import is_available
from invito.services.directory.entry_pages import entries_by_plan, page_of_few, total_of_kinds
from invito.services.directory.keyset import cut, number_of
from invito.services.directory.ordered_search import Wanted
from invito.services.directory.words import words_of
from invito.services.storage.directory_tables import EntryKind, EntryRow
from invito.services.storage.value_lists import among

_KINDS = (EntryKind.COMPANY, EntryKind.PERSON)


async def page_of_companies_and_persons(connection: AsyncConnection, query: ContainerQuery) -> ContainerPage:
    """Containers whose ids are references. A company that is not available itself still leads to its persons."""
    wanted = Wanted(
        EntryRow,
        _KINDS,
        query.page,
        words_of(query.search),
        condition=or_(EntryRow.kind == EntryKind.COMPANY, is_available()),
    )
    found = await entries_by_plan(connection, wanted)
    entries, has_more = cut(found, query.page)
    companies = [entry for entry in entries if entry.kind is ParticipantKind.COMPANY and query.wants_member_counts]
    counts = {company.reference: 0 for company in companies} | await _counts(connection, companies)
    containers = [_container(entry, counts) for entry in entries]
    total = await total_of_kinds(connection, wanted, len(found)) if query.wants_total else None
    return ContainerPage(containers, has_more, total)


async def page_of_company_or_person(connection: AsyncConnection, query: EntryQuery) -> EntryPage:
    """
    :raises UnknownContainer: there is no such company or person.
    """
    directory, _, _ = (query.container or "").partition(":")
    number = number_of(query.container or "")
    row = (
        await connection.execute(select(EntryRow.kind).where(EntryRow.id == number, EntryRow.kind.in_(_KINDS)))
    ).one_or_none()
    if row is None or row[0].value != directory:
        raise UnknownContainer(f"there is no company and no person {query.container!r}")
    is_itself = EntryRow.id == number
    # Rides on ix_directory_entry_organization.
    return await page_of_few(
        connection,
        or_(is_itself, EntryRow.organization_id == number) if row[0] is EntryKind.COMPANY else is_itself,
        query,
    )


async def _counts(connection: AsyncConnection, companies: Sequence[Entry]) -> dict[str, int]:
    """How many each company lists, itself included."""
    numbers = [number for company in companies if (number := number_of(company.reference)) is not None]
    if not numbers:
        return {}
    is_member = among(EntryRow.organization_id, numbers, connection.dialect.name)
    persons = (
        (select(EntryRow.organization_id.label("company"), EntryRow.id).where(is_member, is_available()))
        .union_all(
            select(EntryRow.id.label("company"), EntryRow.id).where(
                among(EntryRow.id, numbers, connection.dialect.name), is_available()
            )
        )
        .subquery()
    )
    rows = await connection.execute(select(persons.c.company, func.count()).group_by(persons.c.company))
    return {f"{EntryKind.COMPANY.value}:{company}": members for company, members in rows}


def _container(entry: Entry, counts: dict[str, int]) -> Container:
    if entry.kind is ParticipantKind.COMPANY:
        return Container(entry.reference, entry.name, ContainerKind.COMPANY, None, counts.get(entry.reference))
    return Container(entry.reference, entry.name, ContainerKind.PERSON, entry.organization, 1)
