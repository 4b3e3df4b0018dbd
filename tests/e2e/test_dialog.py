"""The Invitation dialog from opening it to closing it, F5–F16 in order, for each of the five sources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from gql.transport.exceptions import TransportQueryError

from tests.e2e.dialog import (
    CONTAINERS,
    DURING,
    EMAIL_FOR_ALL,
    ENTRIES,
    PREVIEW,
    REMOVE,
    TOGGLE_EMAIL,
    TOGGLE_STATUS,
    invitee,
    opened,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.conftest import Server

SOURCES = ["employees", "company_person", "project", "selection", "resource"]


async def listed(server: Server, source: str, follow_up: str | None = None) -> list[Any]:
    """The entries of the first container that has two or more, as the dialog comes to them (F6, F7)."""
    # Most of company/person are persons, who are a list of one; a company is searched.
    found = await server.ask(CONTAINERS, key=source, search="Ølen" if source == "company_person" else None)
    containers = [one for one in found["participantSource"]["containers"]["nodes"] if (one["memberCount"] or 2) > 1]
    for container in containers:
        page = await server.ask(ENTRIES, source=source, container=container["id"], during=DURING, followUp=follow_up)
        entries: list[Any] = page["availableParticipants"]["nodes"]
        if len(entries) > 1:
            return entries
    raise AssertionError(f"no container of {source} lists anybody")


async def test_the_five_sources_are_offered_in_their_order(office: Server) -> None:
    found = await office.ask("{ participantSources { key label(language: NB) } }")

    assert [source["key"] for source in found["participantSources"]] == SOURCES
    labels = [source["label"] for source in found["participantSources"]]
    assert labels == ["Medarbeidere", "Firma/person", "Prosjekt", "Utvalg", "Ressurs"]


@pytest.mark.parametrize("source", SOURCES)
async def test_all_is_offered_by_employees_and_resources_alone(office: Server, source: str) -> None:
    offers_all = (await office.ask(CONTAINERS, key=source))["participantSource"]["offersAll"]

    if offers_all:
        everyone = (await office.ask(ENTRIES, source=source))["availableParticipants"]
        assert everyone["totalCount"] == {"employees": 120, "resource": 60}[source]
    else:
        with pytest.raises(TransportQueryError) as refused:
            await office.ask(ENTRIES, source=source)
        assert (refused.value.errors or [{}])[0]["extensions"]["code"] == "INVALID_INPUT"
    assert offers_all == (source in ("employees", "resource"))


@pytest.mark.parametrize("source", SOURCES)
async def test_a_list_box_is_searched_by_prefixes_of_words(office: Server, source: str) -> None:
    every = (await office.ask(CONTAINERS, key=source))["participantSource"]["containers"]["nodes"]
    word = every[-1]["name"].split()[-1]

    found = await office.ask(CONTAINERS, key=source, search=word[:3].upper())

    names = [one["name"] for one in found["participantSource"]["containers"]["nodes"]]
    assert every[-1]["name"] in names or len(names) == 100
    assert all(any(part.lower().startswith(word[:3].lower()) for part in name.split()) for name in names)


@pytest.mark.parametrize("source", SOURCES)
async def test_the_dialog_from_choosing_to_cancelling(office: Server, source: str) -> None:
    dialog = await opened(office, f"Dialog {source}")
    entries = await listed(office, source, dialog.id)
    chosen, other = entries[0], entries[1]
    await opened(office, "Another", start=DURING["start"], invitees=[invitee(chosen["reference"])])

    # F9: who has a calendar here is busy now, and is told so while choosing.
    (again,) = [one for one in await listed(office, source, dialog.id) if one["reference"] == chosen["reference"]]
    has_calendar = chosen["kind"] in ("EMPLOYEE", "RESOURCE")
    assert again["availability"]["state"] == ("BUSY" if has_calendar else "UNKNOWN")

    # F10: the preview says what saving would do, and stores nothing.
    changes = {"add": [invitee(chosen["reference"]), invitee(other["reference"])]}
    preview = await office.ask(PREVIEW, draft={"save": {"followUpId": dialog.id, "changes": changes}})
    previewed = preview["invitationPreview"]
    assert previewed["errors"] == []
    assert [one["participant"]["reference"] for one in previewed["participants"]][1:] == [
        chosen["reference"],
        other["reference"],
    ]
    assert previewed["participants"][1]["hasConflict"] is has_calendar
    assert await dialog.invitees() == []

    # Save; invited all the same, with CONFLICT.
    await dialog.save(**changes)
    first, second = await dialog.invitees()
    assert (first["hasConflict"], first["status"]) == (
        has_calendar,
        "ACCEPTED" if chosen["kind"] == "RESOURCE" else "NOT_SEEN",
    )
    (marked,) = [one for one in await listed(office, source, dialog.id) if one["reference"] == chosen["reference"]]
    assert marked["isInvited"]

    # F14: e-mail on for all except oneself, off for one; F15: nothing for one without an address, but why.
    await office.ask(EMAIL_FOR_ALL, id=dialog.id)
    owner, *rows = (await dialog.shown())["participants"]["nodes"]
    assert owner["emailInvitation"] == {
        "state": "UNAVAILABLE",
        "unavailableReason": "IS_VIEWER",
        "delivery": "NOT_SENT",
    }
    for row, entry in zip(rows, (chosen, other), strict=True):
        assert row["emailInvitation"]["state"] == ("ACTIVE" if entry["canReceiveEmail"] else "UNAVAILABLE")
        toggled = (await office.ask(TOGGLE_EMAIL, id=row["id"]))["toggleEmailInvitation"]
        if entry["canReceiveEmail"]:
            assert toggled["participant"]["emailInvitation"]["state"] == "INACTIVE"
        else:
            assert [error["code"] for error in toggled["errors"]] == ["NO_VALID_EMAIL"]

    # F21: once, twice, three times.
    statuses = [
        (await office.ask(TOGGLE_STATUS, id=second["id"]))["toggleParticipantStatus"]["participant"]["status"]
        for _ in range(3)
    ]
    assert statuses == (
        ["DECLINED", "NOT_SEEN", "ACCEPTED"] if second["kind"] == "RESOURCE" else ["ACCEPTED", "DECLINED", "NOT_SEEN"]
    )

    # F10: Cancel stores nothing; Delete removes.
    before = await dialog.shown()
    gone = {"save": {"followUpId": dialog.id, "changes": {"remove": [first["id"], second["id"]]}}}
    preview = await office.ask(PREVIEW, draft=gone)
    assert len(preview["invitationPreview"]["participants"]) == 1
    assert await dialog.shown() == before
    await office.ask(REMOVE, id=dialog.id, ids=[first["id"]])
    assert [one["id"] for one in await dialog.invitees()] == [second["id"]]


async def test_a_location_fills_the_place_and_may_be_double_booked(office: Server) -> None:
    rooms = await office.ask(ENTRIES, source="resource", search="møterom")
    room = rooms["availableParticipants"]["nodes"][0]

    first = await opened(office, "First", invitees=[invitee(room["reference"])])
    second = await opened(office, "Second", invitees=[invitee(room["reference"])], location="Taket")

    assert (await first.shown())["location"].startswith(room["name"])
    assert (await second.shown())["location"] == "Taket"
    (booked,) = await second.invitees()
    assert (booked["role"], booked["status"], booked["statusOrigin"]) == ("RESOURCE", "ACCEPTED", "AUTOMATIC")
    assert booked["hasConflict"]


async def test_a_typed_address_becomes_the_entry_that_has_it(office: Server) -> None:
    colleague = next(one for one in await listed(office, "employees") if one["email"])
    typed = [
        {"participant": {"email": {"address": colleague["email"].upper()}}},
        {"participant": {"email": {"address": "somebody@elsewhere.example", "name": "Somebody"}}},
    ]

    dialog = await opened(office, "Typed", invitees=typed)

    known, unknown = await dialog.invitees()
    assert (known["reference"], known["kind"]) == (colleague["reference"], "EMPLOYEE")
    assert (unknown["name"], unknown["kind"]) == ("Somebody", "EMAIL")


async def test_open_overviews_are_taken_in(office: Server) -> None:
    colleague, *_ = await listed(office, "employees")
    opening = "mutation ($who: [ParticipantInput!]!) { setOpenOverviews(participants: $who) { errors { code } } }"
    viewer = "admin@nordlys.example"
    await office.ask(opening, viewer, who=[{"reference": colleague["reference"]}])
    given = {"type": "TASK", "title": "Taken in", "start": DURING["start"]}
    names = "createFollowUp { errors { code } followUp { participants { nodes { reference } } } }"
    create = f"mutation ($input: CreateFollowUpInput!) {{ {names.replace(' {', '(input: $input) {', 1)} }}"

    taken_in = await office.ask(create, viewer, input=given)
    left_out = await office.ask(create, viewer, input=given | {"withOpenOverviews": False})
    await office.ask(opening, viewer, who=[])

    nodes = taken_in["createFollowUp"]["followUp"]["participants"]["nodes"]
    assert colleague["reference"] in [one["reference"] for one in nodes]
    assert len(left_out["createFollowUp"]["followUp"]["participants"]["nodes"]) == 1


async def test_without_a_mailbox_the_button_is_disabled_and_says_why(tmp_path: Path) -> None:
    from tests.e2e.conftest import served

    with served(f"sqlite:///{tmp_path / 'x.sqlite3'}", tmp_path / "log", INVITO_MAIL_FROM="") as server:
        found = await server.ask("{ viewer { emailInvitations { isEnabled disabledReason message } } }")
        dialog = await opened(server, "Quiet", emailInvitations=True, invitees=[invitee("employee:5")])
        refused = await server.ask(EMAIL_FOR_ALL, id=dialog.id)
        (row,) = await dialog.invitees()

    assert found["viewer"]["emailInvitations"] == {
        "isEnabled": False,
        "disabledReason": "MAIL_NOT_CONFIGURED",
        "message": "Your mailbox is not set up.",
    }
    assert [error["code"] for error in refused["setEmailInvitations"]["errors"]] == ["MAIL_NOT_CONFIGURED"]
    assert row["emailInvitation"]["unavailableReason"] == "MAIL_NOT_CONFIGURED"
