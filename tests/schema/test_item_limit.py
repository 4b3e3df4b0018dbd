"""An operation asks for no more items, and no deeper, than the service can answer without harm to others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from invito.schema import build_schema

if TYPE_CHECKING:
    from tests.schema.conftest import Office

# Nothing here depends on which database it is.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

BY_VARIABLE = "query ($n: Int = 500) { followUps(first: $n) { nodes { participants(first: $n) { totalCount } } } }"
TWICE = """{ a: followUps(first: 450) { ...page } b: followUps(first: 450) { ...page } }
    fragment page on FollowUpConnection {
        edges { node { ... on FollowUp { participants(first: 149) { nodes { name } } } } } }"""
NODES_AND_EDGES = """{ followUps(first: 500) {
    nodes { participants(first: 100) { nodes { id } } }
    edges { node { participants(first: 100) { nodes { id } } } } } }"""
WITHIN = "followUp { participants(first: 500) { nodes { %s } } }"


@pytest.mark.parametrize(
    ("query", "items"),
    [
        ("{ followUps(first: 500) { nodes { participants(first: 200) { nodes { name } } } } }", 500 * 201),
        ("{ followUps(first: 500) { nodes { participants(first: 500) { nodes { %s } } } } }" % (WITHIN % "name"), None),
        (BY_VARIABLE, 250_500),
        (TWICE, 2 * 450 * 150),
        # Both are asked for, though they are the same.
        (NODES_AND_EDGES, 500 * 201),
    ],
)  # fmt: skip
async def test_pages_within_pages_are_bounded(office: Office, query: str, items: int | None) -> None:
    error = await office.error(query)

    assert (error["code"], error["limit"]) == ("LIMIT_EXCEEDED", 100_000)
    assert items is None or error["value"] == items


@pytest.mark.parametrize(
    "query",
    [
        "{ followUps(first: 500) { nodes { participants(first: 199) { nodes { name } } } } }",
        # Pages that say nothing have 50 and 100.
        "{ followUps { nodes { participants { nodes { followUp { participants(first: 18) { nodes { id } } } } } } } }",
        "query A { viewer { id } } query B { followUps(first: 1) { nodes { title } } }",
    ],
)
async def test_what_is_within_the_bound_is_answered(office: Office, query: str) -> None:
    result = await office.schema.execute(query, operation_name="A" if "query A" in query else None,
                                         context_value=await office.context())  # fmt: skip

    assert result.errors is None


async def test_a_variable_that_is_given_counts_and_not_its_default(office: Office) -> None:
    query = "query ($n: Int = 1) { followUps(first: $n) { nodes { participants(first: $n) { nodes { id } } } } }"

    assert (await office.ask(query)).errors is None
    assert (await office.error(query, n=500))["code"] == "LIMIT_EXCEEDED"


async def test_a_page_that_is_too_long_itself_is_told_as_such(office: Office) -> None:
    error = await office.error("{ followUps(first: 1000000) { nodes { title } } }")

    assert (error["path"], error["limit"]) == (["first"], 500)


async def test_levels_are_bounded_before_anything_looks_into_them(office: Office) -> None:
    deep = "name"
    for _ in range(30):
        deep = f"followUp {{ participants(first: 1) {{ nodes {{ {deep} }} }} }}"

    error = await office.error(f"{{ followUps {{ nodes {{ participants {{ nodes {{ {deep} }} }} }} }} }}")

    assert (error["code"], error["limit"], error["value"]) == ("LIMIT_EXCEEDED", 50, 51)


async def test_introspection_is_no_page(office: Office) -> None:
    names = "{ __schema { types { name fields { name args { name type { ofType { ofType { name } } } } } } } }"

    assert (await office.ask(names)).errors is None


async def test_the_bound_is_a_setting(office: Office) -> None:
    office.schema = build_schema(most_items=1_000)

    error = await office.error("{ followUps(first: 20) { nodes { participants(first: 50) { nodes { id } } } } }")

    assert (error["limit"], error["value"]) == (1_000, 1_020)
