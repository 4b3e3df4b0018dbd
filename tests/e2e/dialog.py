"""The Invitation dialog as its user has it open: its operations, and the follow-up that it is open for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.e2e.conftest import Server

DURING = {"start": "2031-03-03T10:00:00+01:00", "end": "2031-03-03T11:00:00+01:00"}
CONTAINERS = """query ($key: String!, $search: String) { participantSource(key: $key) { offersAll isSearchable
    containers(search: $search, first: 100) { nodes { id name memberCount } warnings { message } } } }"""
ENTRIES = """query ($source: String!, $container: ID, $search: String, $during: TimeSpanInput, $followUp: ID) {
    availableParticipants(source: $source, container: $container, search: $search, during: $during,
                          followUp: $followUp, first: 500) {
        nodes { reference name kind email canReceiveEmail isInvited availability { state conflicts { title } } }
        totalCount warnings { message } } }"""
CREATE = """mutation ($input: CreateFollowUpInput!) { createFollowUp(input: $input) {
    errors { code path } followUp { id version location } } }"""
SHOWN = """query ($id: ID!) { followUp(id: $id) { version sequence location statusCounts { total conflicts emailActive }
    participants(first: 500) { nodes { id name reference kind role status statusOrigin hasConflict
        emailInvitation { state unavailableReason delivery } } } } }"""
PREVIEW = """query ($draft: InvitationDraftInput!) { invitationPreview(draft: $draft) { hasConflict errors { code path }
    participants { participant { name reference } role status hasConflict emailInvitation { state } } } }"""
SAVE = """mutation ($input: SaveParticipantsInput!) { saveParticipants(input: $input) {
    errors { code path message } followUp { version } } }"""
EMAIL_FOR_ALL = """mutation ($id: ID!) { setEmailInvitations(input: {followUpId: $id, enabled: true}) {
    errors { code } followUp { statusCounts { emailActive } } } }"""
TOGGLE_EMAIL = """mutation ($id: ID!) { toggleEmailInvitation(participantId: $id) {
    errors { code message } participant { emailInvitation { state unavailableReason } } } }"""
TOGGLE_STATUS = """mutation ($id: ID!) { toggleParticipantStatus(participantId: $id) {
    errors { code } participant { status statusOrigin } } }"""
REMOVE = """mutation ($id: ID!, $ids: [ID!]!) { removeParticipants(input: {followUpId: $id, participantIds: $ids}) {
    errors { code } followUp { sequence } } }"""

SEARCH = """query ($search: String!) { searchParticipants(search: $search, first: 500) {
    nodes { reference name } warnings { message } } }"""
SENT = """subscription ($id: ID!) { followUpChanged(id: $id) {
    participants { nodes { emailInvitation { delivery } } } } }"""


@dataclass
class Dialog:
    """A follow-up of Kari's whose dialog is open."""

    server: Server
    id: str

    async def shown(self) -> Any:
        return (await self.server.ask(SHOWN, id=self.id))["followUp"]

    async def invitees(self) -> list[Any]:
        return [one for one in (await self.shown())["participants"]["nodes"] if one["role"] != "OWNER"]

    async def save(self, **changes: object) -> Any:
        done = await self.server.ask(SAVE, input={"followUpId": self.id, "changes": changes})
        assert done["saveParticipants"]["errors"] == []
        return done["saveParticipants"]["followUp"]


async def opened(server: Server, title: str, **fields: object) -> Dialog:
    given = {"type": "APPOINTMENT", "title": title, "start": DURING["start"], "end": DURING["end"]} | fields
    made = await server.ask(CREATE, input=given)
    assert made["createFollowUp"]["errors"] == []
    return Dialog(server, made["createFollowUp"]["followUp"]["id"])


def invitee(reference: str, **more: object) -> dict[str, Any]:
    return {"participant": {"reference": reference}, **more}
