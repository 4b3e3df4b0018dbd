"""Who a caller is: the employee who has the verified address, and the language and zone they read in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from invito.plugins import Entry, Label, Language, ParticipantKind, Source, hookimpl
from invito.services.directory import Directory
from invito.services.directory.writing import NewEntry, add_entries
from invito.services.errors import Unanswerable, UnanswerableCode, UserErrorCode
from invito.services.source_desk import SourceDesk
from invito.services.storage.database import Database
from invito.services.storage.directory_tables import EntryKind
from invito.services.viewers import identify

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from invito.plugins import SourceContext
    from tests.services.conftest import Office

IDA = Entry("ldap:7", ParticipantKind.EMPLOYEE, "Ida Vik", "ida@nordlys.example")


class Ldap(Source):
    """Knows Ida; what it does besides when it is asked for addresses, the test says."""

    key, directories = "ldap", frozenset({"ldap"})
    label = container_label = all_label = Label("LDAP", "LDAP")

    def __init__(self, when_asked: Callable[[], None]) -> None:
        self._when_asked = when_asked

    def find(self, context: SourceContext, addresses: Sequence[str]) -> Sequence[Sequence[Entry]]:
        self._when_asked()
        return [[IDA] if address == IDA.email else [] for address in addresses]


class LdapInPlaceOfEmployees(Ldap):
    replaces = "employees"


class LdapBesideEmployees(Ldap):
    lists_employees = True


def bring(office: Office, source: Source) -> None:
    class Plugin:
        @hookimpl
        def invito_participant_sources(self) -> Sequence[Source]:
            return [source]

    office.house.plugins.load([Plugin()])


def fail() -> None:
    raise ConnectionError


async def test_an_employee_is_known_by_their_address_in_any_case(office: Office) -> None:
    caller = await identify(office.house, "KARI@nordlys.example")

    assert caller.employee is not None
    assert caller.references == (office.ref.kari,)
    assert caller.identity.email == "kari@nordlys.example"
    assert not caller.is_administrator


async def test_an_address_that_no_employee_has_is_a_viewer_without_employee(office: Office) -> None:
    for address in ("stranger@elsewhere.example", "per@kunde.example", "hall@nordlys.example"):
        caller = await identify(office.house, address, is_administrator=True)
        assert caller.employee is None
        assert caller.references == ()
        assert caller.is_administrator


async def test_an_address_that_two_employees_have_is_nobodys(office: Office) -> None:
    async with office.house.database.write() as connection:
        await add_entries(connection, [NewEntry(EntryKind.EMPLOYEE, "Kari To", "Kari@Nordlys.example")])

    assert (await identify(office.house, "kari@nordlys.example")).employee is None


async def test_an_employees_own_language_and_zone_go_before_the_headers(office: Office) -> None:
    async with office.house.database.write() as connection:
        liv = NewEntry(EntryKind.EMPLOYEE, "Liv", "liv@nordlys.example", language=Language.NB, time_zone="Asia/Tokyo")
        await add_entries(connection, [liv])

    own = await identify(office.house, "liv@nordlys.example", accept_language="en")
    none = await identify(office.house, "kari@nordlys.example", accept_language="nb")

    assert (own.language, own.time_zone) == (Language.NB, "Asia/Tokyo")
    assert (none.language, none.time_zone) == (Language.NB, "Europe/Oslo")


@pytest.mark.parametrize("kind", [LdapInPlaceOfEmployees, LdapBesideEmployees])
async def test_a_source_that_lists_employees_or_replaces_one_that_does_knows_viewers(
    office: Office, kind: type[Ldap]
) -> None:
    bring(office, kind(lambda: None))

    assert (await identify(office.house, "ida@nordlys.example")).employee == IDA


async def test_a_source_that_lists_no_employees_is_not_asked_who_a_viewer_is(office: Office) -> None:
    asked: list[str] = []
    bring(office, Ldap(lambda: asked.append("ldap")))

    known = await identify(office.house, "kari@nordlys.example")
    stranger = await identify(office.house, "ida@nordlys.example")

    assert known.employee is not None
    assert stranger.employee is None
    assert asked == []


async def test_whom_a_failed_source_may_know_is_no_stranger(office: Office) -> None:
    bring(office, LdapInPlaceOfEmployees(fail))

    with pytest.raises(Unanswerable, match=r"LDAP \(Plugin\): failed \(ConnectionError\)") as problem:
        await identify(office.house, "ida@nordlys.example")

    assert problem.value.code is UserErrorCode.SOURCE_UNAVAILABLE


async def test_whom_one_source_knows_needs_no_other(office: Office) -> None:
    bring(office, LdapBesideEmployees(fail))

    assert (await identify(office.house, "kari@nordlys.example")).employee is not None


async def test_a_database_that_does_not_answer_makes_nobody_a_stranger(office: Office, tmp_path: Path) -> None:
    away = Database(f"sqlite:///{tmp_path / 'without-tables.sqlite3'}")
    desk = SourceDesk(office.house.plugins, Directory(away))

    with pytest.raises(Unanswerable) as problem:
        await identify(replace(office.house, database=away, desk=desk), "kari@nordlys.example")

    assert problem.value.code is UnanswerableCode.INTERNAL
    await away.close()
