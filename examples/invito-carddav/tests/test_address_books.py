"""Address books of servers that others wrote: what changes there changes here, and nothing else is fetched."""

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import structlog
from card_servers import CardServer, card, radicale, xandikos
from httpx2 import URL
from invito_carddav import CardDavBooks
from invito_carddav.books import AddressBooks
from invito_carddav.snapshot import Snapshot
from invito_dav import CARDDAV, DavFailure, DavServer, DavSettings, Multistatus, Resource
from structlog.testing import capture_logs

from invito.plugins.testing import Facts, SourceContract
from invito.plugins.testing.source_contract import RunOnLoop

NOW = datetime(2026, 12, 1, 10, tzinfo=UTC)
PEOPLE = {
    "kari": card("kari", "Kari Nordmann", "EMAIL:Kari@nordlys.example", version="3.0"),
    "aase": card("aase", "Åse Ørjasæter", "EMAIL:aase@fjord.example"),
    "ola": card("ola", "Ola Ås"),
    "odea": card("odea", "Siobhán O'Dea"),
}


class Recording(DavServer):
    """Keeps what it was asked for; one that `knows_no_sync` refuses to synchronize."""

    knows_no_sync = False
    refuses = ""
    # A card, and what the server answers in its place.
    withholds: tuple[str, Resource] | None = None

    def __init__(self, url: str, user: str = "siri") -> None:
        super().__init__(url, DavSettings(user=user), seconds=20)
        self.asked: list[str] = []

    async def multistatus(
        self, method: str, url: URL, body: str, depth: str = "0", headers: Mapping[str, str] | None = None
    ) -> Multistatus:
        names = ("sync-collection", "addressbook-multiget", "propfind")
        asked = next(name for name in names if name in body)
        self.asked.append(f"{asked} {url.path}" if asked != "addressbook-multiget" else f"{body.count('<href>')} cards")
        if self.knows_no_sync and asked == "sync-collection":
            raise DavFailure("answered REPORT with 403", 403)
        if self.refuses and self.refuses in url.path:
            raise DavFailure("answered with 500", 500)
        answer = await super().multistatus(method, url, body, depth, headers)
        if self.withholds is None or asked != "addressbook-multiget":
            return answer
        name, instead = self.withholds
        given = [replace(instead, href=one.href) if name in one.href else one for one in answer.resources]
        return replace(answer, resources=tuple(given))


@pytest.fixture(scope="module", params=[radicale, xandikos])
def peer(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CardServer]:
    with request.param(tmp_path_factory.mktemp("cards")) as there:
        yield there


@pytest.fixture
def people(peer: CardServer) -> CardServer:
    peer.empty()
    for name, text in PEOPLE.items():
        peer.put(name, text)
    return peer


@pytest.fixture
async def server(people: CardServer) -> AsyncIterator[Recording]:
    one = Recording(people.url)
    yield one
    await one.close()


@pytest.fixture
def books(server: Recording) -> AddressBooks:
    return AddressBooks(server, structlog.get_logger(), lambda: NOW)


class Opened:
    """What is listed, brought up to date by hand."""

    def __init__(self, books: AddressBooks) -> None:
        self.books, self.snapshot = books, Snapshot()

    async def refresh(self) -> None:
        self.snapshot = await self.books.refreshed(self.snapshot)


def names_in(snapshot: Snapshot, book: str) -> set[str]:
    return {entry.name for entry in snapshot.by_book[book]}


@pytest.mark.parametrize("at", ["", "home", "book"])
async def test_books_are_found_from_the_server_their_folder_and_themselves(people: CardServer, at: str) -> None:
    server = Recording(people.url.rstrip("/") + {"": "/", "home": people.home, "book": people.book}[at])

    found = await AddressBooks(server, structlog.get_logger(), lambda: NOW).refreshed(Snapshot())
    await server.close()

    assert names_in(found, people.book) == {"Kari Nordmann", "Åse Ørjasæter", "Ola Ås", "Siobhán O'Dea"}


@pytest.mark.parametrize("knows_no_sync", [False, True])
async def test_what_is_new_changed_and_gone_is_so_here_and_nothing_else_is_fetched(
    people: CardServer, server: Recording, books: AddressBooks, knows_no_sync: bool
) -> None:
    server.knows_no_sync = knows_no_sync
    first = await books.refreshed(Snapshot())
    people.take("ola")
    people.put("aase", card("aase", "Åse Ås"))
    people.put("siri", card("siri", "Siri Dahl"))
    server.asked.clear()

    second = await books.refreshed(first)

    assert names_in(second, people.book) == {"Kari Nordmann", "Åse Ås", "Siobhán O'Dea", "Siri Dahl"}
    assert [asked for asked in server.asked if asked.endswith("cards")] == ["2 cards"]


async def test_where_nothing_changed_there_is_one_request(server: Recording, books: AddressBooks) -> None:
    first = await books.refreshed(Snapshot())
    server.asked.clear()

    second = await books.refreshed(first)

    assert second == first
    assert [asked.split()[0] for asked in server.asked] == ["propfind"]


async def test_a_token_that_the_server_forgot_is_no_trouble(
    people: CardServer, server: Recording, books: AddressBooks
) -> None:
    first = await books.refreshed(Snapshot())
    object.__setattr__(first.books[people.book], "token", "http://radicale.org/ns/sync/" + "0" * 64)
    people.put("siri", card("siri", "Siri Dahl"))

    second = await books.refreshed(first)

    assert "Siri Dahl" in names_in(second, people.book)


async def test_a_card_that_cannot_be_read_is_counted_and_spoils_no_other(
    people: CardServer, books: AddressBooks
) -> None:
    people.put("bad", card("bad", "", "NICKNAME:Secret"))

    with capture_logs() as told:
        found = await books.refreshed(Snapshot())

    assert len(found.by_book[people.book]) == len(PEOPLE)
    assert [line["reasons"] for line in told if "reasons" in line] == [{"has no name": 1}]
    assert "Secret" not in str(told)


@pytest.mark.parametrize("knows_no_sync", [False, True])
async def test_a_card_that_is_not_given_stays_as_it_was_and_is_asked_for_again(
    people: CardServer, server: Recording, books: AddressBooks, knows_no_sync: bool
) -> None:
    server.knows_no_sync = knows_no_sync
    first = await books.refreshed(Snapshot())
    people.put("aase", card("aase", "Åse Ås"))
    people.put("siri", card("siri", "Siri Dahl"))
    people.put("eva", card("eva", "Eva Dahl"))
    server.withholds = "siri.vcf", Resource("", 503)
    second = await books.refreshed(first)
    server.withholds = "aase.vcf", Resource("", 503)
    people.put("aase", card("aase", "Åse Bø"))
    third = await books.refreshed(second)
    server.withholds = None
    server.asked.clear()

    fourth = await books.refreshed(third)
    fifth = await books.refreshed(fourth)

    others = {"Kari Nordmann", "Ola Ås", "Siobhán O'Dea", "Eva Dahl"}
    assert names_in(second, people.book) == others | {"Åse Ås"}
    assert names_in(third, people.book) == others | {"Åse Ås", "Siri Dahl"}
    assert names_in(fourth, people.book) == others | {"Åse Bø", "Siri Dahl"}
    assert [asked for asked in server.asked if asked.endswith("cards")] == ["1 cards"]
    assert fifth == fourth


@pytest.mark.parametrize("instead", [Resource("", 404), Resource("", None, {}, {f"{CARDDAV}address-data": 404})])
async def test_a_card_that_is_gone_or_has_no_text_is_not_asked_for_again(
    people: CardServer, server: Recording, books: AddressBooks, instead: Resource
) -> None:
    server.withholds = "aase.vcf", instead
    first = await books.refreshed(Snapshot())
    server.asked.clear()

    second = await books.refreshed(first)

    assert "Åse Ørjasæter" not in names_in(second, people.book)
    assert [asked for asked in server.asked if asked.endswith("cards")] == []


async def test_a_book_that_cannot_be_read_stays_as_it_was_and_says_so(
    people: CardServer, server: Recording, books: AddressBooks
) -> None:
    first = await books.refreshed(Snapshot())
    people.put("siri", card("siri", "Siri Dahl"))
    server.refuses = people.book

    second = await books.refreshed(first)
    server.refuses = ""
    third = await books.refreshed(second)

    assert second.by_book[people.book] == first.by_book[people.book]
    assert second.books[people.book].is_old
    assert "Siri Dahl" in names_in(third, people.book)
    assert not third.books[people.book].is_old


@pytest.mark.parametrize("peer", [radicale], indirect=True, scope="module")
async def test_where_somebody_has_no_book_it_is_said(people: CardServer) -> None:
    server = Recording(people.url, user="ola")

    with pytest.raises(DavFailure, match="no address book"):
        await AddressBooks(server, structlog.get_logger(), lambda: NOW).refreshed(Snapshot())
    await server.close()


@pytest.mark.parametrize("peer", [radicale], indirect=True, scope="module")
class TestCardDavBooks(SourceContract):
    """One test for each promise of the contract."""

    @pytest.fixture
    def opened(self, people: CardServer, invito_loop: RunOnLoop) -> Iterator[Opened]:
        server = Recording(people.url)
        opened = Opened(AddressBooks(server, structlog.get_logger(), lambda: NOW))
        invito_loop(opened.refresh())
        yield opened
        invito_loop(server.close())

    @pytest.fixture
    def invito_source(self, opened: Opened) -> CardDavBooks:
        return CardDavBooks(lambda _: opened.snapshot)

    @pytest.fixture
    def invito_facts(self, people: CardServer, opened: Opened) -> Facts:
        async def add_entry(name: str) -> None:
            people.put(f"added-{len(opened.snapshot.everybody)}", card(name, name))
            await opened.refresh()

        async def add_sharers(address: str, count: int) -> None:
            for number in range(count):
                people.put(f"sharer-{number}", card(f"sharer-{number}", "Sharer", f"EMAIL:{address}"))
            await opened.refresh()

        return Facts("carddav:kari", people.book, "kari@nordlys.example", add_entry=add_entry, add_sharers=add_sharers)
