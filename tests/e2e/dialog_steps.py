"""What the dialog's user does, step by step and for any source: the same for those that replace a built-in one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from gql.transport.exceptions import TransportQueryError

from tests.e2e.conftest import request
from tests.e2e.dialog import (
    CONTAINERS,
    DURING,
    EMAIL_FOR_ALL,
    ENTRIES,
    PREVIEW,
    REMOVE,
    SEARCH,
    SENT,
    TOGGLE_EMAIL,
    TOGGLE_STATUS,
    invitee,
    opened,
)

if TYPE_CHECKING:
    from tests.e2e.conftest import Server

_ADMINISTRATOR = "admin@nordlys.example"
_SET_OVERVIEWS = "mutation ($who: [ParticipantInput!]!) { setOpenOverviews(participants: $who) { errors { code } } }"
_CREATE_TASK = """mutation ($input: CreateFollowUpInput!) { createFollowUp(input: $input) {
    errors { code } followUp { participants { nodes { reference } } } } }"""


@dataclass(frozen=True)
class DialogSource:
    """A source, and what is to be expected of it.

    `everybody` is how many All lists, None where All is not offered. `search` narrows the containers down to some that
    list several.
    """

    key: str
    everybody: int | None = None
    search: str | None = None


async def listed(server: Server, source: DialogSource, follow_up: str | None = None) -> list[Any]:
    """The entries of the first container that has two or more, as the dialog comes to them (F6, F7)."""
    found = await server.ask(CONTAINERS, key=source.key, search=source.search)
    containers = [one for one in found["participantSource"]["containers"]["nodes"] if (one["memberCount"] or 2) > 1]
    for container in containers:
        page = await server.ask(
            ENTRIES, source=source.key, container=container["id"], during=DURING, followUp=follow_up
        )
        entries: list[Any] = page["availableParticipants"]["nodes"]
        if len(entries) > 1:
            return entries
    raise AssertionError(f"no container of {source.key} lists anybody")


async def all_are_listed_where_all_is_offered(server: Server, source: DialogSource) -> None:
    offers_all = (await server.ask(CONTAINERS, key=source.key))["participantSource"]["offersAll"]

    if offers_all:
        everyone = (await server.ask(ENTRIES, source=source.key))["availableParticipants"]
        assert everyone["totalCount"] == source.everybody
        assert len(everyone["nodes"]) == min(everyone["totalCount"], 500)
    else:
        with pytest.raises(TransportQueryError) as refused:
            await server.ask(ENTRIES, source=source.key)
        assert (refused.value.errors or [{}])[0]["extensions"]["code"] == "INVALID_INPUT"
    assert offers_all == (source.everybody is not None)


async def containers_are_found_by_prefixes_of_words(server: Server, source: DialogSource) -> None:
    every = (await server.ask(CONTAINERS, key=source.key))["participantSource"]["containers"]["nodes"]
    word = every[-1]["name"].split()[-1]

    found = await server.ask(CONTAINERS, key=source.key, search=word[:3].upper())

    names = [one["name"] for one in found["participantSource"]["containers"]["nodes"]]
    assert every[-1]["name"] in names or len(names) == 100
    assert all(any(part.lower().startswith(word[:3].lower()) for part in name.split()) for name in names)


async def an_entry_is_found_in_its_list_and_in_the_one_search_box(server: Server, source: DialogSource) -> None:
    """By prefixes of the words of its name, in any order and case (F6, F11)."""
    sought = (await server.ask(ENTRIES, source=source.key))["availableParticipants"]["nodes"][-1]
    typed = " ".join(word[:3] for word in reversed(sought["name"].upper().split()))

    in_list = (await server.ask(ENTRIES, source=source.key, search=typed))["availableParticipants"]
    in_box = (await server.ask(SEARCH, search=sought["name"]))["searchParticipants"]

    for found in (in_list, in_box):
        assert found["warnings"] == []
        assert [one["reference"] for one in found["nodes"]].count(sought["reference"]) == 1


async def the_dialog_goes_from_choosing_to_cancelling(server: Server, source: DialogSource) -> None:
    dialog = await opened(server, f"Dialog {source.key}")
    entries = await listed(server, source, dialog.id)
    chosen, other = entries[0], entries[1]
    await opened(server, "Another", start=DURING["start"], invitees=[invitee(chosen["reference"])])

    # F9: who has a calendar here is busy now, and is told so while choosing.
    (again,) = [one for one in await listed(server, source, dialog.id) if one["reference"] == chosen["reference"]]
    has_calendar = chosen["kind"] in ("EMPLOYEE", "RESOURCE")
    assert again["availability"]["state"] == ("BUSY" if has_calendar else "UNKNOWN")

    # F10: the preview says what saving would do, and stores nothing.
    changes = {"add": [invitee(chosen["reference"]), invitee(other["reference"])]}
    preview = await server.ask(PREVIEW, draft={"save": {"followUpId": dialog.id, "changes": changes}})
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
    (marked,) = [one for one in await listed(server, source, dialog.id) if one["reference"] == chosen["reference"]]
    assert marked["isInvited"]

    # F14: e-mail on for all except oneself, off for one; F15: nothing for one without an address, but why.
    await server.ask(EMAIL_FOR_ALL, id=dialog.id)
    owner, *rows = (await dialog.shown())["participants"]["nodes"]
    assert owner["emailInvitation"] == {
        "state": "UNAVAILABLE",
        "unavailableReason": "IS_VIEWER",
        "delivery": "NOT_SENT",
    }
    for row, entry in zip(rows, (chosen, other), strict=True):
        assert row["emailInvitation"]["state"] == ("ACTIVE" if entry["canReceiveEmail"] else "UNAVAILABLE")
        toggled = (await server.ask(TOGGLE_EMAIL, id=row["id"]))["toggleEmailInvitation"]
        if entry["canReceiveEmail"]:
            assert toggled["participant"]["emailInvitation"]["state"] == "INACTIVE"
        else:
            assert [error["code"] for error in toggled["errors"]] == ["NO_VALID_EMAIL"]

    # F21: once, twice, three times.
    statuses = [
        (await server.ask(TOGGLE_STATUS, id=second["id"]))["toggleParticipantStatus"]["participant"]["status"]
        for _ in range(3)
    ]
    assert statuses == (
        ["DECLINED", "NOT_SEEN", "ACCEPTED"] if second["kind"] == "RESOURCE" else ["ACCEPTED", "DECLINED", "NOT_SEEN"]
    )

    # F10: Cancel stores nothing; Delete removes.
    before = await dialog.shown()
    gone = {"save": {"followUpId": dialog.id, "changes": {"remove": [first["id"], second["id"]]}}}
    preview = await server.ask(PREVIEW, draft=gone)
    assert len(preview["invitationPreview"]["participants"]) == 1
    assert await dialog.shown() == before
    await server.ask(REMOVE, id=dialog.id, ids=[first["id"]])
    assert [one["id"] for one in await dialog.invitees()] == [second["id"]]


async def an_invitation_goes_out_by_mail(server: Server, source: DialogSource) -> None:
    chosen = next(one for one in await listed(server, source) if one["canReceiveEmail"])
    dialog = await opened(server, "By mail", invitees=[invitee(chosen["reference"])], emailInvitations=True)

    async with server.live() as session:
        async for event in session.subscribe(request(SENT, id=dialog.id)):
            deliveries = [
                one["emailInvitation"]["delivery"] for one in event["followUpChanged"]["participants"]["nodes"]
            ]
            if "SENT" in deliveries[1:]:
                break


async def a_typed_address_becomes_the_entry_that_has_it(server: Server, source: DialogSource) -> None:
    colleague = next(one for one in await listed(server, source) if one["email"])
    typed = [
        {"participant": {"email": {"address": colleague["email"].upper()}}},
        {"participant": {"email": {"address": "somebody@elsewhere.example", "name": "Somebody"}}},
    ]

    dialog = await opened(server, "Typed", invitees=typed)

    known, unknown = await dialog.invitees()
    assert (known["reference"], known["kind"]) == (colleague["reference"], colleague["kind"])
    assert (unknown["name"], unknown["kind"]) == ("Somebody", "EMAIL")


async def open_overviews_are_taken_in(server: Server, source: DialogSource) -> None:
    colleague, *_ = await listed(server, source)
    viewer = _ADMINISTRATOR
    await server.ask(_SET_OVERVIEWS, viewer, who=[{"reference": colleague["reference"]}])
    given = {"type": "TASK", "title": "Taken in", "start": DURING["start"]}

    taken_in = await server.ask(_CREATE_TASK, viewer, input=given)
    left_out = await server.ask(_CREATE_TASK, viewer, input=given | {"withOpenOverviews": False})
    await server.ask(_SET_OVERVIEWS, viewer, who=[])

    nodes = taken_in["createFollowUp"]["followUp"]["participants"]["nodes"]
    assert colleague["reference"] in [one["reference"] for one in nodes]
    assert len(left_out["createFollowUp"]["followUp"]["participants"]["nodes"]) == 1
