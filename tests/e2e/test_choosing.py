"""What is offered for choosing: letters, who is available at all, and who counts as busy (F6, F7, F9, F11)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.conftest import KARI
from tests.e2e.dialog import CONTAINERS, CREATE, DURING, ENTRIES, TOGGLE_STATUS, invitee, opened

if TYPE_CHECKING:
    from tests.e2e.conftest import Server

ADMIN = "admin@nordlys.example"
SET_AVAILABLE = """mutation ($reference: ID!, $yes: Boolean!) {
    setAvailableAsParticipant(input: {participant: {reference: $reference}, isAvailable: $yes}) {
        errors { code } participant { isAvailableAsParticipant } } }"""
SWITCH = """mutation ($key: String!, $yes: Boolean!) {
    updateParticipantSource(input: {key: $key, isEnabled: $yes}) { errors { code } } }"""
SEARCH = """query ($search: String!, $during: TimeSpanInput) { searchParticipants(
    search: $search, during: $during, first: 500) { nodes { reference name kind availability { state } } } }"""


async def containers(server: Server, source: str, search: str | None = None) -> list[Any]:
    found = await server.ask(CONTAINERS, key=source, search=search)
    nodes: list[Any] = found["participantSource"]["containers"]["nodes"]
    return nodes


async def entries(server: Server, source: str, **asked: object) -> list[Any]:
    found = await server.ask(ENTRIES, KARI, source=source, **asked)
    nodes: list[Any] = found["availableParticipants"]["nodes"]
    return nodes


@pytest.mark.parametrize(
    ("source", "typed", "name"),
    [
        ("employees", "økon", "Økonomi"),
        ("company_person", "ÆRØ", "Ærø Bygg AS"),
        ("project", "opplæ", "Opplæring"),
        ("selection", "omegn ØDE", "Ødegård og omegn"),
        ("selection", "på aa", "Alle på Å"),
        ("resource", "møte", "Møterom"),
    ],
)
async def test_a_list_box_finds_norwegian_letters(office: Server, source: str, typed: str, name: str) -> None:
    names = [one["name"] for one in await containers(office, source, typed)]

    assert any(one.startswith(name) for one in names)


@pytest.mark.parametrize(
    ("source", "typed"), [("employees", "okon"), ("company_person", "aero"), ("selection", "ode"), ("resource", "mote")]
)
async def test_other_letters_do_not_find_them(office: Server, source: str, typed: str) -> None:
    names = [one["name"].casefold() for one in await containers(office, source, typed)]

    assert not [one for one in names if any(letter in one for letter in ("økon", "ærø", "øde", "møte"))]


async def test_somebody_an_administrator_took_out_is_nowhere_and_cannot_be_invited(office: Server) -> None:
    reference = (await entries(office, "employees"))[50]["reference"]
    given = {"type": "TASK", "title": "Hidden", "start": DURING["start"], "invitees": [invitee(reference)]}

    done = await office.ask(SET_AVAILABLE, ADMIN, reference=reference, yes=False)
    try:
        listed = await entries(office, "employees")
        refused = (await office.ask(CREATE, input=given))["createFollowUp"]
    finally:
        await office.ask(SET_AVAILABLE, ADMIN, reference=reference, yes=True)

    assert done["setAvailableAsParticipant"] == {"errors": [], "participant": {"isAvailableAsParticipant": False}}
    assert reference not in [one["reference"] for one in listed]
    assert refused == {
        "followUp": None,
        "errors": [{"code": "NOT_AVAILABLE", "path": ["invitees", "0", "participant", "reference"]}],
    }
    assert reference in [one["reference"] for one in await entries(office, "employees")]


async def test_a_source_that_is_switched_off_is_not_offered_and_its_entries_are_in_others(office: Server) -> None:
    project = (await containers(office, "project"))[0]["id"]
    before = await entries(office, "project", container=project)

    await office.ask(SWITCH, ADMIN, key="employees", yes=False)
    try:
        offered = await office.ask("{ participantSources { key } }")
        during = await entries(office, "project", container=project)
        employee = next(one["reference"] for one in during if one["kind"] == "EMPLOYEE")
        invited = await opened(office, "From a project", invitees=[invitee(employee)])
    finally:
        await office.ask(SWITCH, ADMIN, key="employees", yes=True)

    assert "employees" not in [one["key"] for one in offered["participantSources"]]
    assert during == before
    assert [one["reference"] for one in await invited.invitees()] == [employee]


async def test_back_to_back_is_no_conflict_and_one_moment_is(office: Server) -> None:
    reference = (await entries(office, "employees"))[60]["reference"]
    await opened(office, "Ten to eleven", invitees=[invitee(reference)])

    async def state(start: str, end: str) -> str:
        asked = {"start": f"2031-03-03T{start}+01:00", "end": f"2031-03-03T{end}+01:00"}
        found = await entries(office, "employees", during=asked)
        return next(str(one["availability"]["state"]) for one in found if one["reference"] == reference)

    assert await state("09:00:00", "10:00:00") == "FREE"
    assert await state("11:00:00", "12:00:00") == "FREE"
    assert await state("10:59:59", "12:00:00") == "BUSY"
    assert await state("09:00:00", "10:00:01") == "BUSY"


async def test_who_declined_is_free(office: Server) -> None:
    reference = (await entries(office, "employees"))[61]["reference"]
    dialog = await opened(office, "Declined", invitees=[invitee(reference)])
    (row,) = await dialog.invitees()

    for _ in range(2):
        await office.ask(TOGGLE_STATUS, id=row["id"])
    another = await opened(office, "At the same time", invitees=[invitee(reference)])

    assert [one["hasConflict"] for one in await another.invitees()] == [False]
    assert [one["hasConflict"] for one in await dialog.invitees()] == [False]


async def test_one_search_goes_over_all_sources_and_takes_an_address(office: Server) -> None:
    by_name = (await office.ask(SEARCH, search="ø", during=DURING))["searchParticipants"]["nodes"]
    by_address = (await office.ask(SEARCH, search=KARI))["searchParticipants"]["nodes"]
    unknown = (await office.ask(SEARCH, search="nobody.yet@elsewhere.example"))["searchParticipants"]["nodes"]

    assert {one["kind"] for one in by_name} >= {"EMPLOYEE", "PERSON", "COMPANY"}
    assert {one["availability"]["state"] for one in by_name if one["kind"] in ("PERSON", "COMPANY")} == {"UNKNOWN"}
    assert [one["name"] for one in by_address] == ["Kari Nordmann"]
    assert [one["kind"] for one in unknown] == ["EMAIL"]
