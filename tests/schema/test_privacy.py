"""What only some may see is null for the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.schema.conftest import Office

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

KARI, OLA, EVA = "kari@office.example", "ola@office.example", "eva@office.example"
STRANGER = "stranger@elsewhere.example"

DECLINE = """mutation ($id: ID!) { respondToInvitation(input: {participantId: $id, status: DECLINED, reason: "Ill"}) {
    errors { code } } }"""
BUSY = """query ($during: TimeSpanInput!) { availableParticipants(source: "employees", search: "Ola", during: $during) {
    nodes { availability { state conflicts { start title followUp { title } } } } } }"""


@pytest.mark.parametrize(("viewer", "reason"), [(KARI, "Ill"), (OLA, "Ill"), (EVA, None)])
async def test_a_reason_for_declining_is_for_the_owner_and_the_participant(
    office: Office, viewer: str, reason: str | None
) -> None:
    there = await office.follow_up("employee:2", "employee:3")
    await office.answer(DECLINE, OLA, id=there.participants["Ola"])

    found = await office.answer(
        "query ($id: ID!) { node(id: $id) { ... on Participant { status declineReason } } }",
        viewer,
        id=there.participants["Ola"],
    )

    assert found["node"] == {"status": "DECLINED", "declineReason": reason}


@pytest.mark.parametrize(("viewer", "title"), [(KARI, "Secret"), (OLA, "Secret"), (EVA, None)])
async def test_what_somebody_is_busy_with_shows_to_those_who_may_see_it(
    office: Office, viewer: str, title: str | None
) -> None:
    await office.follow_up("employee:2", title="Secret", visibility="OWNER")
    during = {"start": "2027-03-01T10:30:00Z", "end": "2027-03-01T12:00:00Z"}

    found = await office.answer(BUSY, viewer, during=during)

    (entry,) = found["availableParticipants"]["nodes"]
    (conflict,) = entry["availability"]["conflicts"]
    assert entry["availability"]["state"] == "BUSY"
    assert conflict == {
        "start": "2027-03-01T10:00:00+00:00",
        "title": title,
        "followUp": None if title is None else {"title": title},
    }


async def test_whoever_is_no_employee_sees_empty_lists(office: Office) -> None:
    await office.follow_up("employee:2")

    found = await office.answer(
        """{ viewer { employee { id } openOverviews { name } notifications { totalCount } }
            participantSources { key } followUps { totalCount } invitations { totalCount }
            availableParticipants(source: "employees") { nodes { name } }
            searchParticipants(search: "Ola") { nodes { name } } }""",
        STRANGER,
    )

    assert found == {
        "viewer": {"employee": None, "openOverviews": [], "notifications": {"totalCount": 0}},
        "participantSources": [],
        "followUps": {"totalCount": 0},
        "invitations": {"totalCount": 0},
        "availableParticipants": {"nodes": []},
        "searchParticipants": {"nodes": []},
    }
