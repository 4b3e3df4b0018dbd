"""Expensive queries: at the limit they are answered, beyond it they are refused before any resolver runs."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.types import ASGIApp

from invito.asgi import create_app
from invito.services.directory.writing import NewEntry, add_entries
from invito.services.storage.database import Database
from invito.services.storage.directory_tables import EntryKind
from invito.services.storage.migrating import upgrade
from invito.settings import read_settings
from tests.invito import recording_plugin

KARI = "kari.nordmann@nordlys.example"
NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
RECORDED = "query ($value: JSON) { recorded(value: $value) }"
Listening = Callable[[ASGIApp], AbstractAsyncContextManager[str]]


@dataclass
class Attacked:
    client: httpx2.AsyncClient

    async def ask(self, query: str, **variables: object) -> Any:
        return await self.send(json.dumps({"query": query, "variables": variables}))

    async def send(self, body: str) -> Any:
        headers = {"X-Invito-Viewer": KARI, "Content-Type": "application/json"}
        return (await self.client.post("/graphql", content=body, headers=headers)).json()

    async def refusal(self, query: str, **variables: object) -> tuple[str, int | None, int | None]:
        """Code, limit and value of what was not carried out."""
        return refusal_of(await self.ask(query, **variables))


def refusal_of(answer: dict[str, Any]) -> tuple[str, int | None, int | None]:
    told = answer["errors"][0]["extensions"]
    return told["code"], told.get("limit"), told.get("value")


@pytest.fixture
async def service(tmp_path: Path, listening: Listening) -> AsyncIterator[Attacked]:
    settings = read_settings(
        database_url=f"sqlite:///{tmp_path}/a.sqlite3",
        plugins=("tests.invito.recording_plugin",),
        budget_cost=1_100,
        budget_seconds=3_600,
    )
    await upgrade(settings.database_url)
    database = Database(settings.database_url)
    async with database.write() as connection:
        await add_entries(connection, [NewEntry(EntryKind.EMPLOYEE, "Kari", KARI)])
    await database.close()
    async with (
        listening(create_app(settings, demo=True)) as address,
        httpx2.AsyncClient(base_url=address, timeout=60) as client,
    ):
        recording_plugin.calls.clear()
        yield Attacked(client)


def fields(number: int) -> str:
    return "{ " + "recorded " * number + "}"


def directives(number: int) -> str:
    """At a place of its own each: a directive stands once at a place."""
    return "{ recorded viewer { " + "id @include(if: true) " * number + "} }"


def aliases(number: int) -> str:
    return "{ " + " ".join(f"a{one}: recorded" for one in range(number)) + " }"


def doubled(number: int) -> str:
    """Fragments of which each spreads the next twice, down to a field that costs one."""
    chain = (f"fragment F{one} on Query {{ ...F{one + 1} ...F{one + 1} }}" for one in range(number))
    return f"{{ ...F0 }} {' '.join(chain)} fragment F{number} on Query {{ recorded }}"


def selections(number: int) -> str:
    """Fields so deep: a follow-up leads to its participants, and back."""
    path = ["followUps(first: 1)", "nodes", *["participants(first: 1)", "nodes", "followUp"] * number][: number - 1]
    return "{ recorded " + " { ".join([*path, "__typename"]) + " }" * number


def inline(number: int) -> str:
    return "{ " + "... { " * (number - 1) + "recorded " + "} " * number


def lists(number: int) -> str:
    return "{ recorded(value: " + "[" * number + "]" * number + ") }"


def objects(number: int) -> str:
    return "{ recorded(value: " + "{a: " * number + "1" + "}" * number + ") }"


@pytest.mark.parametrize(
    "query",
    [fields(500), directives(30), aliases(30), doubled(9), selections(12), inline(50), lists(50), objects(50)],
    ids=["fields", "directives", "aliases", "fragments", "fields within", "inline fragments", "lists", "objects"],
)
async def test_what_is_at_the_limit_is_answered(service: Attacked, query: str) -> None:
    answer = await service.ask(query)

    assert "errors" not in answer
    assert recording_plugin.calls


@pytest.mark.parametrize(
    ("query", "limit", "value"),
    [
        (directives(31), 30, 31),
        ("{ recorded " + "@include(if: true) " * 20_000 + "}", 2_000, 2_001),
        (fields(30_000), 2_000, 2_001),
        (aliases(31), 30, 31),
        (doubled(40), 20_000, 2**40),
        (doubled(60), 50, 51),
        (doubled(10_000), 2_000, 2_001),
        (selections(13), 12, 13),
        (selections(10_000), 2_000, 2_001),
        (inline(51), 50, 51),
        (inline(10_000), 2_000, 2_001),
        (lists(10_000), 2_000, 2_001),
        (objects(10_000), 2_000, 2_001),
    ],
    ids=[
        "a directive more",
        "20,000 directives",
        "30,000 fields",
        "an alias more",
        "fragments doubled 40 times",
        "fragments doubled 60 times",
        "fragments doubled 10,000 times",
        "a field within more",
        "10,000 fields within",
        "an inline fragment more",
        "10,000 inline fragments",
        "10,000 lists",
        "10,000 objects",
    ],
)
async def test_what_is_beyond_is_refused_with_limit_and_value_and_nothing_runs(
    service: Attacked, query: str, limit: int, value: int
) -> None:
    assert await service.refusal(query) == ("LIMIT_EXCEEDED", limit, value)
    assert not recording_plugin.calls


@pytest.mark.parametrize(
    "query",
    [
        "{ recorded ...A } fragment A on Query { ...A }",
        "{ recorded ...A } fragment A on Query { recorded ...B } fragment B on Query { ...A }",
        # Within the 2,000 tokens, where the library is the one that gives up.
        fields(1_990),
        inline(600),
        lists(900),
        objects(450),
        "{ recorded " + "@include(if: true) " * 300 + "}",
    ],
    ids=[
        "of itself",
        "circular",
        "1,990 fields",
        "600 inline",
        "900 lists",
        "450 objects",
        "300 directives at a place",
    ],
)
async def test_what_the_library_refuses_has_a_code_and_nothing_runs(service: Attacked, query: str) -> None:
    answer = await service.ask(query)

    assert refusal_of(answer)[0] in ("INVALID_INPUT", "LIMIT_EXCEEDED")
    assert "data" not in answer
    assert not recording_plugin.calls


async def test_ids_at_the_limit_are_looked_up_and_more_are_refused(service: Attacked) -> None:
    at_the_limit = await service.ask(NODES, ids=["x"] * 500)
    beyond = await service.ask(NODES, ids=["x"] * 501)

    assert at_the_limit["data"] == {"nodes": [None] * 500}
    assert refusal_of(beyond) == ("LIMIT_EXCEEDED", 500, 501)


async def test_ten_thousand_ids_and_a_million_are_refused_and_nothing_runs(service: Attacked) -> None:
    many = await service.refusal(NODES.replace("nodes", "recorded nodes"), ids=["x"] * 10_000)
    body = json.dumps({"query": NODES, "variables": {"ids": ["x"] * 1_000_000}})
    too_large = refusal_of(await service.send(body))

    # Each costs one of what is left of the budget.
    assert many == ("RATE_LIMITED", 1_100, 10_001)
    assert too_large == ("LIMIT_EXCEEDED", 1024 * 1024, len(body))
    assert not recording_plugin.calls


@pytest.mark.parametrize(("depth", "code"), [(100, None), (1_100, "INVALID_INPUT"), (100_000, "INVALID_INPUT")])
async def test_variables_are_nested_as_deep_as_json_is_read(service: Attacked, depth: int, code: str | None) -> None:
    nested = "[" * depth + "]" * depth
    answer = await service.send(f'{{"query": "{RECORDED}", "variables": {{"value": {nested}}}}}')

    assert (refusal_of(answer)[0] if "errors" in answer else None) == code
    assert bool(recording_plugin.calls) == (code is None)


async def test_aliases_use_the_budget_of_as_many_operations_and_the_next_is_refused(service: Attacked) -> None:
    paid = [await service.ask(aliases(25)) for _ in range(44)]
    ran = len(recording_plugin.calls)
    unpaid = await service.refusal(aliases(1))

    assert paid[-1]["extensions"]["cost"]["left"] == 0
    assert unpaid == ("RATE_LIMITED", 1_100, 1_101)
    assert ran == len(recording_plugin.calls) == 1_100
