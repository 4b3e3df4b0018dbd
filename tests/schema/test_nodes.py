"""Whatever has an id is found again by it, by whoever may see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from invito.schema.ids import global_id

if TYPE_CHECKING:
    from tests.schema.conftest import Office

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

OLA, EVA, STRANGER = "ola@office.example", "eva@office.example", "stranger@elsewhere.example"

NODE = "query ($id: ID!) { node(id: $id) { __typename id } }"


async def test_every_type_of_node_is_found_by_its_id(office: Office) -> None:
    there = await office.follow_up("employee:2")
    mine = await office.answer(
        """{ invitations { nodes { id } } viewer { employee { id } notifications { nodes { id } } } }""", OLA
    )
    ids = {
        "FollowUp": there.id,
        "Participant": there.participants["Ola"],
        "Employee": mine["viewer"]["employee"]["id"],
        "Invitation": mine["invitations"]["nodes"][0]["id"],
        "Notification": mine["viewer"]["notifications"]["nodes"][0]["id"],
    }

    found = {name: await office.answer(NODE, OLA, id=id_) for name, id_ in ids.items()}

    assert found == {name: {"node": {"__typename": name, "id": id_}} for name, id_ in ids.items()}


@pytest.mark.parametrize("viewer", [EVA, STRANGER])
async def test_what_may_not_be_seen_is_not_found(office: Office, viewer: str) -> None:
    there = await office.follow_up("employee:2", visibility="OWNER")
    mine = await office.answer("{ invitations { nodes { id } } viewer { notifications { nodes { id } } } }", OLA)
    hidden = [
        there.id,
        there.participants["Ola"],
        mine["invitations"]["nodes"][0]["id"],
        mine["viewer"]["notifications"]["nodes"][0]["id"],
    ]

    errors = [await office.error(NODE, viewer, id=id_) for id_ in hidden]

    assert errors == [{"code": "NOT_FOUND", "path": ["id"]}] * len(hidden)


@pytest.mark.parametrize("viewer", [EVA, STRANGER])
async def test_what_may_not_be_seen_is_answered_to_the_letter_as_what_is_not_there(office: Office, viewer: str) -> None:
    there = await office.follow_up("employee:2", visibility="OWNER")
    mine = await office.answer("{ invitations { nodes { id } } viewer { notifications { nodes { id } } } }", OLA)
    hidden = {
        "FollowUp": there.id,
        "Participant": there.participants["Ola"],
        "Invitation": mine["invitations"]["nodes"][0]["id"],
        "Notification": mine["viewer"]["notifications"]["nodes"][0]["id"],
    }

    for name, id_ in hidden.items():
        forbidden = await office.ask(NODE, viewer, id=id_)
        missing = await office.ask(NODE, viewer, id=global_id(name, 7_777))

        assert forbidden.errors is not None
        assert missing.errors is not None
        assert (forbidden.data, forbidden.errors[0].formatted) == (missing.data, missing.errors[0].formatted)


async def test_many_come_in_the_order_asked_for_with_null_for_what_is_not_there(office: Office) -> None:
    first, second = await office.follow_up(title="First"), await office.follow_up(title="Second")
    ids = [second.id, "nothing", global_id("FollowUp", 77), first.participants["Kari"], first.id]

    found = await office.answer("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=ids)

    assert found["nodes"] == [{"id": second.id}, None, None, {"id": ids[3]}, {"id": first.id}]


async def test_a_participant_id_is_no_invitation_id(office: Office) -> None:
    there = await office.follow_up("employee:2")
    invitation = await office.answer("{ invitations { nodes { id participant { id } } } }", OLA)

    shown = invitation["invitations"]["nodes"][0]

    assert shown["participant"]["id"] == there.participants["Ola"]
    assert shown["id"] != shown["participant"]["id"]
