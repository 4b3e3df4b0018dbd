"""Backups as docs/operations.md has them, made while a server runs, and restored."""

import os
import re
import shutil
import subprocess
from contextlib import aclosing
from pathlib import Path

import pytest

from tests.conftest import missing
from tests.e2e.conftest import Server, request, served

DOCS = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
BACKUP = {"sqlite": "sqlite3", "postgresql": "pg_dump"}
RESTORE = {"sqlite": "rm -f", "postgresql": "pg_restore"}
INVITE = """
mutation ($title: String!) { createFollowUp(input: {
  type: APPOINTMENT, title: $title, start: "2030-05-14T10:00", emailInvitations: true,
  invitees: [{participant: {email: {address: "siri@kunde.example"}}}]
}) { followUp { id } errors { message } } }
"""
SHOW = "query ($id: ID!) { followUp(id: $id) { title participants { nodes { emailInvitation { delivery } } } } }"
WATCH = SHOW.replace("query", "subscription").replace("followUp(", "followUpChanged(")


async def test_what_was_backed_up_is_there_again_with_the_mails_that_waited(database_url: str, tmp_path: Path) -> None:
    kind = database_url.partition(":")[0]
    log, mails = tmp_path / "log", tmp_path / "mail"

    with served(database_url, log, "--demo", INVITO_MAIL_WORKER="false") as invito:
        kept = await planned(invito, "Kept")
        run(BACKUP[kind], database_url, tmp_path)
        later = await planned(invito, "Later")
    with served(database_url, log, "--demo", INVITO_MAIL_DELAY_SECONDS="0") as invito:
        await sent(invito, kept)
        await sent(invito, later)
    first_time = {file.name for file in mails.iterdir()}
    shutil.rmtree(mails)
    run(RESTORE[kind], database_url, tmp_path)
    with served(database_url, log, "--demo", INVITO_MAIL_DELAY_SECONDS="0") as invito:
        await sent(invito, kept)
        restored = await invito.ask(SHOW, id=kept)
        titles = await invito.ask("{ followUps(first: 50) { nodes { title } } }")

    assert restored["followUp"]["title"] == "Kept"
    assert "Later" not in [one["title"] for one in titles["followUps"]["nodes"]]
    # Files are named after Message-IDs: what went out since the backup goes out again, as it was.
    (again,) = (file.name for file in mails.iterdir())
    assert again in first_time
    assert len(first_time) == 2


async def planned(invito: Server, title: str) -> str:
    created = await invito.ask(INVITE, title=title)
    return str(created["createFollowUp"]["followUp"]["id"])


async def sent(invito: Server, follow_up: str) -> None:
    """Wait until the invitation of this follow-up went out."""
    async with invito.live() as session, aclosing(session.subscribe(request(WATCH, id=follow_up))) as events:
        async for event in events:
            nodes = event["followUpChanged"]["participants"]["nodes"]
            if any(one["emailInvitation"] and one["emailInvitation"]["delivery"] == "SENT" for one in nodes):
                return
    pytest.fail("the mail did not go out")


def run(begins: str, database_url: str, folder: Path) -> None:
    """Carry out the commands of the docs that begin so."""
    program = begins.partition(" ")[0]
    if shutil.which(program) is None:
        missing(f"{program} is not installed")
    (commands,) = (block for block in re.findall(r"```sh\n(.*?)```", DOCS, re.DOTALL) if block.startswith(begins))
    commands = commands.replace("/var/lib/invito", str(folder)).replace("/var/backups", str(folder))
    environment = os.environ | {"INVITO_DATABASE_URL": database_url}

    done = subprocess.run(["sh", "-ec", commands], env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
