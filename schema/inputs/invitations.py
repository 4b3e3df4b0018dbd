"""Answers to invitations, and which invitations are shown."""

import strawberry

from invito.schema.enums import InvitationAnswer
from invito.schema.inputs.participants import participant_number
from invito.schema.left_out import named
from invito.services.follow_ups.commands import Answer
from invito.services.follow_ups.values import ParticipantStatus
from invito.services.invitations import received


@strawberry.input(
    description="Which invitations. Without any: what waits for an answer (NOT_SEEN, SEEN, TENTATIVE). showAccepted "
    "and showDeclined add those; showResponses adds the answers that invitees gave to the viewer's own follow-ups and "
    "that the viewer has not acknowledged."
)
class InvitationFilter:
    show_declined: bool | None = strawberry.field(default=False, description="Those too that the viewer declined.")
    show_responses: bool | None = strawberry.field(
        default=False, description="The answers too that others gave to the viewer's own follow-ups."
    )
    show_accepted: bool | None = strawberry.field(default=False, description="Those too that the viewer accepted.")

    def asked(self) -> received.InvitationFilter:
        return received.InvitationFilter(
            show_declined=bool(self.show_declined),
            show_responses=bool(self.show_responses),
            show_accepted=bool(self.show_accepted),
        )


@strawberry.input(description="The viewer's answer to an invitation to themselves.")
class RespondToInvitationInput:
    participant_id: strawberry.ID = strawberry.field(description="The viewer as a participant of the follow-up.")
    status: InvitationAnswer = strawberry.field(description="The answer.")
    reason: str | None = strawberry.field(default=strawberry.UNSET, description="Why, where they decline.")

    def answer(self) -> Answer:
        return Answer(participant_number(self.participant_id), ParticipantStatus(self.status.value), named(self.reason))
