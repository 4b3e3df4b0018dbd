"""Who was read stays while the directory is away, and follows it when it is back."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

import pytest
import structlog
from invito_ldap.errors import DirectoryAway, NobodyThere
from invito_ldap.kept_people import KeptPeople
from invito_ldap.settings import LdapSettings
from invito_ldap.source import LdapPeople

from invito.plugins import Entry, Language, PluginContext, SourceContext
from invito.services.directory import Directory
from invito.services.storage.database import Database
from tests.ldap_servers import person, running_slapd

Settings = Callable[..., LdapSettings]
KARI = person("kari", "Kari Nordmann", "kari@nordlys.example")
OLA = person("ola", "Ola Nordmann", "ola@nordlys.example")


@pytest.fixture
async def people() -> AsyncIterator[KeptPeople]:
    kept = KeptPeople()
    yield kept
    await kept.close()


def context_of(settings: LdapSettings, database: Database) -> PluginContext[LdapSettings]:
    return PluginContext("ldap", settings, structlog.get_logger(), Directory(database))


async def owner_of(people: KeptPeople, address: str) -> Entry | None:
    context = SourceContext(None, Language.EN, "Europe/Oslo", 0.0, None)
    (found,) = await LdapPeople(people).find(context, [address])
    return found[0] if found else None


async def test_a_directory_that_is_away_at_the_start_is_read_when_it_comes(
    people: KeptPeople, settings_for: Settings, database: Database
) -> None:
    with running_slapd([KARI]) as server:
        context = context_of(settings_for(server, refresh_seconds=0.01), database)
        server.stop()
        with pytest.raises(DirectoryAway):
            await people.open(context)

        server.start()
        async with asyncio.timeout(60):
            while people.snapshot is None:  # noqa: ASYNC110  # it tells nobody that it was read
                await asyncio.sleep(0)  # which lets the reading go on
        await people.open(context)

    assert await owner_of(people, "kari@nordlys.example") is not None


async def test_who_was_read_stays_while_the_directory_is_away(
    people: KeptPeople, settings_for: Settings, database: Database
) -> None:
    with running_slapd([KARI, OLA]) as server:
        context = context_of(settings_for(server), database)
        await people.open(context)
        server.stop()

        await people.refresh(context)

    assert isinstance(people.problem, DirectoryAway)
    assert await owner_of(people, "kari@nordlys.example") is not None


async def test_who_is_removed_from_the_directory_is_gone_at_the_next_reading(
    people: KeptPeople, settings_for: Settings, database: Database
) -> None:
    with running_slapd([KARI, OLA]) as server:
        context = context_of(settings_for(server), database)
        await people.open(context)
        ola = await owner_of(people, "ola@nordlys.example")
        assert ola is not None
        server.delete_people("ola")

        await people.refresh(context)

    asked = SourceContext(None, Language.EN, "Europe/Oslo", 0.0, None)
    assert await LdapPeople(people).resolve(asked, [ola.reference]) == [None]
    assert people.problem is None


async def test_a_directory_that_has_nobody_any_more_is_not_believed(
    people: KeptPeople, settings_for: Settings, database: Database
) -> None:
    with running_slapd([KARI]) as server:
        context = context_of(settings_for(server), database)
        await people.open(context)
        server.delete_people("kari")

        await people.refresh(context)

    assert isinstance(people.problem, NobodyThere)
    assert await owner_of(people, "kari@nordlys.example") is not None


async def test_invitos_own_database_that_is_away_changes_nothing(
    people: KeptPeople, settings_for: Settings, database: Database
) -> None:
    with running_slapd([KARI]) as server:
        await people.open(context_of(settings_for(server), database))

        await people.refresh(PluginContext("ldap", settings_for(server), structlog.get_logger(), None))

    assert isinstance(people.problem, TypeError)
    assert await owner_of(people, "kari@nordlys.example") is not None


@contextmanager
def trickling(parts: int = 2_000) -> Iterator[tuple[str, threading.Event]]:
    """A server's URL that answers one byte after the other, and whether somebody hung up before it had done so."""
    is_hung_up, ends = threading.Event(), threading.Event()

    def answer(listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                there, _ = listening.accept()
                with there:
                    drop(there)

    def drop(there: socket.socket) -> None:
        try:
            # A message of 16 MB, so it says.
            there.sendall(b"\x30\x84\x00\xff\xff\xff")
            for _ in range(parts):
                there.sendall(b"\x00")
                ends.wait(0.005)
        except OSError:
            is_hung_up.set()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=answer, args=(listening,), daemon=True)
        thread.start()
        yield f"ldap://127.0.0.1:{listening.getsockname()[1]}", is_hung_up
        ends.set()
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


async def test_a_reading_that_goes_on_and_on_is_given_up_and_the_server_hung_up_on(
    people: KeptPeople, settings_for: Settings, database: Database
) -> None:
    with running_slapd([KARI]) as server, trickling() as (url, is_hung_up):
        await people.open(context_of(settings_for(server), database))
        slow = settings_for(server, url=url, read_seconds=0.3)

        await people.refresh(context_of(slow, database))

        assert await asyncio.to_thread(is_hung_up.wait, 60)
    assert "not all was read within 0.3 seconds" in str(people.problem)
    assert await owner_of(people, "kari@nordlys.example") is not None


async def test_people_are_not_current_where_the_next_reading_is_overdue(
    people: KeptPeople, settings_for: Settings, database: Database
) -> None:
    with running_slapd([KARI]) as server:
        await people.open(context_of(settings_for(server, refresh_seconds=300, read_seconds=120), database))

    read_at = people.present.read_at
    assert people.is_current(read_at + timedelta(seconds=420))
    assert not people.is_current(read_at + timedelta(seconds=421))
