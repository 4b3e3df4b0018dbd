"""A selection that is a saved search (F12): what it asks for, run anew each time."""

from dataclasses import dataclass

from sqlalchemy import and_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from invito.plugins.contract import EntryPage, EntryQuery
from invito.services.directory.entry_pages import page_of_few, page_of_kinds
from invito.services.directory.keyset import of_kinds
from invito.services.directory.words import begin_words, words_of
from invito.services.storage.directory_tables import EntryKind, EntryRow, MemberRow

SELECTABLE = (EntryKind.EMPLOYEE, EntryKind.PERSON)


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """Employees and persons for which everything named holds: `search` and `title` are prefixes as in the search box,
    `company` and `group` the number of a company and of a user group. Stored as JSON, with what is empty left out.
    """

    search: str = ""
    kinds: tuple[EntryKind, ...] = SELECTABLE
    company: int | None = None
    group: int | None = None
    title: str = ""

    @classmethod
    def from_stored(cls, stored: dict[str, object]) -> "SavedSearch":
        """Reads the column; what it does not know, or what is not of its type, it leaves out."""
        search, title = stored.get("search"), stored.get("title")
        kinds, company, group = stored.get("kinds"), stored.get("company"), stored.get("group")
        named = tuple(kind for kind in SELECTABLE if isinstance(kinds, list) and kind.value in kinds)
        return cls(
            search if isinstance(search, str) else "",
            named or SELECTABLE,
            company if isinstance(company, int) else None,
            group if isinstance(group, int) else None,
            title if isinstance(title, str) else "",
        )

    def to_store(self) -> dict[str, object]:
        stored = {
            "search": self.search,
            "kinds": [kind.value for kind in self.kinds] if self.kinds != SELECTABLE else None,
            "company": self.company,
            "group": self.group,
            "title": self.title,
        }
        return {key: value for key, value in stored.items() if value not in (None, "")}


async def page_of_saved_search(connection: AsyncConnection, saved: SavedSearch, query: EntryQuery) -> EntryPage:
    """The entries that the saved search finds, among them those that `query` searches for."""
    names, titles = words_of(saved.search), words_of(saved.title)
    if saved.company is None and saved.group is None:
        return await page_of_kinds(connection, saved.kinds, query, names, titles)
    dialect = connection.dialect.name
    members = select(MemberRow.entry_id).where(MemberRow.container_id == saved.group)
    return await page_of_few(
        connection,
        and_(
            of_kinds(EntryRow, saved.kinds, dialect),
            EntryRow.organization_id == saved.company if saved.company is not None else true(),
            EntryRow.id.in_(members) if saved.group is not None else true(),
            begin_words(EntryRow.name_words, names, dialect),
            begin_words(EntryRow.title_words, titles, dialect),
        ),
        query,
    )
