"""Projects and selections from a CSV file, with their members by e-mail address; a selection may be a saved search.

Columns: name, description, members (several divided by semicolons, or one a row, the name repeated), id; for a saved
search: search, kinds, company, group, title.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from invito.plugins.names import name_key, name_words
from invito.services.addresses import address_key
from invito.services.directory.saved_searches import SELECTABLE, SavedSearch
from invito.services.directory.writing import NewContainer, NewMember, add_containers, add_members
from invito.services.importing.entry_storing import key_of_name
from invito.services.importing.reports import BadRow, ImportReport, Progress, UnreadableFile, no_progress
from invito.services.importing.tables import TableRow, read_table
from invito.services.storage.database import Database
from invito.services.storage.directory_tables import (
    ContainerRow,
    ContainerTableKind,
    EntryKind,
    EntryRow,
    MemberRow,
)
from invito.services.storage.value_lists import texts_among

_SEARCHED = ("search", "kinds", "company", "group", "title")


@dataclass(slots=True)
class _Collection:
    """The rows of one project or selection."""

    rows: list[TableRow] = field(default_factory=list)

    @property
    def line(self) -> int:
        return self.rows[0].line

    def first(self, column: str) -> str:
        return next((row[column] for row in self.rows if row[column]), "")


async def import_projects(database: Database, path: Path, progress: Progress = no_progress) -> ImportReport:
    """Imports projects, each in a transaction of its own.

    :raises UnreadableFile: the file as a whole cannot be read.
    """
    return await _import(database, ContainerTableKind.PROJECT, path, progress)


async def import_selections(database: Database, path: Path, progress: Progress = no_progress) -> ImportReport:
    """Imports selections, fixed or saved searches, each in a transaction of its own.

    :raises UnreadableFile: the file as a whole cannot be read.
    """
    return await _import(database, ContainerTableKind.SELECTION, path, progress)


async def _import(database: Database, kind: ContainerTableKind, path: Path, progress: Progress) -> ImportReport:
    report = ImportReport()
    collections: dict[str, _Collection] = defaultdict(_Collection)
    for row in read_table(path, "name", notes=report.notes).rows:
        if isinstance(row, BadRow):
            report.bad.append(row)
        elif not row["name"] or len(row["name"]) > 300:
            report.bad.append(BadRow(row.line, "has no name, or one of more than 300 characters"))
        else:
            key = f"id:{row['id']}" if row["id"] else f"name:{key_of_name(row['name'])}"
            collections[key].rows.append(row)
    for done, (key, collection) in enumerate(collections.items(), start=1):
        async with database.write() as connection:
            await _store(connection, kind, f"{kind.value}:{key}"[:500], collection, report)
        progress(done, len(collections))
    report.bad.sort(key=lambda row: row.line)
    return report


async def _store(
    connection: AsyncConnection, kind: ContainerTableKind, key: str, collection: _Collection, report: ImportReport
) -> None:
    try:
        saved = await _saved_search(connection, collection) if kind is ContainerTableKind.SELECTION else None
    except UnreadableFile as problem:
        report.bad.append(BadRow(collection.line, str(problem)))
        return
    members = await _members(connection, collection, report) if saved is None else []
    if saved is not None and collection.first("members"):
        what = "is a saved search, so the members that it names are left out"
        report.bad.append(BadRow(collection.line, what, partly_in=True))
    new = NewContainer(kind, collection.rows[-1]["name"], collection.first("description") or None, saved, key)
    known = await _known(connection, new)
    if known is None:
        (container,) = await add_containers(connection, [new])
        await add_members(connection, _numbered(container, members))
        report.added += 1
        return
    container, is_same = known
    before = await connection.execute(select(MemberRow.entry_id).where(MemberRow.container_id == container))
    if is_same and set(before.scalars()) == set(members):
        report.unchanged += 1
        return
    await _change(connection, container, new)
    await connection.execute(delete(MemberRow).where(MemberRow.container_id == container))
    await add_members(connection, _numbered(container, members))
    report.changed += 1


def _numbered(container: int, members: Sequence[int]) -> list[NewMember]:
    return [NewMember(container, entry, position) for position, entry in enumerate(members)]


async def _known(connection: AsyncConnection, new: NewContainer) -> tuple[int, bool] | None:
    """The container of the same key, or of the same name and no key; and whether nothing of it differs."""
    row = (
        await connection.execute(
            select(
                ContainerRow.id,
                ContainerRow.name,
                ContainerRow.description,
                ContainerRow.saved_search,
                ContainerRow.import_key,
            )
            .where(
                ContainerRow.kind == new.kind,
                (ContainerRow.import_key == new.import_key)
                | (ContainerRow.import_key.is_(None) & (ContainerRow.name_key == name_key(new.name))),
            )
            .order_by(ContainerRow.import_key.is_(None), ContainerRow.id)
            .limit(1)
        )
    ).one_or_none()
    if row is None:
        return None
    id_, *values = row
    return id_, values == [new.name, new.description, new.saved_search, new.import_key]


async def _change(connection: AsyncConnection, container: int, new: NewContainer) -> None:
    await connection.execute(
        update(ContainerRow)
        .where(ContainerRow.id == container)
        .values(
            name=new.name,
            name_key=name_key(new.name),
            name_words=name_words(new.name),
            description=new.description,
            saved_search=new.saved_search,
            import_key=new.import_key,
        )
    )


async def _members(connection: AsyncConnection, collection: _Collection, report: ImportReport) -> list[int]:
    """The ids of the members in the file's order; an employee's address means the employee."""
    lines = {address_key(address): row.line for row in reversed(collection.rows) for address in row.listed("members")}
    rows = await connection.execute(
        select(EntryRow.email_key, EntryRow.kind, EntryRow.id)
        .where(texts_among(EntryRow.email_key, list(lines), connection.dialect.name), EntryRow.kind.in_(SELECTABLE))
        .order_by(EntryRow.id)
    )
    found: dict[str, dict[EntryKind, list[int]]] = defaultdict(lambda: defaultdict(list))
    for address, kind, id_ in rows:
        found[address or ""][kind].append(id_)
    members = []
    for row in collection.rows:
        for address in map(address_key, row.listed("members")):
            who = found[address][EntryKind.EMPLOYEE] or found[address][EntryKind.PERSON]
            if len(who) == 1:
                members.append(who[0])
            elif lines.get(address) == row.line:
                several = f"{len(who)} people have the address" if who else "nobody has the address"
                what = f"names a member that is left out: {several} {address}"
                report.bad.append(BadRow(row.line, what, partly_in=True))
    return list(dict.fromkeys(members))


async def _saved_search(connection: AsyncConnection, collection: _Collection) -> dict[str, object] | None:
    """The saved search of the columns, None where all are empty.

    :raises UnreadableFile: it names a kind, a company or a group that there is not.
    """
    values = {"group": collection.first("groups")} | {
        name: collection.first(name) for name in _SEARCHED if name != "group"
    }
    if not any(values.values()):
        return None
    named = [part.strip().lower() for part in values["kinds"].split(";") if part.strip()]
    unknown = set(named) - {kind.value for kind in SELECTABLE}
    if unknown:
        raise UnreadableFile(f"names kinds that there are not: {', '.join(sorted(unknown))}")
    company = select(EntryRow.id).where(
        EntryRow.kind == EntryKind.COMPANY, EntryRow.name_key == name_key(values["company"])
    )
    group = select(ContainerRow.id).where(
        ContainerRow.kind == ContainerTableKind.USER_GROUP, ContainerRow.name_key == name_key(values["group"])
    )
    ids: dict[str, int | None] = {"company": None, "group": None}
    for name, statement in (("company", company.order_by(EntryRow.id)), ("group", group.order_by(ContainerRow.id))):
        if values[name]:
            ids[name] = (await connection.execute(statement.limit(1))).scalar_one_or_none()
            if ids[name] is None:
                raise UnreadableFile(f"names a {name} that there is not: {values[name]}")
    kinds = tuple(kind for kind in SELECTABLE if kind.value in named) or SELECTABLE
    return SavedSearch(values["search"], kinds, ids["company"], ids["group"], values["title"]).to_store()
