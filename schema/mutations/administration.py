"""What administrators set."""

from typing import Annotated

import strawberry

from invito.schema.available_participant import AvailableParticipant
from invito.schema.fields import mutation
from invito.schema.inputs.administration import SetAvailableAsParticipantInput, UpdateParticipantSourceInput
from invito.schema.left_out import named
from invito.schema.mutations.outcome import outcome_of
from invito.schema.operation import Info
from invito.schema.participant_source import ParticipantSource
from invito.schema.payloads import AvailableParticipantPayload, ParticipantSourcePayload
from invito.services.participants import administering, sources


@strawberry.type
class AdministrationMutations:
    @mutation(description="For administrators: whether an entry is available as a participant.")
    async def set_available_as_participant(
        self,
        info: Info,
        input_: Annotated[
            SetAvailableAsParticipantInput, strawberry.argument(name="input", description="Which entry, and whether.")
        ],
    ) -> AvailableParticipantPayload:
        context = info.context
        done, errors = await outcome_of(
            info,
            administering.set_available(
                context.house, context.caller, input_.participant.who(), is_available=input_.is_available
            ),
        )
        return AvailableParticipantPayload(
            participant=None if done is None else AvailableParticipant.of(done), errors=errors
        )

    @mutation(description="For administrators: whether a source is offered, and where in the order.")
    async def update_participant_source(
        self,
        info: Info,
        input_: Annotated[
            UpdateParticipantSourceInput, strawberry.argument(name="input", description="What to change.")
        ],
    ) -> ParticipantSourcePayload:
        context = info.context
        _, errors = await outcome_of(
            info,
            sources.update_source(
                context.house, context.caller, input_.key, named(input_.is_enabled), named(input_.position)
            ),
        )
        found = await context.loaders.source(input_.key)
        return ParticipantSourcePayload(
            participant_source=None if found is None else ParticipantSource.of(found), errors=errors
        )
