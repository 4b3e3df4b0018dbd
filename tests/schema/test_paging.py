"""Relay connections: pages follow each other without a gap, and say where they lie."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.schema.conftest import Office

OLA = "ola@office.example"

FOLLOW_UPS = "query ($after: String) { page: followUps(first: 2, after: $after) { ...all nodes { title } } }"
ORDERED = """query ($after: String) {
    page: followUps(first: 2, after: $after, orderBy: START_LATEST_FIRST) { ...all nodes { title } } }"""
INVITATIONS = (
    "query ($after: String) { page: invitations(first: 2, after: $after) { ...all nodes { followUp { title } } } }"
)
ENTRIES = """query ($after: String) {
    page: availableParticipants(source: "employees", search: "work", first: 200, after: $after) {
        ...all nodes { name } } }"""
SEARCH = """query ($after: String) {
    page: searchParticipants(search: "work", first: 200, after: $after) { ...all nodes { name } } }"""


def _with_pages(query: str, connection: str) -> str:
    fragment = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor } totalCount"
    return f"{query} fragment all on {connection} {{ {fragment} }}"


async def _pages(office: Office, query: str) -> list[dict[str, Any]]:
    pages: list[dict[str, Any]] = []
    while not pages or pages[-1]["pageInfo"]["hasNextPage"]:
        after = pages[-1]["pageInfo"]["endCursor"] if pages else None
        pages.append((await office.answer(query, OLA, after=after))["page"])
    return pages


@pytest.mark.parametrize(
    ("query", "connection", "total", "sizes"),
    [
        (FOLLOW_UPS, "FollowUpConnection", 5, [2, 2, 1]),
        (ORDERED, "FollowUpConnection", 5, [2, 2, 1]),
        (INVITATIONS, "InvitationConnection", 5, [2, 2, 1]),
        (ENTRIES, "AvailableParticipantConnection", 500, [200, 200, 100]),
        (SEARCH, "AvailableParticipantConnection", None, [200, 200, 100]),
    ],
)
async def test_pages_follow_each_other_and_hold_everything_once(
    office: Office, query: str, connection: str, total: int | None, sizes: list[int]
) -> None:
    for number in range(5):
        await office.follow_up("employee:2", title=f"Meeting {number}", start=f"2027-03-0{1 + number % 3}T10:00:00Z")

    pages = await _pages(office, _with_pages(query, connection))

    nodes = [str(node) for page in pages for node in page["nodes"]]
    assert [len(page["nodes"]) for page in pages] == sizes
    assert len(set(nodes)) == sum(sizes)
    assert {page["totalCount"] for page in pages} == {total}
    assert [page["pageInfo"]["hasPreviousPage"] for page in pages] == [False, True, True]
    for page in pages:
        cursors = [edge["cursor"] for edge in page["edges"]]
        assert (page["pageInfo"]["startCursor"], page["pageInfo"]["endCursor"]) == (cursors[0], cursors[-1])


async def test_participants_of_several_follow_ups_are_paged_each_for_themselves(office: Office) -> None:
    await office.follow_up("employee:2", "employee:3", title="Big")
    await office.follow_up(title="Small")

    found = await office.answer(
        """{ followUps { nodes { title participants(first: 2) {
            nodes { name } pageInfo { hasNextPage } totalCount } } } }"""
    )

    assert found["followUps"]["nodes"] == [
        {
            "title": "Big",
            "participants": {
                "nodes": [{"name": "Kari"}, {"name": "Ola"}],
                "pageInfo": {"hasNextPage": True},
                "totalCount": 3,
            },
        },
        {
            "title": "Small",
            "participants": {"nodes": [{"name": "Kari"}], "pageInfo": {"hasNextPage": False}, "totalCount": 1},
        },
    ]


async def test_an_empty_page_has_no_cursors(office: Office) -> None:
    query = "{ followUps { nodes { id } edges { cursor } totalCount pageInfo { startCursor endCursor } } }"

    found = await office.answer(query)

    assert found["followUps"] == {
        "nodes": [],
        "edges": [],
        "totalCount": 0,
        "pageInfo": {"startCursor": None, "endCursor": None},
    }


async def test_how_long_a_page_may_be_is_a_setting(office: Office) -> None:
    office.house = replace(office.house, rules=replace(office.house.rules, most_on_a_page=1_000))
    names = 'query ($first: Int!) { availableParticipants(source: "employees", first: $first) { nodes { name } } }'

    await office.answer(names, first=1_000)
    error = await office.error(names, first=1_001)

    assert (error["code"], error["limit"], error["value"]) == ("LIMIT_EXCEEDED", 1_000, 1_001)
