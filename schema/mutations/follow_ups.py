"""Creating, changing and cancelling follow-ups, and the list of participants as a whole."""

from typing import Annotated

import strawberry

from invito.schema.fields import mutation
from invito.schema.follow_up import FollowUp
from invito.schema.inputs.follow_ups import (
    CancelFollowUpInput,
    CreateFollowUpInput,
    UpdateFollowUpInput,
    follow_up_number,
)
from invito.schema.inputs.roster import (
    InviteParticipantsInput,
    RemoveParticipantsInput,
    SaveParticipantsInput,
    SetEmailInvitationsInput,
)
from invito.schema.mutations.outcome import follow_up_payload, outcome_of
from invito.schema.operation import Info
from invito.schema.payloads import FollowUpPayload, InviteParticipantsPayload
from invito.services.invitations import cancelling, changing, changing_one, creating


@strawberry.type
class FollowUpMutations:
    @mutation(description="Creates a follow-up, with all its invitees or not at all; the viewer owns it.")
    async def create_follow_up(
        self,
        info: Info,
        input_: Annotated[
            CreateFollowUpInput, strawberry.argument(name="input", description="The follow-up to create.")
        ],
    ) -> FollowUpPayload:
        context = info.context
        return await follow_up_payload(info, creating.create_follow_up(context.house, context.caller, input_.command()))

    @mutation(
        description="Changes a follow-up. A changed time or place tells the invitees; a changed time asks them again."
    )
    async def update_follow_up(
        self,
        info: Info,
        input_: Annotated[UpdateFollowUpInput, strawberry.argument(name="input", description="What to change.")],
    ) -> FollowUpPayload:
        context, command = info.context, input_.command()
        return await follow_up_payload(
            info, changing.update_follow_up(context.house, context.caller, command), command.id
        )

    @mutation(description="Cancels a follow-up: its invitees are told, and nobody is busy with it any longer.")
    async def cancel_follow_up(
        self,
        info: Info,
        input_: Annotated[
            CancelFollowUpInput, strawberry.argument(name="input", description="Which follow-up to cancel.")
        ],
    ) -> FollowUpPayload:
        context, command = info.context, input_.command()
        return await follow_up_payload(
            info, cancelling.cancel_follow_up(context.house, context.caller, command), command.id
        )

    @mutation(
        description="Save in the dialog: adds, removes, turns e-mail on and off and sets statuses, all or nothing."
    )
    async def save_participants(
        self,
        info: Info,
        input_: Annotated[
            SaveParticipantsInput, strawberry.argument(name="input", description="What the dialog holds.")
        ],
    ) -> FollowUpPayload:
        context, command = info.context, input_.command()
        return await follow_up_payload(
            info, changing.save_participants(context.house, context.caller, command), command.id
        )

    @mutation(description="Invites into a follow-up. Who is invited already is no error.")
    async def invite_participants(
        self,
        info: Info,
        input_: Annotated[InviteParticipantsInput, strawberry.argument(name="input", description="Whom to invite.")],
    ) -> InviteParticipantsPayload:
        context, command = info.context, input_.command()
        done, errors = await outcome_of(info, changing.invite_participants(context.house, context.caller, command))
        found = await context.loaders.follow_up(command.id)
        return InviteParticipantsPayload(
            follow_up=None if found is None else FollowUp.of(found),
            errors=errors,
            done=done,
        )

    @mutation(description="Removes participants from a follow-up; those who were told of it are told.")
    async def remove_participants(
        self,
        info: Info,
        input_: Annotated[RemoveParticipantsInput, strawberry.argument(name="input", description="Whom to remove.")],
    ) -> FollowUpPayload:
        context, command = info.context, input_.command()
        return await follow_up_payload(
            info, changing.remove_participants(context.house, context.caller, command), command.id
        )

    @mutation(description="The E-mail invitation button: everyone in the list, except the viewer.")
    async def set_email_invitations(
        self,
        info: Info,
        input_: Annotated[SetEmailInvitationsInput, strawberry.argument(name="input", description="On or off.")],
    ) -> FollowUpPayload:
        context, id_ = info.context, follow_up_number(input_.follow_up_id)
        return await follow_up_payload(
            info,
            changing_one.set_email_invitations(context.house, context.caller, id_, enabled=input_.enabled),
            id_,
        )
