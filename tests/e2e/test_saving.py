"""What Save stores and Cancel does not, the envelopes, and statuses on behalf (F10, F14, F15, F21)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.dialog import (
    DURING,
    EMAIL_FOR_ALL,
    ENTRIES,
    PREVIEW,
    SAVE,
    TOGGLE_EMAIL,
    TOGGLE_STATUS,
    Dialog,
    invitee,
    opened,
)

if TYPE_CHECKING:
    from tests.e2e.conftest import Server

PEOPLE = """{ searchParticipants(search: "a", first: 500) { nodes { reference kind name email canReceiveEmail } } }"""
TITLED = "query ($title: String!) { followUps(filter: {search: $title}) { nodes { id } } }"
INVITE = """mutation ($id: ID!, $who: [InviteeInput!]!) { inviteParticipants(input: {followUpId: $id, invitees: $who}) {
    errors { code } invited { reference } alreadyInvited { reference } } }"""
RESPOND = """mutation ($id: ID!) { respondToInvitation(input: {participantId: $id, status: TENTATIVE}) {
    errors { code } participant { status } } }"""
SET_STATUS = """mutation ($id: ID!) { setParticipantStatus(input: {participantId: $id, status: ACCEPTED}) {
    errors { code } } }"""


async def colleagues(server: Server, count: int) -> list[Any]:
    """Employees other than Kari, with addresses."""
    found = await server.ask(ENTRIES, source="employees")
    nodes = [one for one in found["availableParticipants"]["nodes"] if one["name"] != "Kari Nordmann"]
    return nodes[:count]


async def test_cancelling_a_new_follow_up_stores_nothing(office: Server) -> None:
    one, other = await colleagues(office, 2)
    draft = {"type": "APPOINTMENT", "title": "Forkastet", "start": DURING["start"], "emailInvitations": True} | {
        "invitees": [invitee(one["reference"]), invitee(other["reference"], emailInvitation=False)]
    }

    previewed = (await office.ask(PREVIEW, draft={"create": draft}))["invitationPreview"]

    states = [row["emailInvitation"]["state"] for row in previewed["participants"]]
    assert (previewed["errors"], states) == ([], ["UNAVAILABLE", "ACTIVE", "INACTIVE"])
    assert (await office.ask(TITLED, title="Forkastet"))["followUps"]["nodes"] == []


async def test_saving_stores_what_the_preview_showed(office: Server) -> None:
    one, other = await colleagues(office, 2)
    dialog = await opened(office, "As shown", invitees=[invitee(one["reference"])])
    (row,) = await dialog.invitees()
    changes = {
        "add": [invitee(other["reference"], emailInvitation=True)],
        "emailInvitations": [{"participantId": row["id"], "enabled": True}],
        "statuses": [{"participantId": row["id"], "status": "TENTATIVE"}],
    }

    preview = await office.ask(PREVIEW, draft={"save": {"followUpId": dialog.id, "changes": changes}})
    await dialog.save(**changes)

    shown = preview["invitationPreview"]["participants"]
    stored = (await dialog.shown())["participants"]["nodes"]
    assert [(one["participant"]["name"], *standing(one)) for one in shown] == [
        (one["name"], *standing(one)) for one in stored
    ]


async def test_all_of_it_is_saved_or_nothing(office: Server) -> None:
    one, other, third = await colleagues(office, 3)
    dialog = await opened(office, "Together", invitees=[invitee(one["reference"]), invitee(other["reference"])])
    first, second = await dialog.invitees()
    before = await dialog.shown()
    changes = {
        "add": [invitee(third["reference"]), invitee("employee:999999")],
        "remove": [first["id"]],
        "statuses": [{"participantId": second["id"], "status": "ACCEPTED"}],
    }

    done = (await office.ask(SAVE, input={"followUpId": dialog.id, "changes": changes}))["saveParticipants"]

    assert [(error["code"], error["path"]) for error in done["errors"]] == [
        ("NOT_FOUND", ["changes", "add", "1", "participant", "reference"])
    ]
    assert await dialog.shown() == before


async def test_a_stale_version_is_refused_with_the_present_one(office: Server) -> None:
    one, other = await colleagues(office, 2)
    dialog = await opened(office, "Stale")
    seen = (await dialog.shown())["version"]
    present = (await dialog.save(add=[invitee(one["reference"])]))["version"]

    late = {"followUpId": dialog.id, "expectedVersion": seen, "changes": {"add": [invitee(other["reference"])]}}
    done = (await office.ask(SAVE, input=late))["saveParticipants"]

    assert [(error["code"], error["path"]) for error in done["errors"]] == [("STALE_VERSION", ["expectedVersion"])]
    assert done["followUp"] == {"version": present}
    assert [each["reference"] for each in await dialog.invitees()] == [one["reference"]]


async def test_double_clicking_adds_one_at_a_time_and_nobody_twice(office: Server) -> None:
    one, other = await colleagues(office, 2)
    dialog = await opened(office, "One at a time")

    first = await office.ask(INVITE, id=dialog.id, who=[invitee(one["reference"])])
    second = await office.ask(INVITE, id=dialog.id, who=[invitee(one["reference"]), invitee(other["reference"])])

    assert first["inviteParticipants"] == {
        "errors": [],
        "invited": [{"reference": one["reference"]}],
        "alreadyInvited": [],
    }
    assert second["inviteParticipants"] == {
        "errors": [],
        "invited": [{"reference": other["reference"]}],
        "alreadyInvited": [{"reference": one["reference"]}],
    }


@pytest.mark.parametrize("has_address", [False, True], ids=["without an address", "with an invalid one"])
async def test_who_has_no_valid_address_is_passed_over_and_it_is_said_why(office: Server, has_address: bool) -> None:
    people = (await office.ask(PEOPLE))["searchParticipants"]["nodes"]
    person = next(
        each
        for each in people
        if each["kind"] == "PERSON" and not each["canReceiveEmail"] and bool(each["email"]) == has_address
    )
    reachable = next(each for each in people if each["kind"] == "PERSON" and each["canReceiveEmail"])
    dialog = await opened(office, "Envelopes", invitees=[invitee(person["reference"]), invitee(reachable["reference"])])

    every = (await office.ask(EMAIL_FOR_ALL, id=dialog.id))["setEmailInvitations"]
    row, _ = await dialog.invitees()
    pressed = (await office.ask(TOGGLE_EMAIL, id=row["id"]))["toggleEmailInvitation"]

    assert every == {"errors": [], "followUp": {"statusCounts": {"emailActive": 1}}}
    assert row["emailInvitation"] == {
        "state": "UNAVAILABLE",
        "unavailableReason": "NO_VALID_EMAIL",
        "delivery": "NOT_SENT",
    }
    assert pressed["errors"] == [
        {"code": "NO_VALID_EMAIL", "message": f"{person['name']} has no valid e-mail address."}
    ]
    assert (await dialog.invitees())[0] == row


async def test_a_resource_never_gets_mail(office: Server) -> None:
    room = (await office.ask(ENTRIES, source="resource"))["availableParticipants"]["nodes"][0]
    dialog = await opened(office, "Room", emailInvitations=True, invitees=[invitee(room["reference"])])

    (row,) = await dialog.invitees()
    pressed = (await office.ask(TOGGLE_EMAIL, id=row["id"]))["toggleEmailInvitation"]

    assert not room["canReceiveEmail"]
    assert row["emailInvitation"]["unavailableReason"] == "RESOURCE"
    assert [error["code"] for error in pressed["errors"]] == ["NO_VALID_EMAIL"]


async def test_one_envelope_turned_off_stays_off_beside_the_others(office: Server) -> None:
    pair = await colleagues(office, 2)
    dialog = await opened(
        office, "Off for one", emailInvitations=True, invitees=[invitee(each["reference"]) for each in pair]
    )
    first, _ = await dialog.invitees()

    toggled = (await office.ask(TOGGLE_EMAIL, id=first["id"]))["toggleEmailInvitation"]

    assert toggled["participant"]["emailInvitation"]["state"] == "INACTIVE"
    states = [each["emailInvitation"]["state"] for each in await dialog.invitees()]
    assert states == ["INACTIVE", "ACTIVE"]
    assert (await dialog.shown())["statusCounts"]["emailActive"] == 1


async def test_toggling_from_tentative_accepts(office: Server) -> None:
    (one,) = await colleagues(office, 1)
    dialog = await opened(office, "Tentative", invitees=[invitee(one["reference"])])
    (row,) = await dialog.invitees()

    answered = (await office.ask(RESPOND, one["email"], id=row["id"]))["respondToInvitation"]
    toggled = (await office.ask(TOGGLE_STATUS, id=row["id"]))["toggleParticipantStatus"]

    assert answered == {"errors": [], "participant": {"status": "TENTATIVE"}}
    assert toggled == {"errors": [], "participant": {"status": "ACCEPTED", "statusOrigin": "ON_BEHALF"}}


async def test_nobody_sets_their_own_status_on_behalf(office: Server) -> None:
    dialog = await opened(office, "Mine")
    owner = await own_row(dialog)

    toggled = (await office.ask(TOGGLE_STATUS, id=owner["id"]))["toggleParticipantStatus"]
    set_ = (await office.ask(SET_STATUS, id=owner["id"]))["setParticipantStatus"]

    assert [error["code"] for error in toggled["errors"] + set_["errors"]] == ["IS_VIEWER", "IS_VIEWER"]


def standing(row: dict[str, Any]) -> tuple[object, ...]:
    """What preview and participant tell alike."""
    return row["role"], row["status"], row["hasConflict"], row["emailInvitation"]["state"]


async def own_row(dialog: Dialog) -> Any:
    return (await dialog.shown())["participants"]["nodes"][0]
