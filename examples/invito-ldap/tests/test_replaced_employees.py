"""A house whose employees come from a directory of 10,000, after some time in which they were Invito's own."""

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from gql.transport.exceptions import TransportQueryError

from examples.conftest import Houses
from tests.conftest import empty_database
from tests.e2e import dialog_steps
from tests.e2e.conftest import KARI, Server
from tests.e2e.dialog import CONTAINERS, DURING, ENTRIES, SAVE, SHOWN, Dialog, invitee, opened
from tests.e2e.dialog_steps import DialogSource
from tests.ldap_servers import GROUPS, PASSWORD, PEOPLE, READER, Slapd, group, person, running_slapd

ALL = 10_000
PEOPLE_OF_LDAP = DialogSource("ldap", everybody=ALL)
ACCEPT = """mutation ($id: ID!) { respondToInvitation(input: {participantId: $id, status: ACCEPTED}) {
    errors { code } participant { status } } }"""
VIEWER = "{ viewer { employee { reference name } } }"

# They share the servers, which take longer to start than all else.
pytestmark = pytest.mark.xdist_group("employees of a directory")


@dataclass(frozen=True)
class Before:
    """What there was while employees were Invito's own: all of them, and a follow-up with one who is busy twice."""

    employees: list[Any]
    follow_up: str
    invited: str
    gone: str


@dataclass(frozen=True)
class Replaced:
    """The same house with the directory, and what there was before."""

    server: Server
    directory: Slapd
    before: Before

    async def entries(self, search: str, follow_up: str | None = None) -> list[Any]:
        asked = {"source": "ldap", "search": search, "during": DURING, "followUp": follow_up}
        page = (await self.server.ask(ENTRIES, KARI, **asked))["availableParticipants"]
        assert page["warnings"] == []
        nodes: list[Any] = page["nodes"]
        return nodes

    def of_before(self, reference: str) -> tuple[str, str]:
        """The name and address that an employee had."""
        return next((one["name"], one["email"]) for one in self.before.employees if one["reference"] == reference)

    async def member_of_a_project(self) -> tuple[Any, Any]:
        """An employee as a project lists them, and as the directory does."""
        projects = (await self.server.ask(CONTAINERS, key="project"))["participantSource"]["containers"]["nodes"]
        for project in projects:
            members = await self.server.ask(ENTRIES, source="project", container=project["id"])
            for old in members["availableParticipants"]["nodes"]:
                now = [one for one in await self.entries(search=old["name"]) if one["email"] == old["email"]]
                if old["reference"].startswith("employee:") and now and old["email"] != KARI:
                    return old, now[0]
        raise AssertionError("no project has an employee who is in the directory")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def replaced(
    request: pytest.FixtureRequest, houses: Houses, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Replaced]:
    with empty_database(request, tmp_path_factory.mktemp("office")) as url:
        with houses.serve(database_url=url) as server:
            before = asyncio.run(_before(server))
        with (
            running_slapd(_nordlys(before)) as directory,
            houses.serve("invito-ldap", database_url=url, **_settings(directory)) as server,
        ):
            yield Replaced(server, directory, before)


def _settings(directory: Slapd, **otherwise: str) -> dict[str, str]:
    """With time enough to read 10,000 on a machine that does much else."""
    return {
        "INVITO_PLUGIN_CALL_SECONDS": "60",
        "INVITO_LDAP_URL": directory.url,
        "INVITO_LDAP_START_TLS": "false",
        "INVITO_LDAP_BIND_DN": READER,
        "INVITO_LDAP_PASSWORD": PASSWORD,
        "INVITO_LDAP_PEOPLE_BASES": json.dumps([PEOPLE]),
        "INVITO_LDAP_GROUP_BASES": json.dumps([GROUPS]),
    } | otherwise


async def _before(server: Server) -> Before:
    employees = (await server.ask(ENTRIES, source="employees"))["availableParticipants"]["nodes"]
    invited, gone = [one["reference"] for one in employees if one["email"] != KARI][10:12]
    dialog = await opened(server, "Before", invitees=[invitee(invited), invitee(gone)])
    return Before(employees, dialog.id, invited, gone)


def _nordlys(before: Before) -> Iterator[str]:
    """Those of before but for one who has left, and all the others; in groups of which one has everybody of before."""
    stayed = [one for one in before.employees if one["reference"] != before.gone]
    uids = []
    for number, one in enumerate(stayed):
        uids.append(f"e{number}")
        yield person(uids[-1], one["name"], one["email"], title="Rådgiver")
    for number in range(ALL - len(stayed)):
        yield person(f"n{number}", f"Ny Ansatt Ås{number}", f"n{number}@nordlys.example")
    yield group("Alle fra før", *uids)
    for name in ("Salg", "Økonomi", "Støtte og drift"):
        yield group(name, *(f"n{number}" for number in range(len(name), ALL - len(stayed), 40)))


async def test_it_stands_in_their_place(replaced: Replaced) -> None:
    found = await replaced.server.ask("{ participantSources { key label(language: NB) } }")

    assert next((one["key"], one["label"]) for one in found["participantSources"]) == ("ldap", "Medarbeidere")
    assert "employees" not in [one["key"] for one in found["participantSources"]]


async def test_all_ten_thousand_are_listed(replaced: Replaced) -> None:
    await dialog_steps.all_are_listed_where_all_is_offered(replaced.server, PEOPLE_OF_LDAP)


async def test_a_list_box_is_searched_by_prefixes_of_words(replaced: Replaced) -> None:
    await dialog_steps.containers_are_found_by_prefixes_of_words(replaced.server, PEOPLE_OF_LDAP)


async def test_an_entry_is_found_in_its_list_and_in_the_one_search_box(replaced: Replaced) -> None:
    await dialog_steps.an_entry_is_found_in_its_list_and_in_the_one_search_box(replaced.server, PEOPLE_OF_LDAP)


async def test_the_dialog_from_choosing_to_cancelling(replaced: Replaced) -> None:
    await dialog_steps.the_dialog_goes_from_choosing_to_cancelling(replaced.server, PEOPLE_OF_LDAP)


async def test_an_invitation_goes_out_by_mail(replaced: Replaced) -> None:
    await dialog_steps.an_invitation_goes_out_by_mail(replaced.server, PEOPLE_OF_LDAP)


async def test_a_typed_address_becomes_the_entry_that_has_it(replaced: Replaced) -> None:
    await dialog_steps.a_typed_address_becomes_the_entry_that_has_it(replaced.server, PEOPLE_OF_LDAP)


async def test_open_overviews_are_taken_in(replaced: Replaced) -> None:
    await dialog_steps.open_overviews_are_taken_in(replaced.server, PEOPLE_OF_LDAP)


async def test_who_was_invited_before_is_invited_and_busy_still_and_stands_there_once(replaced: Replaced) -> None:
    name, address = replaced.of_before(replaced.before.invited)

    entries = await replaced.entries(search=name, follow_up=replaced.before.follow_up)
    elsewhere = await replaced.entries(search=name)

    (invited,) = (one for one in entries if one["email"] == address)
    (busy,) = (one for one in elsewhere if one["email"] == address)
    assert invited["reference"].startswith("ldap:")
    assert invited["isInvited"]
    assert busy["availability"]["state"] == "BUSY"


async def test_inviting_them_again_by_any_reference_adds_nobody(replaced: Replaced) -> None:
    name, address = replaced.of_before(replaced.before.invited)
    (now,) = (one for one in await replaced.entries(search=name) if one["email"] == address)
    dialog = Dialog(replaced.server, replaced.before.follow_up)
    before = [one["id"] for one in await dialog.invitees()]

    for reference in (now["reference"], replaced.before.invited):
        await replaced.server.ask(SAVE, input={"followUpId": dialog.id, "changes": {"add": [invitee(reference)]}})

    assert [one["id"] for one in await dialog.invitees()] == before


async def test_a_new_follow_up_has_a_conflict_with_that_of_before(replaced: Replaced) -> None:
    dialog = await opened(replaced.server, "After", start=DURING["start"], invitees=[invitee(replaced.before.invited)])

    (row,) = await dialog.invitees()
    assert row["reference"].startswith("ldap:")
    assert row["hasConflict"]


async def test_a_member_of_a_project_and_of_the_directory_is_one(replaced: Replaced) -> None:
    """Other sources list employees by their references of before."""
    old, now = await replaced.member_of_a_project()
    dialog = await opened(replaced.server, "Project", invitees=[invitee(old["reference"])])

    await replaced.server.ask(SAVE, input={"followUpId": dialog.id, "changes": {"add": [invitee(now["reference"])]}})

    (row,) = await dialog.invitees()
    assert row["name"] == now["name"]


async def test_they_know_themselves_and_answer_what_they_were_invited_to_before(replaced: Replaced) -> None:
    _, address = replaced.of_before(replaced.before.invited)

    viewer = (await replaced.server.ask(VIEWER, address))["viewer"]
    shown = (await replaced.server.ask(SHOWN, address, id=replaced.before.follow_up))["followUp"]
    own = next(one for one in shown["participants"]["nodes"] if one["role"] != "OWNER")
    answered = await replaced.server.ask(ACCEPT, address, id=own["id"])

    assert viewer["employee"]["reference"].startswith("ldap:")
    assert answered["respondToInvitation"] == {"errors": [], "participant": {"status": "ACCEPTED"}}


async def test_who_has_left_keeps_their_name_and_is_found_nowhere(replaced: Replaced) -> None:
    name, address = replaced.of_before(replaced.before.gone)

    rows = await Dialog(replaced.server, replaced.before.follow_up).invitees()
    listed = await replaced.entries(search=name)
    viewer = (await replaced.server.ask(VIEWER, address))["viewer"]

    assert name in [one["name"] for one in rows]
    assert address not in [one["email"] for one in listed]
    assert viewer["employee"] is None


async def test_monitoring_is_told_that_people_are_as_the_directory_has_them(replaced: Replaced) -> None:
    assert await asyncio.to_thread(health, replaced.server) == (200, "current", None)


async def test_a_directory_that_comes_after_the_house_is_read_then(houses: Houses) -> None:
    with running_slapd([person("kari", "Kari Nordmann", KARI)]) as directory:
        directory.stop()
        settings = _settings(directory, INVITO_LDAP_REFRESH_SECONDS="0.2")
        with houses.serve("invito-ldap", **settings) as server:
            with pytest.raises(TransportQueryError, match=r"Employees.*DirectoryAway"):
                await server.ask(VIEWER)
            assert await asyncio.to_thread(health, server) == (503, "unread", "DirectoryAway")

            directory.start()

            assert (await until_known(server))["name"] == "Kari Nordmann"


async def test_a_wrong_password_is_told_and_stands_in_no_log(houses: Houses) -> None:
    with running_slapd([person("kari", "Kari Nordmann", KARI)]) as directory:
        settings = _settings(directory, INVITO_LDAP_PASSWORD="canary-5151")
        with houses.serve("invito-ldap", **settings) as server:
            with pytest.raises(TransportQueryError, match="BindRefused"):
                await server.ask(VIEWER)
            assert await asyncio.to_thread(health, server) == (503, "unread", "BindRefused")

    log = houses.log.read_text()
    assert "try them with ldapwhoami" in log
    assert "canary-5151" not in log


def health(server: Server) -> tuple[int, str, str | None]:
    """What /plugins/ldap/health says: the code, the status, and the problem."""
    try:
        with urllib.request.urlopen(server.url.replace("graphql", "plugins/ldap/health")) as answer:
            said, code = json.load(answer), answer.status
    except urllib.error.HTTPError as refused:
        said, code = json.load(refused), refused.code
    return code, said["status"], said["problem"]


async def until_known(server: Server) -> Any:
    """The viewer, once somebody knows them."""
    async with asyncio.timeout(60):
        while True:
            try:
                return (await server.ask(VIEWER))["viewer"]["employee"]
            except TransportQueryError:
                await asyncio.sleep(0.1)  # between two looks; the house asks for the directory by itself
