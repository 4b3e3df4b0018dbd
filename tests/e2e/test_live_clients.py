"""What changes reaches pages that stay connected, by the clients of others, and a page misses nothing that it shows."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.conftest import missing
from tests.e2e.conftest import KARI, Server, served_at
from tests.free_ports import free_port
from tests.node_programs import with_node

FOLDER = Path(__file__).parent / "live"
CREATE = """mutation { createFollowUp(input: {type: TASK, title: "Live", start: "2031-01-01T10:00"}) {
    followUp { id } } }"""
RENAME = """mutation ($id: ID!, $title: String!) { updateFollowUp(input: {id: $id, title: $title}) {
    errors { code } } }"""
_PATIENCE_SECONDS = 60


@asynccontextmanager
async def watching(way: str, office: Server, id_: str) -> AsyncIterator[asyncio.StreamReader]:
    """The lines of a page that watches a follow-up, for as long as it lasts."""
    environment = with_node()
    if not (FOLDER / "node_modules").is_dir():
        missing("graphql-ws and graphql-sse are not installed: npm ci --prefix tests/e2e/live")
    page = await asyncio.create_subprocess_exec(
        "node", "watch.mjs", way, office.url, KARI, id_, cwd=FOLDER, env=environment, stdout=asyncio.subprocess.PIPE
    )
    assert page.stdout is not None
    try:
        yield page.stdout
    finally:
        page.terminate()
        await page.wait()


async def shown(page: asyncio.StreamReader) -> str:
    async with asyncio.timeout(_PATIENCE_SECONDS):
        return (await page.readline()).decode().strip()


@pytest.mark.parametrize("way", ["websocket", "events"])
async def test_a_page_connects_anew_by_itself_and_shows_what_changed_meanwhile(way: str, tmp_path: Path) -> None:
    database, log, port = f"sqlite:///{tmp_path}/invito.sqlite3", tmp_path / "log", free_port()
    with served_at(port, database, log) as office:
        id_ = (await office.ask(CREATE))["createFollowUp"]["followUp"]["id"]
        async with watching(way, office, id_) as page:
            seen = [await shown(page)]
            await office.ask(RENAME, id=id_, title="Before")
            seen.append(await shown(page))
            office.kill()
            # Nobody tells the page of this change: the service runs elsewhere.
            with served_at(free_port(), database, log) as elsewhere:
                await elsewhere.ask(RENAME, id=id_, title="While away")
            with served_at(port, database, log) as again:
                seen.append(await shown(page))
                await again.ask(RENAME, id=id_, title="After")
                seen.append(await shown(page))

    assert seen == ["Live", "Before", "While away", "After"]
