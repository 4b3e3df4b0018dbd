"""GraphiQL in a browser that reaches no host but the service: for those who explore."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import expect

from invito.authentication import sign_token
from invito.graphiql import is_graphiql_built
from invito.settings import read_settings
from tests.conftest import missing
from tests.e2e.browser import browsing, complaints_of
from tests.e2e.conftest import KARI, Server, served

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from playwright.async_api import Page, Response

ROOT = Path(__file__).parents[2]
DIALOG = ROOT / "web" / "graphiql" / "src" / "dialog"
SECRET = "a secret of thirty-two bytes or so"
TOGGLE = "mutation ($id: ID!) { toggleParticipantStatus(participantId: $id) { errors { code } } }"
# What the README shows to be refused.
REFUSED = {"NoEnvelope": ["NO_VALID_EMAIL"], "WhatIsWrong": ["INVALID_INPUT", "INVALID_TIME"]}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The demo office."""
    need_graphiql()
    folder = tmp_path_factory.mktemp("office")
    with served(f"sqlite:///{folder}/invito.sqlite3", folder / "log") as server:
        yield server


@pytest.fixture
async def page(office: Server) -> AsyncIterator[Page]:
    """GraphiQL as a browser shows it that was sent to /graphql."""
    async with browsing() as opened:
        complaints = complaints_of(opened)
        await open_graphiql(opened, office)
        yield opened
        assert complaints == []


def need_graphiql() -> None:
    if not is_graphiql_built():
        missing("GraphiQL is not built (make graphiql)")


async def open_graphiql(page: Page, office: Server) -> None:
    """As somebody does who was sent to /graphql; it has its editors and the schema then."""
    await page.goto(office.url)
    await editors_of(page)
    await page.get_by_role("button", name="Show Documentation Explorer").click()
    await expect(page.get_by_role("link", name="Subscription", exact=True)).to_be_visible()


async def editors_of(page: Page) -> None:
    """Waits until they are there."""
    await expect(page.get_by_label("Operation Editor")).to_contain_text("SelectFrom")
    await expect(page.get_by_label("Result Window").get_by_role("textbox")).to_be_attached()


async def play(page: Page) -> dict[str, Any]:
    """Presses play, and gives the answer."""
    async with page.expect_response(_was_played) as asked:
        await page.get_by_role("button", name="Execute query").click()
    answer: dict[str, Any] = await (await asked.value).json()
    return answer


def _was_played(response: Response) -> bool:
    asked: dict[str, str] = response.request.post_data_json or {}
    return asked.get("operationName", "IntrospectionQuery") != "IntrospectionQuery"


async def choose_tab(page: Page, name: str) -> None:
    await page.get_by_role("tablist").get_by_role("button", name=name, exact=True).click()
    await expect(page.get_by_label("Operation Editor")).to_contain_text(name)


async def test_the_first_tab_runs_by_pressing_play(page: Page) -> None:
    answer = await play(page)

    assert [source["key"] for source in answer["data"]["participantSources"]][:2] == ["employees", "company_person"]
    await expect(page.get_by_label("Result Window")).to_contain_text('"label": "Firma/person"')


async def test_the_docs_show_what_everything_means(page: Page) -> None:
    docs = page.get_by_label("Documentation Explorer", exact=True)

    await docs.get_by_role("link", name="Mutation", exact=True).click()
    await docs.get_by_role("link", name="createFollowUp", exact=True).click()

    await expect(docs).to_contain_text("CreateFollowUpInput!")


async def test_the_tabs_are_the_dialog_from_opening_it_to_the_answers(page: Page, office: Server) -> None:
    names = [_name_of(file) for file in sorted(DIALOG.glob("*.graphql"))]
    refused: dict[str, list[str]] = {}
    answers: dict[str, Any] = {}

    for name in names:
        await choose_tab(page, name)
        if name == "Watch":
            torunn = answers["Save"]["data"]["createFollowUp"]["followUp"]["participants"]["nodes"][2]["id"]
            await _watch(page, office, torunn)
            continue
        answers[name] = answer = await play(page)
        assert "errors" not in answer, name
        (payload,) = answer["data"].values()
        if isinstance(payload, dict) and payload.get("errors"):
            refused[name] = [error["code"] for error in payload["errors"]]

    assert refused == REFUSED
    busy = answers["AvailableEntries"]["data"]["availableParticipants"]["nodes"][2]
    assert (busy["name"], busy["availability"]["state"]) == ("Håkon Johansen", "BUSY")
    assert answers["MoreAndFewer"]["data"]["saveParticipants"]["followUp"]["version"] == 3
    assert answers["Answer"]["data"]["respondToInvitation"]["participant"]["isViewer"] is True
    (told,) = answers["Told"]["data"]["viewer"]["notifications"]["nodes"]
    assert (told["kind"], told["participant"]["name"]) == ("DECLINED", "Håkon Johansen")


def _name_of(file: Path) -> str:
    (name,) = re.findall(r"^(?:query|mutation|subscription) (\w+)", file.read_text(), re.MULTILINE)
    return str(name)


async def _watch(page: Page, office: Server, participant: str) -> None:
    """A subscription shows the present state, and what others change meanwhile."""
    results = page.get_by_label("Result Window")

    await page.get_by_role("button", name="Execute query").click()
    await expect(results).to_contain_text('"accepted": 1')
    await office.ask(TOGGLE, id=participant)
    await expect(results).to_contain_text('"accepted": 2')
    await page.get_by_role("button", name="Stop query").click()


async def test_the_viewer_is_chosen_from_a_list(page: Page) -> None:
    who = page.get_by_label("Ask as")
    await expect(who.locator("option", has_text="Håkon Johansen")).to_have_count(1)

    first = await _asked_as(page)
    await who.select_option("hakon.johansen@nordlys.example")
    then = await _asked_as(page)
    await page.reload()
    await editors_of(page)
    later = await _asked_as(page)

    assert (first, then, later) == (KARI, "hakon.johansen@nordlys.example", "hakon.johansen@nordlys.example")


async def _asked_as(page: Page) -> str | None:
    async with page.expect_response(_was_played) as asked:
        await page.get_by_role("button", name="Execute query").click()
    return await (await asked.value).request.header_value("x-invito-viewer")


async def test_elsewhere_than_in_a_demo_a_token_says_who_asks(tmp_path: Path) -> None:
    need_graphiql()
    settings = {"INVITO_JWT_SECRET": SECRET, "INVITO_JWT_AUDIENCE": "invito", "INVITO_JWT_ISSUER": "tests"}
    settings["INVITO_SECRET_KEYS"] = SECRET
    given = read_settings(jwt_secret=SECRET, jwt_audience="invito", jwt_issuer="tests")
    token = sign_token(given, KARI, is_administrator=False, lifetime=timedelta(minutes=5))
    database, log = f"sqlite:///{tmp_path}/x.sqlite3", tmp_path / "log"

    with served(database, log, "--host=127.0.0.1", **settings) as office:
        async with browsing() as page:
            complaints = complaints_of(page)
            asked: list[str] = []
            page.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
            await page.goto(office.url)
            await editors_of(page)
            await page.get_by_role("button", name="Show Documentation Explorer").click()
            await page.get_by_role("button", name="Execute query").click()
            await expect(page.get_by_label("Result Window")).to_contain_text("Paste one into “Bearer token”")
            asked_without = list(asked)
            await page.get_by_label("Bearer token").fill(token)
            await page.get_by_label("Bearer token").press("Enter")
            await expect(page.get_by_role("link", name="Subscription", exact=True)).to_be_visible()
            answer = await play(page)
            stored = await page.evaluate("JSON.stringify(localStorage)")
            tabs = await page.get_by_role("tablist").get_by_role("button").all_inner_texts()

    assert (asked_without, complaints) == ([], [])
    assert "errors" not in answer
    assert token not in stored
    # Whom the others name may be there, and would be invited.
    assert "OpenDialog" in tabs
    assert "Save" not in tabs


def test_the_page_is_the_same_under_any_path_of_a_proxy() -> None:
    need_graphiql()

    built = ROOT / "invito" / "built" / "graphiql" / "index.html"

    addresses = re.findall(r' (?:src|href)="([^"]*)"', built.read_text())
    assert all(address.startswith(("./graphiql/", "data:")) for address in addresses)


async def test_the_explorer_builds_a_query(page: Page) -> None:
    await page.get_by_role("button", name="New tab").click()
    await page.get_by_role("button", name="Show GraphiQL Explorer").click()
    explorer = page.locator(".graphiql-explorer-root")
    await expect(explorer.get_by_placeholder("Query Name")).to_have_value("MyQuery")

    await explorer.locator(".graphiql-explorer-viewer > [data-field-name=viewer]").click()
    await explorer.locator("[data-field-name=isAdministrator]").click()
    answer = await play(page)

    assert answer["data"] == {"viewer": {"isAdministrator": False}}


async def test_the_explorer_shows_every_tab_without_a_complaint(page: Page) -> None:
    """It can do nothing with a list in the text of an operation, and says so on the console."""
    await page.get_by_role("button", name="Show GraphiQL Explorer").click()

    for name in map(_name_of, sorted(DIALOG.glob("*.graphql"))):
        await choose_tab(page, name)
        shown = page.locator(".graphiql-explorer-root").get_by_placeholder(re.compile("Name$"))
        await expect(shown).to_have_value(name)


async def test_long_lines_are_wrapped_beside_an_open_panel(page: Page) -> None:
    await page.set_viewport_size({"width": 1_280, "height": 800})
    await choose_tab(page, "Save")

    lines = (DIALOG / "06-save.graphql").read_text().split("\n")
    comments = [line for line in lines if line.startswith("#")]
    after = page.get_by_label("Operation Editor").locator(".view-line").nth(len(comments))
    await expect(after).not_to_contain_text("mutation")


async def test_what_is_missing_is_marked_while_it_is_written(page: Page) -> None:
    """The editor's workers are at work, which the policy lets come from this service alone."""
    editor = page.get_by_label("Operation Editor")

    await editor.get_by_text("offersAll").dblclick()
    await page.keyboard.type("offersAl")
    await page.keyboard.press("Escape")

    await expect(editor.locator(".squiggly-error")).to_be_visible()


@pytest.mark.parametrize(
    "attempt",
    [
        "fetch('https://elsewhere.example/')",
        "import('https://elsewhere.example/a.js')",
        "new WebSocket('wss://elsewhere.example/')",
        "new Worker(URL.createObjectURL(new Blob([''])))",
        "document.body.append(Object.assign(new Image(), {src: 'https://elsewhere.example/a.png'}))",
        "document.head.append(Object.assign(document.createElement('script'), {textContent: '1'}))",
    ],
)
async def test_the_policy_lets_the_page_reach_nothing_else(office: Server, attempt: str) -> None:
    async with browsing() as page:
        await open_graphiql(page, office)

        violated = await page.evaluate(
            """(attempt) => new Promise((resolve) => {
                document.addEventListener('securitypolicyviolation', (event) => resolve(event.disposition));
                setTimeout(resolve, 20_000, 'not at all');
                ATTEMPT;
            })""".replace("ATTEMPT", attempt)
        )

    assert violated == "enforce"
