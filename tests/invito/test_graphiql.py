"""GraphiQL as it is served, with a page that stands for the built one: who is shown it, and what browsers are told."""

import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import httpx2
import pytest
from starlette.types import ASGIApp

from invito import graphiql
from invito.asgi import create_app
from invito.services.storage import migrating
from invito.settings import Settings, read_settings

Listening = Callable[[ASGIApp], AbstractAsyncContextManager[str]]

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
ROOT = Path(__file__).parents[2]


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page as it is before Vite has built it, and one of its files."""
    files = tmp_path / "built" / "graphiql"
    files.mkdir(parents=True)
    (files / "index-DnEWNtk1.js").write_text("export {};")
    (files.parent / "index.html").write_bytes((ROOT / "web/graphiql/index.html").read_bytes())
    monkeypatch.setattr(graphiql, "_BUILT", files.parent)


@pytest.fixture
async def settings(tmp_path: Path) -> Settings:
    made = read_settings(
        database_url=f"sqlite:///{tmp_path}/invito.sqlite3", administrators=("</script><b>@x.example",)
    )
    await migrating.upgrade(made.database_url)
    return made


@pytest.fixture
async def demo(settings: Settings, listening: Listening) -> AsyncIterator[httpx2.AsyncClient]:
    async with (
        listening(create_app(settings, demo=True)) as address,
        httpx2.AsyncClient(base_url=address) as client,
    ):
        yield client


def known_of(page: str) -> object:
    """What the page is told of the service."""
    (told,) = re.findall(r'<script type="application/json" id="service">(.*?)</script>', page)
    return json.loads(told)


@pytest.mark.usefixtures("built")
async def test_browsers_are_shown_it_where_programs_ask(demo: httpx2.AsyncClient) -> None:
    shown = await demo.get("/graphql", headers=BROWSER)

    assert shown.status_code == 200
    assert shown.text == (await demo.get("/graphiql")).text
    assert shown.headers["content-type"] == "text/html; charset=utf-8"
    assert shown.headers["vary"] == "Accept"


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize(
    ("path", "accept"),
    [
        ("/graphql?query={viewer{id}}", "text/html"),
        ("/graphql?query=", "text/html"),
        ("/graphql?documentId=sha256:1", "text/html"),
        ("/graphql", "*/*"),
        ("/graphql", "application/json"),
        ("/graphql", "application/graphql-response+json, text/html"),
    ],
)
async def test_programs_are_not_shown_it(demo: httpx2.AsyncClient, path: str, accept: str) -> None:
    answer = await demo.get(path, headers={"Accept": accept})

    assert "json" in answer.headers["content-type"]


@pytest.mark.usefixtures("built")
async def test_what_browsers_post_is_answered(demo: httpx2.AsyncClient) -> None:
    headers = BROWSER | {"X-Invito-Viewer": "kari.nordmann@nordlys.example"}

    answer = await demo.post("/graphql", headers=headers, json={"query": "{ __typename }"})

    assert answer.json()["data"] == {"__typename": "Query"}


@pytest.mark.usefixtures("built")
async def test_a_slash_too_many_leads_to_the_page(demo: httpx2.AsyncClient) -> None:
    answer = await demo.get("/graphiql/")

    assert answer.headers["location"] == "../graphiql"


@pytest.mark.usefixtures("built")
async def test_the_page_of_a_demo_knows_whom_to_ask_as(demo: httpx2.AsyncClient) -> None:
    page = (await demo.get("/graphiql")).text

    assert known_of(page) == {
        "demo": True,
        "viewers": ["kari.nordmann@nordlys.example", "</script><b>@x.example"],
        "timeZone": "Europe/Oslo",
    }
    assert "<b>" not in page


@pytest.mark.usefixtures("built")
async def test_elsewhere_it_knows_nobody(settings: Settings, listening: Listening) -> None:
    async with listening(create_app(settings)) as address, httpx2.AsyncClient(base_url=address) as client:
        page = (await client.get("/graphiql")).text

    assert known_of(page) == {"demo": False, "viewers": [], "timeZone": "Europe/Oslo"}


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize("path", ["/graphiql", "/graphiql/index-DnEWNtk1.js"])
async def test_browsers_are_told_to_load_nothing_from_elsewhere(demo: httpx2.AsyncClient, path: str) -> None:
    headers = (await demo.get(path)).headers

    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy.pop("style-src") == "'self' 'unsafe-inline'"
    assert policy["default-src"] == policy["frame-ancestors"] == "'none'"
    assert set(" ".join(policy.values()).split()) == {"'none'", "'self'", "data:"}
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.usefixtures("built")
async def test_files_are_kept_for_ever_and_the_page_is_not(demo: httpx2.AsyncClient) -> None:
    file, page = await demo.get("/graphiql/index-DnEWNtk1.js"), await demo.get("/graphiql")

    assert file.headers["content-type"].startswith("text/javascript")
    assert "immutable" in file.headers["cache-control"]
    assert page.headers["cache-control"] == "no-cache"


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize("path", ["/graphiql/index-0.js", "/graphiql/..%2findex.html", "/graphiql/%2e%2e/index.html"])
async def test_other_files_are_not_there(demo: httpx2.AsyncClient, path: str) -> None:
    answer = await demo.get(path)

    assert answer.status_code == 404
    assert answer.headers["cache-control"] == "no-store"


async def test_where_it_is_not_built_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings, listening: Listening
) -> None:
    monkeypatch.setattr(graphiql, "_BUILT", tmp_path / "nothing")

    async with listening(create_app(settings)) as address, httpx2.AsyncClient(base_url=address) as client:
        answer = await client.get("/graphql", headers=BROWSER)
        file = await client.get("/graphiql/index-DnEWNtk1.js")

    assert (answer.status_code, file.status_code) == (404, 404)
    assert "`make graphiql`" in answer.text


@pytest.mark.usefixtures("built")
async def test_switched_off_it_is_nowhere(settings: Settings, listening: Listening) -> None:
    off = settings.model_copy(update={"explore": False})

    async with listening(create_app(off)) as address, httpx2.AsyncClient(base_url=address) as client:
        at_endpoint = await client.get("/graphql", headers=BROWSER)
        others = [await client.get(path) for path in ("/graphiql", "/graphiql/", "/graphiql/index-DnEWNtk1.js")]
        start = await client.get("/")

    assert "json" in at_endpoint.headers["content-type"]
    assert [answer.status_code for answer in others] == [404] * 3
    assert "graphiql" not in start.text.lower()
