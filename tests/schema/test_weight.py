"""An operation asks for no more, and no deeper, than the service can answer without harm to others."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from graphql import get_introspection_query

from invito.schema import build_schema
from invito.schema.operation_limits import OperationLimits
from invito.services.budget import Budget

if TYPE_CHECKING:
    from collections.abc import Callable

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
OWNERS = """{ followUps(first: 500) { pageInfo { hasNextPage } nodes {
    owner { name } participants(first: 100) { nodes { id } } } } }"""


@pytest.mark.parametrize(
    ("query", "cost"),
    [
        ("{ followUps(first: 500) { nodes { participants(first: 40) { nodes { name } } } } }", 500 * 41),
        (BY_VARIABLE, 250_500),
        (TWICE, 2 * 450 * 150),
        # Both are asked for, though they are the same.
        (NODES_AND_EDGES, 500 * 201),
        (OWNERS, 500 * (1 + 1 + 100)),
    ],
)
async def test_pages_within_pages_are_bounded(office: Office, query: str, cost: int) -> None:
    error = await office.error(query)

    assert (error["code"], error["limit"], error["value"]) == ("LIMIT_EXCEEDED", 20_000, cost)


@pytest.mark.parametrize(
    "query",
    [
        "{ followUps(first: 500) { nodes { participants(first: 39) { nodes { name } } } } }",
        # Pages that say nothing have 50 and 100.
        "{ followUps { nodes { participants { nodes { followUp { id } } } } } }",
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
    assert (await office.ask(query)).errors is None


async def test_each_id_costs_a_node(office: Office) -> None:
    office.schema = build_schema(limits=OperationLimits(cost=3))
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"

    assert (await office.ask(query, ids=["x"] * 3)).errors is None
    assert (await office.error(query, ids=["x"] * 4))["value"] == 4


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("{ followUps(first: 1000) { nodes { title } } }", {}),
        ("{ followUps(first: 9) { nodes { participants(first: 1000) { totalCount } } } }", {}),
        ("query ($n: Int = 1000) { followUps(first: $n) { nodes { title } } }", {}),
        ("query ($n: Int = 1) { followUps(first: $n) { nodes { title } } }", {"n": 1000}),
    ],
    ids=["literal", "beneath another", "default", "variable"],
)
async def test_a_page_that_is_too_long_is_refused_before_anything_is_carried_out(
    office: Office, query: str, variables: dict[str, Any]
) -> None:
    office.house = replace(office.house, budget=Budget(5_000, timedelta(hours=1)))

    refused = await office.ask(query, **variables)
    paid = await office.ask("{ viewer { id } }")

    assert refused.errors is not None
    assert refused.errors[0].path is None
    expected = {"code": "LIMIT_EXCEEDED", "path": ["first"], "limit": 500, "value": 1000}
    assert refused.errors[0].extensions == expected
    cost = (paid.extensions or {})["cost"]
    assert cost["left"] == cost["limit"] - cost["requested"]


def nested(depth: int) -> str:
    """A query whose fields are so deep."""
    steps = ["followUps(first: 1)", "nodes", *["participants(first: 1)", "nodes", "followUp"] * depth][: depth - 1]
    return "{ " + " { ".join([*steps, "__typename"]) + " }" * depth


def aliases(number: int) -> str:
    return "{ viewer { " + " ".join(f"a{one}: __typename" for one in range(number)) + " } }"


def directives(number: int) -> str:
    return "{ viewer { " + "... @include(if: true) { id } " * number + "} }"


def introspecting(depth: int) -> str:
    return '{ __type(name: "Query") { ' + "ofType { " * (depth - 2) + "name" + " }" * (depth - 2) + " } }"


@pytest.mark.parametrize(
    ("made", "limit"),
    [(nested, 12), (aliases, 30), (directives, 30), (introspecting, 20)],
    ids=["depth", "aliases", "directives", "introspection"],
)
async def test_the_limit_itself_passes_and_one_more_is_refused(
    office: Office, made: Callable[[int], str], limit: int
) -> None:
    within = await office.ask(made(limit))
    error = await office.error(made(limit + 1))

    assert within.errors is None
    assert (error["code"], error["limit"], error["value"]) == ("LIMIT_EXCEEDED", limit, limit + 1)


async def test_fragments_that_spread_each_other_twice_are_weighed_once_each(office: Office) -> None:
    chain = " ".join(f"fragment F{one} on Viewer {{ ...F{one + 1} ...F{one + 1} }}" for one in range(40))

    error = await office.error("{ viewer { ...F0 } } " + chain + " fragment F40 on Viewer { a: id }")

    assert (error["limit"], error["value"]) == (30, 2**40)


async def test_levels_are_bounded_before_anything_looks_into_them(office: Office) -> None:
    inner = "{ id }"
    for _ in range(50):
        inner = "{ ... " + inner + " }"

    error = await office.error("{ viewer " + inner + " }")

    assert (error["code"], error["limit"], error["value"]) == ("LIMIT_EXCEEDED", 50, 51)


async def test_graphiql_may_ask_about_the_schema(office: Office) -> None:
    query = get_introspection_query(
        descriptions=True, specified_by_url=True, directive_is_repeatable=True, schema_description=True,
        input_value_deprecation=True,
    )  # fmt: skip

    assert (await office.ask(query)).errors is None


async def test_the_schema_is_asked_about_once_in_an_operation(office: Office) -> None:
    error = await office.error('{ __schema { queryType { name } } __type(name: "Query") { name } }')

    assert (error["code"], error["limit"], error["value"]) == ("LIMIT_EXCEEDED", 1, 2)


async def test_asking_about_the_schema_in_circles_is_refused(office: Office) -> None:
    circle = "fields { type { " * 4 + "name" + " } }" * 4

    assert (await office.ask('{ __type(name: "Query") { ' + circle + " } }")).errors is not None


async def test_introspection_is_no_page(office: Office) -> None:
    names = "{ __schema { types { name fields { name args { name type { ofType { ofType { name } } } } } } } }"

    assert (await office.ask(names)).errors is None


async def test_the_bound_is_a_setting(office: Office) -> None:
    office.schema = build_schema(limits=OperationLimits(cost=1_000))

    error = await office.error("{ followUps(first: 20) { nodes { participants(first: 50) { nodes { id } } } } }")

    assert (error["limit"], error["value"]) == (1_000, 1_020)


async def test_what_costs_too_much_without_any_page_is_told_in_words_that_fit(office: Office) -> None:
    fragments = " ".join(
        f"fragment F{one} on FollowUp {{ owner {{ id }} ...F{one + 1} ...F{one + 1} }}" for one in range(20)
    )

    refused = await office.ask(
        '{ followUp(id: "x") { ...F0 } } ' + fragments + " fragment F20 on FollowUp { owner { id } }"
    )

    assert refused.errors is not None
    assert "costs more than 20000: ask for smaller pages, or for less at once" in refused.errors[0].message
