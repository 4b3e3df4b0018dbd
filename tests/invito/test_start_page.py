"""The page at /: what it proposes works, and it loads nothing."""

import json
import re
import shlex
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from html import unescape
from pathlib import Path

import httpx2
import pytest
from starlette.types import ASGIApp

from invito.asgi import create_app
from invito.services.storage import migrating
from invito.settings import read_settings
from invito.start_page import EXAMPLES, KARI


@pytest.fixture
async def demo(
    tmp_path: Path, listening: Callable[[ASGIApp], AbstractAsyncContextManager[str]]
) -> AsyncIterator[httpx2.AsyncClient]:
    settings = read_settings(database_url=f"sqlite:///{tmp_path}/invito.sqlite3")
    await migrating.upgrade(settings.database_url)
    async with (
        listening(create_app(settings, demo=True)) as address,
        httpx2.AsyncClient(base_url=address) as client,
    ):
        yield client


async def test_every_command_on_the_page_is_answered_without_errors(demo: httpx2.AsyncClient) -> None:
    page = (await demo.get("/")).text

    commands = [shlex.split(unescape(text)) for text in re.findall(r"<pre>(.*?)</pre>", page, re.DOTALL)]

    assert len(commands) == len(EXAMPLES)
    for command in commands:
        headers = dict(command[at + 1].split(": ", 1) for at, word in enumerate(command) if word == "-H")
        answer = await demo.post(command[2], headers=headers, json=json.loads(command[-1]))
        assert "errors" not in answer.json(), command


async def test_the_page_names_kari_and_this_address(demo: httpx2.AsyncClient) -> None:
    page = (await demo.get("/")).text

    assert KARI in page
    assert f"{demo.base_url}/graphql" in page.replace("//graphql", "/graphql")


async def test_the_page_loads_nothing_from_anywhere(demo: httpx2.AsyncClient) -> None:
    answer = await demo.get("/")

    assert not re.search(r"(?:src|href|@import|url\()", answer.text)
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


async def test_a_forged_host_is_no_markup(demo: httpx2.AsyncClient) -> None:
    answer = await demo.get("/", headers={"Host": "<script>alert(1)</script>"})

    assert "<script>" not in answer.text
