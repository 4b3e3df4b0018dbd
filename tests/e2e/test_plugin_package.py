"""A plugin's whole life, in a fresh environment with Invito's wheel alone: written, installed, used, taken away."""

import asyncio
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import missing
from tests.e2e.conftest import Server, served

ROOT = Path(__file__).parents[2]
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
NAMES = ["Kari Nordmann", "Åse Ørjasæter", "Meeting room 101"]


class Environment:
    """A virtual environment, and what is run in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        venv.create(folder / "venv", with_pip=True)
        self.python = folder / "venv" / "bin" / "python"

    def run(self, *arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        command = [self.python, *arguments]
        return subprocess.run(command, cwd=cwd or self.folder, capture_output=True, text=True, check=False)

    def pip(self, *arguments: str | Path) -> None:
        done = self.run("-m", "pip", *arguments)
        if done.returncode and any(sign in done.stderr for sign in ("No matching distribution", "ConnectionError")):
            missing(f"pip cannot install: {done.stderr.splitlines()[-1]}")
        assert done.returncode == 0, done.stderr

    def serve(self) -> Any:
        return served(f"sqlite:///{self.folder / 'demo.sqlite3'}", self.folder / "log", python=self.python)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """One with the wheel of Invito alone, and what that needs."""
    folder = tmp_path_factory.mktemp("fresh")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder / "dist")]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    fresh = Environment(folder)
    fresh.pip("install", "--constraint", ROOT / "constraints.txt", next((folder / "dist").glob("*.whl")))
    return fresh


@pytest.mark.timeout(600)
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
