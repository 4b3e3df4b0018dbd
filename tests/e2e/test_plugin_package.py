"""A plugin's whole life, in a fresh environment with Invito's wheel alone: written, installed, used, taken away."""

import asyncio
import os
import time
from pathlib import Path

import httpx2
import pytest

from invito.plugins import hookspecs
from tests.e2e.conftest import Server
from tests.e2e.dialog import REMOVE
from tests.e2e.environments import ROOT, Environment, fresh_environment, wheel_of

# One environment for all of them: it takes longer to make than they take.
pytestmark = [pytest.mark.timeout(600), pytest.mark.xdist_group("a fresh environment")]
SOURCES = "{ participantSources { key plugin { name version } } }"
GUESTS = '{ availableParticipants(source: "hotel", first: 10) { nodes { reference name } } }'
INVITE = """
mutation {
  createFollowUp(input: {
    type: APPOINTMENT, title: "Middag", start: "2026-12-01T18:00", duration: "PT2H", idempotencyKey: "hotel-1",
    invitees: [{participant: {reference: "hotel:2"}}, {participant: {reference: "hotel:5"}}]
  }) { followUp { id } errors { code message } }
}"""
INVITED = "query ($id: ID!) { followUp(id: $id) { participants { nodes { name } } } }"
WITNESSES = """query ($during: TimeSpanInput) {
  availableParticipants(source: "witness", during: $during, first: 10) {
    nodes { reference title availability { state } } warnings { message } } }"""
INVITE_WITNESS = """mutation { createFollowUp(input: {
    type: APPOINTMENT, title: "Middag", start: "2031-12-01T18:00", duration: "PT2H", emailInvitations: true,
    invitees: [{participant: {reference: "witness:1"}}] }) {
  followUp { id participants { nodes { id role } } } errors { code message } } }"""
DECLINE_FOR = """mutation ($id: ID!) { toggleParticipantStatus(participantId: $id) {
  participant { status } errors { code } } }"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    return fresh_environment(tmp_path_factory.mktemp("fresh"))


def test_a_source_is_written_installed_offered_and_invited_and_its_names_outlive_it(environment: Environment) -> None:
    written = environment.run("-m", "invito", "plugins", "new", "hotel")
    assert written.returncode == 0, written.stderr
    environment.pip("install", "--constraint", ROOT / "constraints.txt", "--editable", "hotel", "pytest")

    tested = environment.run("-m", "pytest", "-p", "no:cacheprovider", cwd=environment.folder / "hotel")
    assert tested.returncode == 0, tested.stdout
    assert "failed" not in tested.stdout

    with environment.serve() as server:
        follow_up = asyncio.run(invite(server))
        assert asyncio.run(names_of_invited(server, follow_up)) == [
            "Kari Nordmann",
            "Åse Ørjasæter",
            "Meeting room 101",
        ]

    environment.pip("uninstall", "--yes", "invito-hotel")
    with environment.serve() as server:
        assert "hotel" not in [one["key"] for one in asyncio.run(server.ask(SOURCES))["participantSources"]]
        assert asyncio.run(names_of_invited(server, follow_up)) == [
            "Kari Nordmann",
            "Åse Ørjasæter",
            "Meeting room 101",
        ]


async def invite(server: Server) -> str:
    """The id of a follow-up that two of the hotel are invited to, as a dialog would: offered, listed, chosen."""
    sources = (await server.ask(SOURCES))["participantSources"]
    assert sources[-1] == {"key": "hotel", "plugin": {"name": "hotel", "version": "0.1.0"}}
    listed = (await server.ask(GUESTS))["availableParticipants"]["nodes"]
    assert {"reference": "hotel:2", "name": "Åse Ørjasæter"} in listed
    created = (await server.ask(INVITE))["createFollowUp"]
    assert created["errors"] == []
    return str(created["followUp"]["id"])


async def names_of_invited(server: Server, follow_up: str) -> list[str]:
    shown = (await server.ask(INVITED, id=follow_up))["followUp"]["participants"]["nodes"]
    return [one["name"] for one in shown]


def test_every_hook_is_called_of_a_plugin_that_is_installed_from_its_wheel(environment: Environment) -> None:
    wheel = wheel_of(Path(__file__).parent / "witness", environment.folder / "witness-dist")
    environment.pip("install", "--no-deps", wheel)
    notes, mail = environment.folder / "notes", environment.folder / "mail.eml"
    settings = {"INVITO_WITNESS_FILE": str(notes), "INVITO_WITNESS_MAILS": str(mail), "INVITO_MAIL_DELAY_SECONDS": "0"}

    with environment.serve(**settings) as server:
        asyncio.run(meet_the_witness(server, notes))
        name = httpx2.get(server.url.replace("/graphql", "/plugins/witness/name")).text
    said = environment.run("-m", "invito", "witness", "name", environment=os.environ | settings)
    environment.pip("uninstall", "--yes", "invito-witness")

    assert (name, said.stdout) == ("Vera Vitne", "Vera Vitne\n")
    assert b"Subject: Seen: " in mail.read_bytes()
    hooks = {name for name in vars(hookspecs) if name.startswith("invito_")}
    assert set(notes.read_text().split()) == hooks


async def meet_the_witness(server: Server, notes: Path) -> None:
    """All that calls a hook: known by a header, listed, invited by mail, answered for, removed."""
    async with httpx2.AsyncClient() as client:
        asked = {"query": "{ witnessViewer }"}
        known = await client.post(server.url, json=asked, headers={"X-Witness": "vera@witness.example"})
    assert known.json()["data"] == {"witnessViewer": "vera@witness.example"}

    during = {"start": "2031-12-01T17:00:00Z", "end": "2031-12-01T19:00:00Z"}
    listed = (await server.ask(WITNESSES, during=during))["availableParticipants"]
    assert listed["nodes"] == [{"reference": "witness:1", "title": "Seen", "availability": {"state": "BUSY"}}]

    made = (await server.ask(INVITE_WITNESS))["createFollowUp"]
    assert made["errors"] == []
    (invited,) = [one["id"] for one in made["followUp"]["participants"]["nodes"] if one["role"] != "OWNER"]
    await asyncio.to_thread(noted, "invito_email_sent", notes)
    answered = (await server.ask(DECLINE_FOR, id=invited))["toggleParticipantStatus"]
    assert answered["errors"] == []
    removed = (await server.ask(REMOVE, id=made["followUp"]["id"], ids=[invited]))["removeParticipants"]
    assert removed["errors"] == []
    await asyncio.to_thread(noted, "invito_participants_removed", notes)


def noted(hook: str, notes: Path) -> None:
    deadline = time.monotonic() + 60
    while hook not in notes.read_text().split():
        assert time.monotonic() < deadline, f"{hook} is not called"
        time.sleep(0.05)  # between two looks; what is waited for is the note
