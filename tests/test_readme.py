"""The README's operations are answered as it says, its settings are those of the code, and its source is offered."""

import json
import re
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest
from graphql import DocumentNode, FieldNode, OperationDefinitionNode, parse
from starlette.types import ASGIApp
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from invito.asgi import create_app
from invito.demo import load
from invito.opening import open_house
from invito.result_body import body_of
from invito.schema import Context, build_schema
from invito.services.follow_ups.commands import TypedSpan
from invito.services.house import House
from invito.services.paging import PageAsk
from invito.services.participants.listing import AvailableAsk, available_participants
from invito.services.storage.database import Database
from invito.services.viewers import identify
from invito.settings import Settings
from invito.settings_table import as_markdown

Listening = Callable[[ASGIApp], AbstractAsyncContextManager[str]]

README = Path(__file__).parents[1] / "README.md"
TABS = README.parent / "web" / "graphiql" / "src" / "dialog"
KARI = "kari.nordmann@nordlys.example"
_TRANSPORT = Subprotocol("graphql-transport-ws")
THE_DAY = date(2026, 11, 24)
_OPERATION = re.compile(
    r"```graphql\n(?:# as (?P<viewer>\S+)\n)?(?P<query>.*?)```\n\n```json\n(?P<answer>.*?)```", re.DOTALL
)

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def demo(database: Database, database_url: str) -> AsyncIterator[House]:
    """The demo office as it is on the README's day."""
    settings = Settings(database_url=database_url).for_demo()
    await load(database, settings, THE_DAY)
    async with open_house(settings) as house:
        yield house


async def test_the_operations_are_answered_as_the_readme_says(
    demo: House, database_url: str, listening: Listening
) -> None:
    schema = build_schema()
    operations = list(_OPERATION.finditer(README.read_text()))
    assert len(operations) == README.read_text().count("```graphql")

    for operation in operations:
        caller = await identify(demo, operation["viewer"] or KARI)
        result = await schema.execute(operation["query"], context_value=Context(demo, caller))

        told = {name: part for name, part in body_of(result).items() if name != "extensions"}
        assert told == json.loads(operation["answer"]), operation["query"]

    # It follows what the operations have done.
    (_, messages, _) = re.split(r"<!-- /?websocket.*-->", README.read_text())
    texts = [json.loads(text) for text in re.findall(r"```json\n(.*?)```", messages, re.DOTALL)]
    app = create_app(Settings(database_url=database_url, budget_cost=0).for_demo(), demo=True)
    async with (
        listening(app) as address,
        connect(address.replace("http", "ws") + "/graphql", subprotocols=[_TRANSPORT]) as connection,
    ):
        for sent, answered in zip(texts[::2], texts[1::2], strict=True):
            await connection.send(json.dumps(sent))
            assert json.loads(await connection.recv()) == answered


async def test_the_tabs_of_graphiql_are_the_operations_of_the_readme(database_url: str) -> None:
    told = [parse(operation["query"]) for operation in _OPERATION.finditer(README.read_text())]
    told += [parse(json.loads(text)) for text in re.findall(r'"query": ("subscription .*?")}', README.read_text())]
    tabs = [parse(file.read_text()) for file in TABS.glob("*.graphql")]

    assert sorted(map(_asked, tabs)) == sorted({_asked(document) for document in told})


def _asked(document: DocumentNode) -> str:
    """What it asks for, whatever it is called and whoever it is about."""
    (operation,) = document.definitions
    assert isinstance(operation, OperationDefinitionNode)
    return f"{operation.operation.value} {_fields(operation)}"


def _fields(node: OperationDefinitionNode | FieldNode) -> str:
    selections = node.selection_set.selections if node.selection_set else ()
    fields = [field for field in selections if isinstance(field, FieldNode)]
    return f"{{ {' '.join(f'{field.name.value} {_fields(field)}' for field in fields)} }}" if fields else ""


async def test_the_settings_are_those_of_the_code(database_url: str) -> None:
    assert f"<!-- settings -->\n{as_markdown()}\n<!-- /settings -->" in README.read_text()


async def test_the_source_in_twenty_lines_is_offered(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    hotel = ModuleType("readme_hotel")
    exec(code, hotel.__dict__)
    monkeypatch.setitem(sys.modules, "readme_hotel", hotel)
    settings = Settings(database_url=database_url, plugins=("readme_hotel",)).for_demo()
    await load(database, settings, THE_DAY)

    async with open_house(settings) as house:
        caller = await identify(house, KARI)
        asked = AvailableAsk("hotel", search="room 11", during=TypedSpan("2026-12-01T10:00", "2026-12-01T11:00"))
        page = await available_participants(house, caller, asked, PageAsk(50))

    assert [one.entry.reference for one in page.items] == [f"hotel:{number}" for number in range(110, 120)]
