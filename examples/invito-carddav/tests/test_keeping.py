"""A server that goes away and comes back, as the keeper and a running Invito see it."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import structlog
from card_servers import card, radicale
from invito_carddav import CardDavSettings, Keeper
from invito_dav import DavFailure
from structlog.testing import capture_logs

from examples.conftest import Houses
from tests.e2e.conftest import Server
from tests.e2e.mail_peers import until
from tests.free_ports import free_port

OFFERED = """{
    availableParticipants(source: "carddav") { nodes { reference name email organization } warnings { message } }
    participantSource(key: "carddav") { containers { nodes { name description } } } }"""
KARI = card("kari", "Kari Berg", "EMAIL:kari@berg.example", "ORG:Berg AS")
EVA = card("eva", "Eva Dahl", "EMAIL:eva@dahl.example")


def settings_for(url: str) -> CardDavSettings:
    return CardDavSettings(url=url, user="siri", refresh_seconds=0.05, request_seconds=20)


@contextmanager
def kept(settings: CardDavSettings) -> Iterator[Keeper]:
    keeper = Keeper(settings, structlog.get_logger())
    keeper.start()
    yield keeper
    keeper.stop()


def names(keeper: Keeper) -> list[str]:
    return sorted(entry.name for entry in keeper.snapshot(time.monotonic() + 20).everybody.values())


def test_what_was_there_stays_while_the_server_is_away_and_goes_on_when_it_is_back(tmp_path: Path) -> None:
    port = free_port()
    with kept(settings_for(f"http://127.0.0.1:{port}/")) as keeper, capture_logs() as told:
        with radicale(tmp_path, port) as server:
            server.put("kari", KARI)
            until(lambda: is_there(keeper) and names(keeper) == ["Kari Berg"])
        until(lambda: all(book.is_old for book in keeper.snapshot(0).books.values()))
        away = names(keeper)
        with radicale(tmp_path, port) as server:
            server.put("eva", EVA)
            until(lambda: names(keeper) == ["Eva Dahl", "Kari Berg"])
            said = [line["event"] for line in told if line["event"].startswith("server")]

    assert away == ["Kari Berg"]
    assert said[-2:] == ["server cannot be asked: address books stay as they were", "server answers again"]


def test_books_are_old_where_it_takes_too_long_to_hear_what_has_changed(tmp_path: Path) -> None:
    with ExitStack() as up:
        server = up.enter_context(radicale(tmp_path))
        settings = settings_for(f"{server.url}/")
        keeper = up.enter_context(kept(settings))
        server.put("kari", KARI)
        until(lambda: is_there(keeper) and names(keeper) == ["Kari Berg"])
        settings.read_seconds = 0
        until(lambda: all(book.is_old for book in keeper.snapshot(0).books.values()))
        late = names(keeper)
        settings.read_seconds = 60
        until(lambda: not any(book.is_old for book in keeper.snapshot(0).books.values()))

    assert late == ["Kari Berg"]


def is_there(keeper: Keeper) -> bool:
    try:
        return bool(keeper.snapshot(0))
    except DavFailure:
        return False


def test_a_server_that_never_answered_is_a_failure() -> None:
    with (
        kept(settings_for(f"http://127.0.0.1:{free_port()}/")) as keeper,
        pytest.raises(DavFailure, match="could not be asked"),
    ):
        keeper.snapshot(time.monotonic() + 20)


@pytest.mark.parametrize("url", ["http://dav.example/", "dav.example"])
def test_a_server_is_asked_over_tls_alone(houses: Houses, url: str) -> None:
    examples = ("invito-dav", "invito-carddav")
    houses.run("migrate", examples=examples)

    shown = houses.run("plugins", "show", "carddav", examples=examples, INVITO_CARDDAV_URL=url)

    assert "INVITO_CARDDAV_URL: should begin with https://" in " ".join((shown.stdout + shown.stderr).split())


def test_a_card_that_is_written_while_invito_runs_is_offered_and_stays_when_the_server_goes(
    houses: Houses, tmp_path: Path
) -> None:
    with ExitStack() as server_up:
        server = server_up.enter_context(radicale(tmp_path))
        server.put("kari", KARI)
        settings = {
            "INVITO_CARDDAV_URL": f"{server.url}/",
            "INVITO_CARDDAV_USER": "siri",
            "INVITO_CARDDAV_PASSWORD": "secret",
            "INVITO_CARDDAV_REFRESH_SECONDS": "0.2",
        }
        with houses.serve("invito-dav", "invito-carddav", **settings) as house:
            before = offered(house)
            server.put("eva", EVA)
            until(lambda: "Eva Dahl" in offered(house))
            server_up.close()
            until(lambda: "cannot be reached" in str(containers(house)))
            after = offered(house)

    assert before == {"Kari Berg": "carddav:kari kari@berg.example Berg AS"}
    assert after == {**before, "Eva Dahl": "carddav:eva eva@dahl.example None"}


def asked(house: Server) -> dict[str, Any]:
    return asyncio.run(house.ask(OFFERED))


def offered(house: Server) -> dict[str, str]:
    found = asked(house)["availableParticipants"]
    assert found["warnings"] == []
    return {one["name"]: f"{one['reference']} {one['email']} {one['organization']}" for one in found["nodes"]}


def containers(house: Server) -> list[dict[str, str]]:
    return list(asked(house)["participantSource"]["containers"]["nodes"])
