"""What the owner does with the icons beside one participant."""

from typing import Annotated

import strawberry

from invito.schema.fields import mutation
from invito.schema.inputs.participants import (
    SetEmailInvitationInput,
    SetParticipantStatusInput,
    participant_number,
)
from invito.schema.left_out import named
from invito.schema.mutations.outcome import participant_payload
from invito.schema.operation import Info
from invito.schema.payloads import ParticipantPayload
from invito.services.follow_ups.commands import ToggleEmail, ToggleStatus
from invito.services.follow_ups.values import EmailInvitationState, ParticipantStatus
from invito.services.invitations import changing_one

ParticipantIdArgument = Annotated[strawberry.ID, strawberry.argument(description="Which participant.")]
_FROM = "What the person saw: if it is no longer so, STALE_VERSION and nothing happens; a repeat is harmless with it."


@strawberry.type
class ParticipantMutations:
    @mutation(description="The icon beside one participant.")
    async def set_email_invitation(
        self,
        info: Info,
        input_: Annotated[
            SetEmailInvitationInput, strawberry.argument(name="input", description="On or off, and for whom.")
        ],
    ) -> ParticipantPayload:
        context, choice = info.context, input_.choice()
        return await participant_payload(
            info, changing_one.set_email_invitation(context.house, context.caller, choice), choice.participant
        )

    @mutation(
        description="The same as one click. `from` is what the person saw: if it is no longer so, STALE_VERSION and "
        "nothing happens; a repeat is harmless with it."
    )
    async def toggle_email_invitation(
        self,
        info: Info,
        participant_id: ParticipantIdArgument,
        from_: Annotated[
            EmailInvitationState | None, strawberry.argument(name="from", description=_FROM)
        ] = strawberry.UNSET,
    ) -> ParticipantPayload:
        context, command = info.context, ToggleEmail(participant_number(participant_id), named(from_))
        return await participant_payload(
            info, changing_one.toggle_email_invitation(context.house, context.caller, command), command.participant
        )

    @mutation(description="Sets a status on behalf of a participant, resources too.")
    async def set_participant_status(
        self,
        info: Info,
        input_: Annotated[
            SetParticipantStatusInput, strawberry.argument(name="input", description="Which status, and whose.")
        ],
    ) -> ParticipantPayload:
        context, choice = info.context, input_.choice()
        return await participant_payload(
            info, changing_one.set_participant_status(context.house, context.caller, choice), choice.participant
        )

    @mutation(
        description="The Toggle status button: once accepts, twice declines, a third time unanswered (SEEN if it ever "
        "was seen, else NOT_SEEN). With `from`, if what the person saw is no longer so, STALE_VERSION and nothing "
        "happens; a repeat is harmless with it."
    )
    async def toggle_participant_status(
        self,
        info: Info,
        participant_id: ParticipantIdArgument,
        from_: Annotated[
            ParticipantStatus | None, strawberry.argument(name="from", description=_FROM)
        ] = strawberry.UNSET,
    ) -> ParticipantPayload:
        context, command = info.context, ToggleStatus(participant_number(participant_id), named(from_))
        return await participant_payload(
            info, changing_one.toggle_participant_status(context.house, context.caller, command), command.participant
        )
