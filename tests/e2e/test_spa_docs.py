"""docs/spa.md leads from nothing to a list with live status: its files, as they stand there, in a browser."""

from __future__ import annotations

import json
import re
import subprocess
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from tests.conftest import missing
from tests.e2e.browser import browsing, complaints_of
from tests.e2e.conftest import Server, served_at
from tests.free_ports import free_port
from tests.node_programs import ROOT, with_node

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DOCS = (ROOT / "docs/spa.md").read_text(encoding="utf-8")
PACKAGE = ROOT / "tests/e2e/spa"
# Each block starts with its file's name in a comment, and the library in brackets where it is of one alone.
_FILE = re.compile(
    r"```\w+\n(?://|<!--) (?P<name>\S+)(?: \((?P<library>[^)]+)\))?(?: -->)?\n(?P<text>.*?)```", re.DOTALL
)

CREATE = """mutation ($input: CreateFollowUpInput!) { createFollowUp(input: $input) {
    errors { code } followUp { id participants { nodes { id role } } } } }"""
ANSWER = """mutation ($id: ID!, $status: ParticipantStatus!) {
    setParticipantStatus(input: {participantId: $id, status: $status}) { errors { code } } }"""


def page_of_docs(library: str, folder: Path) -> Path:
    """A folder with the files that the docs write for one library, and what they install."""
    if not (PACKAGE / "node_modules").is_dir():
        missing("what docs/spa.md installs is not there: npm ci --prefix tests/e2e/spa")
    for file in _FILE.finditer(DOCS):
        if file["library"] in (None, library):
            (folder / file["name"]).parent.mkdir(parents=True, exist_ok=True)
            (folder / file["name"]).write_text(file["text"], encoding="utf-8")
    (folder / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    # Above it, so that what Vite makes for this page is its own.
    (folder.parent / "node_modules").symlink_to(PACKAGE / "node_modules")
    return folder


def beside(folder: Path, service: str) -> dict[str, str]:
    """The environment in which the docs' programs are found, as npx finds them."""
    environment = with_node()
    path = f"{folder.parent}/node_modules/.bin:{environment['PATH']}"
    return environment | {"PATH": path, "INVITO_URL": service, "NO_COLOR": "1"}


def run(command: str, folder: Path, service: str) -> None:
    environment = beside(folder, service)
    done = subprocess.run(command.split(), env=environment, cwd=folder, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def shown_by_vite(folder: Path, service: str) -> Iterator[str]:
    """The address of the page."""
    command = ["vite", "--port", str(free_port()), "--strictPort"]
    environment = beside(folder, service)
    with subprocess.Popen(command, env=environment, cwd=folder, stdout=subprocess.PIPE, text=True) as vite:
        try:
            assert vite.stdout is not None
            told = iter(vite.stdout.readline, "")
            yield next(found[0] for line in told if (found := re.search(r"http://127\S+", line)))
        finally:
            vite.terminate()


async def invited(office: Server) -> tuple[str, str]:
    """A follow-up of the next weeks, and its invitee."""
    invitees = [{"participant": {"reference": "employee:20"}}]
    start = datetime.now(UTC) + timedelta(hours=1)
    given = {"type": "TASK", "title": "On the page", "start": start.isoformat(), "invitees": invitees}
    made = (await office.ask(CREATE, input=given))["createFollowUp"]
    assert made["errors"] == []
    (invitee,) = [one["id"] for one in made["followUp"]["participants"]["nodes"] if one["role"] != "OWNER"]
    return made["followUp"]["id"], invitee


@pytest.mark.parametrize("library", ["urql", "Apollo Client"])
async def test_the_page_of_the_docs_shows_what_changes_also_across_a_restart(library: str, tmp_path: Path) -> None:
    (tmp_path / "page").mkdir()
    folder = page_of_docs(library, tmp_path / "page")
    database, log, port = f"sqlite:///{tmp_path}/invito.sqlite3", tmp_path / "log", free_port()
    service = f"http://127.0.0.1:{port}"

    with shown_by_vite(folder, service) as address:
        async with browsing() as page:
            with served_at(port, database, log) as office:
                run("graphql-codegen --config codegen.ts", folder, service)
                run("tsc", folder, service)
                follow_up, invitee = await invited(office)
                complaints = complaints_of(page)
                await page.goto(address)
                accepted = page.locator(f'[data-id="{follow_up}"] output')
                await expect(accepted).to_have_text("0 of 1 accepted")

                await office.ask(ANSWER, id=invitee, status="ACCEPTED")
                await expect(accepted).to_have_text("1 of 1 accepted")
                assert complaints == []
                office.kill()

            with served_at(port, database, log) as office:
                await office.ask(ANSWER, id=invitee, status="DECLINED")
                await expect(accepted).to_have_text("0 of 1 accepted")


def test_what_the_docs_install_is_what_the_page_is_tested_with() -> None:
    commands = re.findall(r"npm install --save-exact((?:[^\n\\]|\\\n)*)", DOCS)
    told = {name.removesuffix("@16") for command in commands for name in re.findall(r"[@\w][\w@/.-]*", command)}
    package = json.loads((PACKAGE / "package.json").read_text(encoding="utf-8"))

    assert told - {"save-dev"} == {*package["dependencies"], *package["devDependencies"]}
