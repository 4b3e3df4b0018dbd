"""The source: each address book to choose from, and who is in it."""

from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

from invito.plugins import (
    MOST_OF_ONE_ADDRESS,
    Container,
    ContainerKind,
    ContainerPage,
    ContainerQuery,
    Entry,
    EntryPage,
    EntryQuery,
    Label,
    Source,
    SourceContext,
    UnknownContainer,
    page_of_containers,
    page_of_entries,
)
from invito_carddav.cards import DIRECTORY
from invito_carddav.snapshot import Book, Snapshot

_AS_OF = Label(
    en="As it was at {when}: the server cannot be reached",
    nb="Slik den var {when}: serveren kan ikke nås",
)


class CardDavBooks(Source):
    """Listed from memory. `snapshot` gives what there is, by an instant of `time.monotonic()`."""

    key = "carddav"
    label = Label(en="Address books", nb="Adressebøker")
    container_label = Label(en="Address book", nb="Adressebok")
    all_label = Label(en="All contacts", nb="Alle kontakter")
    directories = frozenset({DIRECTORY})
    offers_all = True
    searches_participants = True

    def __init__(self, snapshot: Callable[[float], Snapshot]) -> None:
        self._snapshot = snapshot

    def containers(self, context: SourceContext, query: ContainerQuery) -> ContainerPage:
        now = self._snapshot(context.deadline)
        boxes = [
            Container(book.id, book.name, ContainerKind.OTHER, _as_of(book, context), len(now.by_book[book.id]))
            for book in now.books.values()
        ]
        return page_of_containers(boxes, query)

    def participants(self, context: SourceContext, query: EntryQuery) -> EntryPage:
        now = self._snapshot(context.deadline)
        if query.container is None:
            return page_of_entries(now.everybody.values(), query)
        if query.container not in now.by_book:
            raise UnknownContainer(query.container)
        return page_of_entries(now.by_book[query.container], query)

    def resolve(self, context: SourceContext, references: Sequence[str]) -> Sequence[Entry | None]:
        everybody = self._snapshot(context.deadline).everybody
        return [everybody.get(reference) for reference in references]

    def find(self, context: SourceContext, addresses: Sequence[str]) -> Sequence[Sequence[Entry]]:
        by_address = self._snapshot(context.deadline).by_address
        return [by_address.get(address, ())[:MOST_OF_ONE_ADDRESS] for address in addresses]


def _as_of(book: Book, context: SourceContext) -> str | None:
    if not book.is_old:
        return None
    when = book.as_of.astimezone(ZoneInfo(context.time_zone))
    return _AS_OF.in_language(context.language).format(when=f"{when:%Y-%m-%d %H:%M}")
