"""Finding the address books, and bringing what is known of each up to date (RFC 6352, RFC 6578)."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from httpx2 import URL
from invito_dav import CALENDAR_SERVER, CARDDAV, DAV, DavFailure, DavServer, Resource

from invito.plugins import MOST_IN_NAME, clean_text
from invito_carddav.cards import read_card
from invito_carddav.changes import Changes, changes_since, fetched, listed
from invito_carddav.snapshot import Book, KeptCard, Snapshot, snapshot_of

_BOOKS = """<?xml version="1.0" encoding="utf-8"?>
<propfind xmlns="DAV:" xmlns:A="urn:ietf:params:xml:ns:carddav" xmlns:S="http://calendarserver.org/ns/"><prop>
<resourcetype/><displayname/><sync-token/><S:getctag/><supported-report-set/>
<A:addressbook-home-set/><current-user-principal/></prop></propfind>"""
_MOST_STEPS = 4
_MOST_BOOKS = 200


@dataclass(frozen=True, slots=True)
class _Found:
    """An address book that is there now."""

    url: URL
    name: str
    state: str | None
    can_sync: bool


class AddressBooks:
    """Those of one server. `now` says what time it is."""

    def __init__(self, server: DavServer, logger: Any, now: Callable[[], datetime]) -> None:
        self._server, self._logger, self._now = server, logger, now
        # Where the books were found, and how: an address and a depth.
        self._place: tuple[URL, str] | None = None

    async def refreshed(self, before: Snapshot) -> Snapshot:
        """What is there now. A book that cannot be asked is as it was before.

        :raises DavFailure: it cannot even be asked which books there are.
        """
        now = self._now()
        books = []
        for found in await self._found():
            known = before.books.get(found.url.path)
            try:
                books.append(await self._brought_up_to_date(found, known, now))
            except DavFailure as problem:
                self._logger.warning("address book cannot be read", book=found.name, problem=str(problem))
                if known is not None:
                    books.append(replace(known, is_old=True))
        return snapshot_of(books)

    async def _found(self) -> list[_Found]:
        place, self._place = self._place, None
        if place is None:
            place = await self._sought()
        url, depth = place
        answer = await self._server.multistatus("PROPFIND", url, _BOOKS, depth)
        books = [self._book(one) for one in answer.resources if _is_book(one)]
        self._place = place
        return books[:_MOST_BOOKS]

    async def _sought(self) -> tuple[URL, str]:
        """From the address that was given, by way of the principal and its home, as far as needed (RFC 6764)."""
        url = self._server.url
        for _ in range(_MOST_STEPS):
            own = (await self._server.multistatus("PROPFIND", url, _BOOKS)).resources
            if any(map(_is_book, own)):
                return url, "0"
            below = await self._server.multistatus("PROPFIND", url, _BOOKS, "1")
            if any(map(_is_book, below.resources)):
                return url, "1"
            ways = (one.href_in(name) for name in _WAYS for one in own)
            onward = next((self._server.at(href) for href in ways if href), url)
            if onward == url:
                break
            url = onward
        raise DavFailure("has no address book at the address that was given")

    def _book(self, resource: Resource) -> _Found:
        url = self._server.at(resource.href)
        step = url.path.rstrip("/").rpartition("/")[2]
        names = (clean_text(one, MOST_IN_NAME) for one in (resource.text(f"{DAV}displayname"), step, url.host))
        state = resource.text(f"{DAV}sync-token") or resource.text(f"{CALENDAR_SERVER}getctag")
        can_sync = f"{DAV}sync-collection" in resource.names_in(f"{DAV}supported-report-set")
        return _Found(url, next(filter(None, names)), state or None, can_sync)

    async def _brought_up_to_date(self, found: _Found, known: Book | None, now: datetime) -> Book:
        book = replace(known or Book(found.url.path, found.name, now), name=found.name, as_of=now, is_old=False)
        if known is not None and found.state is not None and found.state == known.state:
            return book
        changes = await self._changes(found, book)
        gone = book.cards.keys() - changes.etags.keys() if changes.are_all else changes.gone
        kept = {path: card for path, card in book.cards.items() if path not in gone}
        wanted = [
            path for path, etag in changes.etags.items() if not etag or path not in kept or kept[path].etag != etag
        ]
        answers = await fetched(self._server, found.url, {one: changes.urls[one] for one in wanted})
        kept = {path: card for path, card in kept.items() if path not in answers.gone}
        kept |= self._read(found.name, answers.cards)
        not_given = len(set(wanted).difference(answers.cards, answers.gone))
        if not_given:
            # As before, from where they are asked for again.
            self._logger.warning("cards were not given, and are asked for again", book=found.name, count=not_given)
            return replace(book, cards=kept)
        return replace(book, state=found.state, token=changes.token, cards=kept)

    async def _changes(self, found: _Found, book: Book) -> Changes:
        """By synchronization where the server can, else by comparing all ETags.

        A server may forget what it named by a token, and then is asked for everything.
        """
        if found.can_sync:
            for token in dict.fromkeys((book.token, None)):
                try:
                    return await changes_since(self._server, found.url, token)
                except DavFailure as problem:
                    if problem.status is None or problem.status // 100 != 4:
                        raise
        return await listed(self._server, found.url)

    def _read(self, name: str, texts: Mapping[str, tuple[str, str]]) -> dict[str, KeptCard]:
        cards = {}
        reasons: Counter[str] = Counter()
        for path, (etag, text) in texts.items():
            card = read_card(text, path)
            if isinstance(card, str):
                reasons[card] += 1
            cards[path] = KeptCard(etag, None if isinstance(card, str) else card)
        if texts:
            self._logger.info("address book is read", book=name, cards=len(texts))
        if reasons:
            self._logger.warning("cards are left out", book=name, reasons=dict(reasons))
        return cards


_WAYS = (f"{CARDDAV}addressbook-home-set", f"{DAV}current-user-principal")


def _is_book(resource: Resource) -> bool:
    return f"{CARDDAV}addressbook" in resource.names_in(f"{DAV}resourcetype")
