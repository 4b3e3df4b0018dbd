"""What costs a statement of its own is looked up where it is asked for, and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event

from invito.schema import Context, build_schema
from invito.services.directory.writing import (
    NewContainer,
    NewEntry,
    NewMember,
    add_containers,
    add_entries,
    add_members,
)
from invito.services.storage.directory_tables import ContainerTableKind, EntryKind
from invito.services.viewers import identify

if TYPE_CHECKING:
    from invito.services.house import House

KARI = "kari@nordlys.example"
SCHEMA = build_schema()

EMPLOYEES = 'availableParticipants(source: "employees", first: 2) { nodes { name } %s }'
GROUPS = 'participantSource(key: "employees") { containers(first: 2) { nodes { name } %s } }'
COMPANIES = 'participantSource(key: "company_person") { containers(first: 2) { nodes { name } %s } }'


@pytest.fixture
async def context(house: House) -> Context:
    """Kari and two colleagues in three groups, three companies with a person each."""
    kinds, employees = EntryKind, ("Kari", "Ola", "Eva")
    colleagues = [NewEntry(kinds.EMPLOYEE, name, f"{name.lower()}@nordlys.example") for name in employees]
    groups = [NewContainer(ContainerTableKind.USER_GROUP, f"Group {number}") for number in range(3)]
    async with house.database.write() as connection:
        numbers = await add_entries(connection, colleagues)
        companies = await add_entries(connection, [NewEntry(kinds.COMPANY, f"Firma {number}") for number in range(3)])
        await add_entries(connection, [NewEntry(kinds.PERSON, "Per", organization=one) for one in companies])
        first, *_ = await add_containers(connection, groups)
        await add_members(connection, [NewMember(first, one) for one in numbers])
    return Context(house, await identify(house, KARI))


async def asked(context: Context, query: str) -> tuple[dict[str, Any], list[str]]:
    """The answer, and the statements that it took."""
    sent: list[str] = []
    engine = context.house.database.engine.sync_engine

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    answer = await SCHEMA.execute(query, context_value=context)
    event.remove(engine, "before_cursor_execute", note)
    assert answer.errors is None
    assert answer.data is not None
    return answer.data, sent


@pytest.mark.parametrize(
    ("plain", "counted"),
    [
        (EMPLOYEES, "totalCount"),
        (GROUPS, "totalCount"),
        (GROUPS, "edges { node { memberCount } }"),
        (COMPANIES, "totalCount"),
        (COMPANIES, "... { edges { ... @include(if: true) { node { memberCount } } } }"),
    ],
)
async def test_nothing_is_counted_that_nobody_asks_for(context: Context, plain: str, counted: str) -> None:
    _, without = await asked(context, "{ " + plain % "pageInfo { hasNextPage }" + " }")
    _, within = await asked(context, "{ " + plain % counted + " }")

    assert not any("count(" in one for one in without)
    assert len(within) == len(without) + 1
    assert sum("count(" in one for one in within) == 1


async def test_what_is_asked_for_in_a_fragment_of_a_fragment_is_counted(context: Context) -> None:
    page = "fragment Page on ContainerConnection { ...Total ...Members } "
    total = "fragment Total on ContainerConnection { totalCount } "
    members = "fragment Members on ContainerConnection { nodes { memberCount } }"

    answer, _ = await asked(context, "{ " + GROUPS % "...Page" + " } " + page + total + members)

    found = answer["participantSource"]["containers"]
    assert (found["totalCount"], [one["memberCount"] for one in found["nodes"]]) == (3, [3, 0])
