"""The page at /: what it proposes works, and it loads nothing."""

import asyncio
import json
import os
import re
import shlex
import shutil
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from hashlib import sha256
from html import unescape
from pathlib import Path

import httpx2
import pytest
from starlette.types import ASGIApp

from invito.asgi import create_app
from invito.authentication import sign_token
from invito.demo import load
from invito.services.storage import migrating
from invito.services.storage.database import Database
from invito.settings import read_settings
from invito.start_page import EXAMPLES, KARI
from tests.conftest import missing


@pytest.fixture
async def demo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listening: Callable[[ASGIApp], AbstractAsyncContextManager[str]]
) -> AsyncIterator[httpx2.AsyncClient]:
    settings = read_settings(database_url=f"sqlite:///{tmp_path}/invito.sqlite3").for_demo()
    monkeypatch.chdir(tmp_path)
    await migrating.upgrade(settings.database_url)
    database = Database(settings.database_url)
    await load(database, settings)
    await database.close()
    async with (
        listening(create_app(settings, demo=True)) as address,
        httpx2.AsyncClient(base_url=address) as client,
    ):
        yield client


async def test_every_command_on_the_page_is_answered_without_errors(demo: httpx2.AsyncClient) -> None:
    page = (await demo.get("/")).text

    shown = [unescape(text) for text in re.findall(r"<pre>(.*?)</pre>", page, re.DOTALL)]
    commands = [shlex.split(text) for text in shown if text.startswith("curl")]

    assert len(commands) == len(EXAMPLES)
    assert any("mutation" in command[-1] for command in commands)
    for command in commands:
        headers = dict(command[at + 1].split(": ", 1) for at, word in enumerate(command) if word == "-H")
        answer = await demo.post(command[2], headers=headers, json=json.loads(command[-1]))
        assert "errors" not in answer.json(), command
        assert '"errors":[{' not in answer.text, command


async def test_where_documents_are_trusted_the_page_proposes_those_of_them_that_want_no_variables(
    tmp_path: Path, listening: Callable[[ASGIApp], AbstractAsyncContextManager[str]]
) -> None:
    ready, live = "query Who { viewer { language } }", "subscription Told { notificationReceived { id } }"
    texts = ["query One($id: ID!) { followUp(id: $id) { title } }", ready, live]
    hashes = {sha256(text.encode()).hexdigest(): text for text in texts}
    (tmp_path / "app.json").write_text(json.dumps(hashes))
    database = f"sqlite:///{tmp_path}/invito.sqlite3"
    settings = read_settings(database_url=database, trusted_documents=str(tmp_path)).for_demo()
    await migrating.upgrade(settings.database_url)

    async with listening(create_app(settings, demo=True)) as address, httpx2.AsyncClient(base_url=address) as client:
        page = unescape((await client.get("/")).text)

    _, of_ready, of_live = hashes
    assert re.findall(r"<h2>(.*?)</h2>", page)[:-1] == ["Who", "What arrives, live: leave it running"]
    assert re.findall("sha256:[0-9a-f]+", page) == [f"sha256:{of_ready}", f"sha256:{of_live}"]
    assert "trusted documents alone" in page
    assert "GraphiQL" not in page


async def test_the_mail_to_answer_is_one_of_the_list(demo: httpx2.AsyncClient) -> None:
    page = (await demo.get("/")).text

    title, commands = re.findall(r"<h2>([^<]*)</h2>\n<pre>([^<]*)</pre>", page)[-1]
    assert "the number being that of a REQUEST in the list" in title
    assert "invito mail list --demo" in commands.splitlines()[0]


async def test_what_arrives_is_shown_by_the_command_that_watches(demo: httpx2.AsyncClient) -> None:
    page = unescape((await demo.get("/")).text)
    (shown,) = re.findall(r"<pre>\.venv/bin/python (.*?)</pre>", page, re.DOTALL)
    invite = 'mutation { createFollowUp(input: {type: TASK, title: "Kaffe", start: "2030-05-14T10:00", '
    invite += f'invitees: [{{participant: {{email: {{address: "{KARI}"}}}}}}]}}) {{ errors {{ message }} }} }}'

    shell = await asyncio.create_subprocess_exec(
        "sh", "-c", f"exec {sys.executable} -u {shown}", stdout=asyncio.subprocess.PIPE
    )
    assert shell.stdout is not None
    try:
        assert json.loads(await shell.stdout.readline())["type"] == "connection_ack"
        told = asyncio.create_task(shell.stdout.readline())
        while not told.done():
            await demo.post("/graphql", headers={"X-Invito-Viewer": "admin@nordlys.example"}, json={"query": invite})
            await asyncio.wait([told], timeout=0.1)
        message = json.loads(told.result())["payload"]["data"]["notificationReceived"]
    finally:
        shell.terminate()
        await shell.wait()

    assert message["kind"] == "INVITED"


async def test_outside_a_demo_the_commands_send_the_token_that_the_shell_holds(
    tmp_path: Path, listening: Callable[[ASGIApp], AbstractAsyncContextManager[str]]
) -> None:
    if shutil.which("curl") is None:
        missing("curl is not installed")
    secret = "a secret of thirty-two bytes or so"
    settings = read_settings(database_url=f"sqlite:///{tmp_path}/invito.sqlite3", jwt_secret=secret)
    await migrating.upgrade(settings.database_url)
    token = sign_token(settings, KARI, is_administrator=False, lifetime=timedelta(minutes=5))

    async with listening(create_app(settings)) as address, httpx2.AsyncClient(base_url=address) as client:
        page = (await client.get("/")).text
        first = unescape(re.findall(r"<pre>(.*?)</pre>", page, re.DOTALL)[0])
        shell = await asyncio.create_subprocess_exec(
            "sh", "-c", first, env=os.environ | {"TOKEN": token}, stdout=asyncio.subprocess.PIPE
        )
        answer, _ = await shell.communicate()

    assert "TOKEN=$(invito token E-MAIL)" in page
    assert "errors" not in json.loads(answer)


async def test_the_page_names_kari_and_this_address(demo: httpx2.AsyncClient) -> None:
    page = (await demo.get("/")).text

    assert KARI in page
    assert f"{demo.base_url}/graphql" in page.replace("//graphql", "/graphql")


async def test_the_page_loads_nothing_from_anywhere(demo: httpx2.AsyncClient) -> None:
    answer = await demo.get("/")

    assert not re.search(r"(?:src|href|@import|url\()", answer.text.replace('<a href="graphiql">', ""))
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


async def test_a_forged_host_is_no_markup(demo: httpx2.AsyncClient) -> None:
    answer = await demo.get("/", headers={"Host": "<script>alert(1)</script>"})

    assert "<script>" not in answer.text
