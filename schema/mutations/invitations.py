"""What an invitee does with an invitation."""

from typing import Annotated

import strawberry

from invito.schema.fields import mutation
from invito.schema.inputs.invitations import RespondToInvitationInput
from invito.schema.inputs.participants import participant_number
from invito.schema.mutations.outcome import participant_payload
from invito.schema.operation import Info
from invito.schema.payloads import ParticipantPayload
from invito.services.invitations import answering


@strawberry.type
class InvitationMutations:
    @mutation(description="The viewer answers an invitation to themselves; declining takes it out of their diary.")
    async def respond_to_invitation(
        self,
        info: Info,
        input_: Annotated[RespondToInvitationInput, strawberry.argument(name="input", description="The answer.")],
    ) -> ParticipantPayload:
        context, answer = info.context, input_.answer()
        return await participant_payload(
            info, answering.respond_to_invitation(context.house, context.caller, answer), answer.participant
        )

    @mutation(description="The viewer has looked at an invitation to themselves.")
    async def mark_invitation_seen(
        self,
        info: Info,
        participant_id: Annotated[
            strawberry.ID, strawberry.argument(description="The viewer as a participant of the follow-up.")
        ],
    ) -> ParticipantPayload:
        context, id_ = info.context, participant_number(participant_id)
        return await participant_payload(info, answering.mark_invitation_seen(context.house, context.caller, id_), id_)
