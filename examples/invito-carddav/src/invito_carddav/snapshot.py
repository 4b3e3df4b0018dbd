"""What was in the address books when they were last asked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from invito.plugins import Entry
from invito_carddav.cards import Card


@dataclass(frozen=True, slots=True)
class KeptCard:
    """A card of this ETag; without a `card` it is there, and not used."""

    etag: str
    card: Card | None


@dataclass(frozen=True, slots=True)
class Book:
    """An address book as it was at `as_of`; `is_old` since it could not be asked after that.

    `id` is its path, `state` what the server named its contents by, `token` where synchronization goes on from. The
    cards are by their paths.
    """

    id: str
    name: str
    as_of: datetime
    state: str | None = None
    token: str | None = None
    cards: Mapping[str, KeptCard] = field(default_factory=dict)
    is_old: bool = False

    def entries(self) -> Iterable[tuple[Entry, tuple[str, ...]]]:
        for kept in self.cards.values():
            if kept.card is not None and kept.card.entry is not None:
                yield kept.card.entry, kept.card.addresses


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All books by their ids, and everybody in them. Whom several books have is the same in each, as the first says."""

    books: Mapping[str, Book] = field(default_factory=dict)
    by_book: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)
    everybody: Mapping[str, Entry] = field(default_factory=dict)
    by_address: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)


def snapshot_of(books: Iterable[Book]) -> Snapshot:
    ordered = sorted(books, key=lambda book: book.id)
    everybody: dict[str, Entry] = {}
    by_book = {}
    by_address: dict[str, dict[str, Entry]] = {}
    for book in ordered:
        own: dict[str, Entry] = {}
        for entry, addresses in book.entries():
            first = own[entry.reference] = everybody.setdefault(entry.reference, entry)
            for address in addresses:
                by_address.setdefault(address, {})[first.reference] = first
        by_book[book.id] = tuple(own.values())
    found = {address: tuple(owners.values()) for address, owners in by_address.items()}
    return Snapshot({book.id: book for book in ordered}, by_book, everybody, found)
