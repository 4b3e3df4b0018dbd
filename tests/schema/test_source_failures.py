"""A source that fails shows as a warning where it is asked, and in its health, over the API."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from invito.plugins import hookimpl
from invito.plugins.contract import Container, ContainerKind, Entry, ParticipantKind, Span
from invito.plugins.source import Source, SourceContext
from tests.schema.conftest import ADMIN, Office, OfficeSource

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

GUEST = Entry("well:1", ParticipantKind.OTHER, "Gjest")
NOON = {"start": "2027-03-01T12:00:00Z", "end": "2027-03-01T13:00:00Z"}
LISTED = """query ($source: String!, $during: TimeSpanInput) {
    availableParticipants(source: $source, during: $during) {
        nodes { name availability { state } } warnings { source message } } }"""


class Well(OfficeSource):
    """Lists a guest, whose calendar cannot be asked."""

    lists_employees = False

    def __init__(self, key: str) -> None:
        super().__init__(key, key, [GUEST] if key == "well" else [], Container("1", key, ContainerKind.OTHER))

    def busy(self, context: SourceContext, references: Sequence[str], span: Span) -> Any:
        raise ConnectionError


class Ill(Well):
    def participants(self, context: SourceContext, query: object) -> Any:
        raise ConnectionError


class Innkeeper:
    @hookimpl
    def invito_participant_sources(self) -> Sequence[Source]:
        return [Well("well"), Ill("ill")]


class Waiting:
    """Is still being started."""

    @hookimpl
    async def invito_startup(self) -> None:
        await asyncio.Event().wait()

    @hookimpl
    def invito_participant_sources(self) -> Sequence[Source]:
        return [Well("waiting")]


@pytest.fixture(autouse=True)
def _sources(office: Office) -> None:
    office.house.plugins.load([Innkeeper()])


async def test_a_source_that_fails_is_a_warning_in_the_viewers_language(office: Office) -> None:
    answer = await office.answer(LISTED, source="ill")

    assert answer["availableParticipants"] == {
        "nodes": [],
        "warnings": [{"source": "ill", "message": "ill (Innkeeper): failed (ConnectionError)"}],
    }


async def test_whose_calendar_cannot_be_asked_is_unknown_and_not_free(office: Office) -> None:
    answer = await office.answer(LISTED, source="well", during=NOON)

    assert answer["availableParticipants"] == {
        "nodes": [{"name": "Gjest", "availability": {"state": "UNKNOWN"}}],
        "warnings": [{"source": "well", "message": "well (Innkeeper): failed (ConnectionError)"}],
    }


async def test_of_two_sources_of_a_plugin_the_one_that_fails_alone_shows_it(office: Office) -> None:
    for _ in range(5):
        await office.answer(LISTED, source="ill")
        await office.answer(LISTED, source="well")

    answer = await office.answer("{ participantSources { key health } }", ADMIN)

    health = {one["key"]: one["health"] for one in answer["participantSources"]}
    assert health == {"employees": "OK", "resource": "OK", "well": "OK", "ill": "UNAVAILABLE"}


async def test_the_preview_says_unknown_too_and_is_no_conflict(office: Office) -> None:
    answer = await office.answer(
        """query ($draft: InvitationDraftInput!) { invitationPreview(draft: $draft) {
            hasConflict errors { code } participants { participant { name availability { state } } } } }""",
        draft={
            "create": {
                "type": "APPOINTMENT",
                "title": "Budget",
                "start": "2027-03-01T12:00:00Z",
                "invitees": [{"participant": {"reference": "well:1"}}],
            }
        },
    )

    preview = answer["invitationPreview"]
    assert (preview["errors"], preview["hasConflict"]) == ([], False)
    assert preview["participants"][1]["participant"] == {"name": "Gjest", "availability": {"state": "UNKNOWN"}}


async def test_a_participant_whose_calendar_cannot_be_asked_is_unknown(office: Office) -> None:
    made = await office.follow_up("well:1")

    answer = await office.answer(
        """query ($id: ID!) { followUp(id: $id) {
            participants { nodes { name availability { state } } } } }""",
        id=made.id,
    )

    assert answer["followUp"]["participants"]["nodes"][1] == {"name": "Gjest", "availability": {"state": "UNKNOWN"}}


async def test_an_employee_whose_further_calendar_cannot_be_asked_is_unknown(office: Office) -> None:
    class Calendars:
        @hookimpl
        def invito_busy_spans(self) -> Any:
            raise ConnectionError

    office.house.plugins.load([Calendars()])
    made = await office.follow_up("employee:2")

    answer = await office.answer(
        """query ($id: ID!) { followUp(id: $id) { participants { nodes { availability { state } } } } }""", id=made.id
    )

    states = [one["availability"]["state"] for one in answer["followUp"]["participants"]["nodes"]]
    assert states == ["UNKNOWN", "UNKNOWN"]


async def test_of_each_plugin_its_hooks_are_told_and_how_the_last_calls_went(office: Office) -> None:
    class Forgetful:
        @hookimpl
        def invito_status_changed(self, event: object) -> None:
            raise RuntimeError

    office.house.plugins.load([Forgetful(), Waiting()])
    await office.house.plugins.start(patience_seconds=0)
    await office.house.plugins.hooks.tell("invito_status_changed", None)

    answer = await office.answer("{ plugins { nodes { name hooks health } } participantSources { key health } }", ADMIN)
    await office.house.plugins.stop()

    plugins = {one["name"]: (one["hooks"], one["health"]) for one in answer["plugins"]["nodes"]}
    assert plugins["Innkeeper"] == (["invito_participant_sources"], "OK")
    assert plugins["Forgetful"] == (["invito_status_changed"], "DEGRADED")
    assert plugins["Waiting"] == (["invito_participant_sources", "invito_startup"], "UNAVAILABLE")
    assert {"key": "waiting", "health": "UNAVAILABLE"} in answer["participantSources"]
