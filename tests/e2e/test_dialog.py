"""The Invitation dialog from opening it to closing it, F5–F16 in order, for each of the five sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e import dialog_steps
from tests.e2e.dialog import EMAIL_FOR_ALL, ENTRIES, invitee, opened
from tests.e2e.dialog_steps import DialogSource

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.conftest import Server

EMPLOYEES = DialogSource("employees", everybody=120)
SOURCES = [
    EMPLOYEES,
    # Most of company/person are persons, who are a list of one; a company is searched.
    DialogSource("company_person", search="Ølen"),
    DialogSource("project"),
    DialogSource("selection"),
    DialogSource("resource", everybody=60),
]
each_source = pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.key)


async def test_the_five_sources_are_offered_in_their_order(office: Server) -> None:
    found = await office.ask("{ participantSources { key label(language: NB) } }")

    assert [source["key"] for source in found["participantSources"]] == [source.key for source in SOURCES]
    labels = [source["label"] for source in found["participantSources"]]
    assert labels == ["Medarbeidere", "Firma/person", "Prosjekt", "Utvalg", "Ressurs"]


@each_source
async def test_all_is_offered_by_employees_and_resources_alone(office: Server, source: DialogSource) -> None:
    await dialog_steps.all_are_listed_where_all_is_offered(office, source)


@each_source
async def test_a_list_box_is_searched_by_prefixes_of_words(office: Server, source: DialogSource) -> None:
    await dialog_steps.containers_are_found_by_prefixes_of_words(office, source)


@pytest.mark.parametrize("source", [one for one in SOURCES if one.everybody], ids=lambda source: source.key)
async def test_an_entry_is_found_in_its_list_and_in_the_one_search_box(office: Server, source: DialogSource) -> None:
    await dialog_steps.an_entry_is_found_in_its_list_and_in_the_one_search_box(office, source)


@each_source
async def test_the_dialog_from_choosing_to_cancelling(office: Server, source: DialogSource) -> None:
    await dialog_steps.the_dialog_goes_from_choosing_to_cancelling(office, source)


async def test_an_invitation_goes_out_by_mail(office: Server) -> None:
    await dialog_steps.an_invitation_goes_out_by_mail(office, EMPLOYEES)


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
    await dialog_steps.a_typed_address_becomes_the_entry_that_has_it(office, EMPLOYEES)


async def test_open_overviews_are_taken_in(office: Server) -> None:
    await dialog_steps.open_overviews_are_taken_in(office, EMPLOYEES)


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
