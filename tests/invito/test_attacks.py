"""Expensive queries: at the limit they are answered, beyond it they are refused before any resolver runs."""

import hashlib
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
from tests.expensive_queries import (
    aliases,
    blank_lines,
    default_ids,
    directives,
    directives_at_a_place,
    doubled,
    fields,
    fields_in_fragments,
    inline,
    lists,
    objects,
    ring,
    selections,
    written_ids,
    wrong_names,
)
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


@pytest.mark.parametrize(
    "query",
    [
        blank_lines(50_000),
        fields(300),
        fields_in_fragments(300),
        directives(30),
        aliases(30),
        doubled(9),
        selections(12),
        inline(50),
        lists(199),
        objects(199),
        written_ids(500),
        default_ids(500),
    ],
    ids=[
        "characters",
        "fields",
        "fields of fragments",
        "directives",
        "aliases",
        "fragments",
        "fields within",
        "inline fragments",
        "lists",
        "objects",
        "ids",
        "ids of a default",
    ],
)
async def test_what_is_at_the_limit_is_answered(service: Attacked, query: str) -> None:
    answer = await service.ask(query)

    assert "errors" not in answer
    assert recording_plugin.calls


@pytest.mark.parametrize(
    ("query", "limit", "value"),
    [
        (blank_lines(50_001), 50_000, 50_001),
        (blank_lines(500_000), 50_000, 500_000),
        (fields(301), 300, 301),
        (fields(1_990), 300, 1_990),
        (fields_in_fragments(310), 300, 310),
        (directives(31), 30, 31),
        (directives_at_a_place(20_000), 50_000, len(directives_at_a_place(20_000))),
        (directives_at_a_place(300), 2_000, 2_001),
        (fields(30_000), 50_000, len(fields(30_000))),
        (fields(2_000), 2_000, 2_001),
        (aliases(31), 30, 31),
        (doubled(40), 20_000, 2**40),
        (doubled(60), 50, 51),
        (doubled(10_000), 50_000, len(doubled(10_000))),
        (selections(13), 12, 13),
        (selections(2_000), 200, 201),
        (inline(51), 50, 51),
        (inline(600), 200, 201),
        (inline(3_000), 200, 201),
        (ring(50), 50, 51),
        (ring(200), 50, 51),
        (lists(200), 200, 201),
        (lists(10_000), 200, 201),
        (objects(200), 200, 201),
        (objects(5_000), 200, 201),
        (written_ids(501), 500, 501),
        (written_ids(1_900), 500, 1_900),
        (default_ids(501), 500, 501),
    ],
    ids=[
        "a character more",
        "500,000 blank lines",
        "a field more",
        "1,990 fields",
        "310 fields of fragments",
        "a directive more",
        "20,000 directives",
        "300 directives",
        "30,000 fields",
        "2,000 fields",
        "an alias more",
        "fragments doubled 40 times",
        "fragments doubled 60 times",
        "fragments doubled 10,000 times",
        "a field within more",
        "2,000 fields within",
        "an inline fragment more",
        "600 inline fragments",
        "3,000 inline fragments",
        "50 circular fragments",
        "200 circular fragments",
        "a list more",
        "10,000 lists",
        "an object more",
        "5,000 objects",
        "an id more",
        "1,900 ids",
        "a default of an id more",
    ],
)
async def test_what_is_beyond_is_refused_with_limit_and_value_and_nothing_runs(
    service: Attacked, query: str, limit: int, value: int
) -> None:
    assert await service.refusal(query) == ("LIMIT_EXCEEDED", limit, value)
    assert not recording_plugin.calls


@pytest.mark.parametrize(
    ("query", "mistakes"),
    [
        (ring(1), 1),
        (ring(49), 1),
        (directives_at_a_place(280), 21),
        (wrong_names(46_000), 21),
    ],
    ids=["a fragment of itself", "49 circular fragments", "280 directives at a place", "100 wrong names"],
)
async def test_what_is_not_valid_is_told_20_times_at_most_and_nothing_runs(
    service: Attacked, query: str, mistakes: int
) -> None:
    answer = await service.ask(query)

    assert {one["extensions"]["code"] for one in answer["errors"]} == {"INVALID_INPUT"}
    assert len(answer["errors"]) == mistakes
    assert "data" not in answer
    assert not recording_plugin.calls


async def test_what_is_sent_to_be_kept_is_bounded_likewise(service: Attacked) -> None:
    query = fields(301)
    named = {"persistedQuery": {"version": 1, "sha256Hash": hashlib.sha256(query.encode()).hexdigest()}}
    refused = await service.send(json.dumps({"query": query, "extensions": named}))
    kept = await service.send(json.dumps({"extensions": named}))

    assert refusal_of(refused) == ("LIMIT_EXCEEDED", 300, 301)
    assert refusal_of(kept)[0] == "PERSISTED_QUERY_NOT_FOUND"


async def test_ids_at_the_limit_are_looked_up_and_more_are_refused(service: Attacked) -> None:
    query = NODES.replace("nodes", "recorded nodes")
    at_the_limit = await service.ask(query, ids=["x"] * 500)
    ran = len(recording_plugin.calls)
    beyond = await service.refusal(query, ids=["x"] * 501)

    assert at_the_limit["data"] == {"recorded": 7, "nodes": [None] * 500}
    assert beyond == ("LIMIT_EXCEEDED", 500, 501)
    assert ran == len(recording_plugin.calls) == 1


async def test_ten_thousand_ids_and_a_million_are_refused_and_nothing_runs(service: Attacked) -> None:
    many = await service.refusal(NODES.replace("nodes", "recorded nodes"), ids=["x"] * 10_000)
    body = json.dumps({"query": NODES, "variables": {"ids": ["x"] * 1_000_000}})
    too_large = refusal_of(await service.send(body))

    assert many == ("LIMIT_EXCEEDED", 500, 10_000)
    assert too_large == ("LIMIT_EXCEEDED", 1024 * 1024, len(body))
    assert not recording_plugin.calls


# The body and its variables are two objects themselves.
@pytest.mark.parametrize(
    ("depth", "refusal"),
    [
        (1_022, None),
        (1_023, ("LIMIT_EXCEEDED", 1_024, 1_025)),
        (1_100, ("LIMIT_EXCEEDED", 1_024, 1_025)),
        (50_000, ("LIMIT_EXCEEDED", 1_024, 1_025)),
    ],
)
async def test_variables_are_nested_as_deep_as_json_is_read(
    service: Attacked, depth: int, refusal: tuple[str, int, int] | None
) -> None:
    nested = "[" * depth + "]" * depth
    answer = await service.send(f'{{"query": "{RECORDED}", "variables": {{"value": {nested}}}}}')

    assert (refusal_of(answer) if "errors" in answer else None) == refusal
    assert bool(recording_plugin.calls) == (refusal is None)


async def test_aliases_use_the_budget_of_as_many_operations_and_the_next_is_refused(service: Attacked) -> None:
    paid = [await service.ask(aliases(25)) for _ in range(44)]
    ran = len(recording_plugin.calls)
    unpaid = await service.refusal(aliases(1))

    assert paid[-1]["extensions"]["cost"]["left"] == 0
    assert unpaid == ("RATE_LIMITED", 1_100, 1_101)
    assert ran == len(recording_plugin.calls) == 1_100
