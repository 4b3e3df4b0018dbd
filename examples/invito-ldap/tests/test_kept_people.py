"""Who was read stays while the directory is away, and follows it when it is back."""

import asyncio
from collections.abc import AsyncIterator, Callable

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
