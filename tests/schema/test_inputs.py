"""What is left out keeps what is there; null clears it, or means the default where there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.schema.conftest import Office

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

UPDATE = """mutation ($input: UpdateFollowUpInput!) { updateFollowUp(input: $input) {
    followUp { title description location priority } errors { code path } } }"""


async def _updated(office: Office, id_: str, **fields: object) -> dict[str, Any]:
    made = await office.answer(UPDATE, input={"id": id_} | fields)
    payload: dict[str, Any] = made["updateFollowUp"]
    return payload


async def test_a_field_that_is_left_out_keeps_what_is_there(office: Office) -> None:
    there = await office.follow_up(description="Bring figures", location="Fjord", priority="HIGH")

    updated = await _updated(office, there.id, title="Budget 2028")

    assert updated["followUp"] == {
        "title": "Budget 2028",
        "description": "Bring figures",
        "location": "Fjord",
        "priority": "HIGH",
    }


async def test_null_clears_a_field(office: Office) -> None:
    there = await office.follow_up(description="Bring figures", location="Fjord")

    updated = await _updated(office, there.id, description=None, location=None)

    assert updated["followUp"]["description"] is None
    assert updated["followUp"]["location"] is None


async def test_what_cannot_be_cleared_is_refused_at_its_field(office: Office) -> None:
    there = await office.follow_up()

    updated = await _updated(office, there.id, title=None)

    assert [error["path"] for error in updated["errors"]] == [["title"]]


async def test_null_means_the_default_where_there_is_one(office: Office) -> None:
    there = await office.follow_up(priority=None, isAllDay=None, showAs=None, visibility=None, invitees=None)

    found = await office.answer(
        """query ($id: ID!) { followUp(id: $id) { priority isAllDay showAs visibility
            participants(first: null, after: null) { totalCount } } }""",
        id=there.id,
    )

    assert found["followUp"] == {
        "priority": "MEDIUM",
        "isAllDay": False,
        "showAs": "BUSY",
        "visibility": "ALL",
        "participants": {"totalCount": 1},
    }


async def test_a_time_without_offset_is_meant_in_the_zone_beside_it_and_answered_with_an_offset(office: Office) -> None:
    there = await office.follow_up(start="2027-07-01T10:00", timeZone="America/New_York", duration="PT45M")

    found = await office.answer("query ($id: ID!) { followUp(id: $id) { start end timeZone } }", id=there.id)

    assert found["followUp"] == {
        "start": "2027-07-01T14:00:00+00:00",
        "end": "2027-07-01T14:45:00+00:00",
        "timeZone": "America/New_York",
    }


async def test_an_address_that_one_entry_has_becomes_that_entry(office: Office) -> None:
    invitee = {"participant": {"email": {"address": "OLA@office.example", "name": "Somebody"}}}

    there = await office.follow_up(invitees=[invitee])

    assert set(there.participants) == {"Kari", "Ola"}


async def test_an_address_that_was_pasted_with_blanks_is_that_address(office: Office) -> None:
    there = await office.follow_up(invitees=[{"participant": {"email": {"address": " ola@office.example\n"}}}])

    assert set(there.participants) == {"Kari", "Ola"}


async def test_all_day_is_asked_for_by_days_alone_of_which_the_last_is_exclusive(office: Office) -> None:
    there = await office.follow_up(start="2027-07-01", end="2027-07-03", isAllDay=True, timeZone="europe/oslo")

    found = await office.answer("query ($id: ID!) { followUp(id: $id) { start end timeZone } }", id=there.id)

    assert found["followUp"] == {
        "start": "2027-06-30T22:00:00+00:00",
        "end": "2027-07-02T22:00:00+00:00",
        "timeZone": "Europe/Oslo",
    }


async def test_the_click_that_saw_something_else_is_refused(office: Office) -> None:
    there = await office.follow_up("employee:2")
    toggle = """mutation ($id: ID!, $from: ParticipantStatus) {
        toggleParticipantStatus(participantId: $id, from: $from) { participant { status } errors { code path } } }"""

    first = await office.answer(toggle, id=there.participants["Ola"], **{"from": "NOT_SEEN"})
    again = await office.answer(toggle, id=there.participants["Ola"], **{"from": "NOT_SEEN"})

    assert first["toggleParticipantStatus"] == {"participant": {"status": "ACCEPTED"}, "errors": []}
    assert again["toggleParticipantStatus"] == {
        "participant": {"status": "ACCEPTED"},
        "errors": [{"code": "STALE_VERSION", "path": ["from"]}],
    }


async def test_the_preview_shows_what_saving_would_do_and_stores_nothing(office: Office) -> None:
    there = await office.follow_up()
    save = {"followUpId": there.id, "changes": {"add": [{"participant": {"reference": "employee:2"}}]}}

    seen = await office.answer(
        """query ($draft: InvitationDraftInput!, $id: ID!) {
            invitationPreview(draft: $draft) { hasConflict errors { code } participants {
                role status participant { name isInvited } emailInvitation { state } } }
            followUp(id: $id) { participants { totalCount } } }""",
        draft={"save": save},
        id=there.id,
    )

    assert [one["participant"]["name"] for one in seen["invitationPreview"]["participants"]] == ["Kari", "Ola"]
    assert seen["followUp"]["participants"]["totalCount"] == 1
