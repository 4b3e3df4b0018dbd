"""The dialog's list of participants: saving it, inviting into it, removing from it, and what it would become."""

import strawberry

from invito.schema.inputs.follow_ups import (
    EXPECTED_VERSION,
    IDEMPOTENCY_KEY,
    CreateFollowUpInput,
    follow_up_number,
)
from invito.schema.inputs.participants import InviteeInput, ParticipantChangesInput, participant_number
from invito.schema.left_out import named
from invito.services.follow_ups.commands import InviteParticipants, RemoveParticipants, SaveParticipants


@strawberry.input(description="What Save in the dialog stores: all of it or nothing.")
class SaveParticipantsInput:
    follow_up_id: strawberry.ID = strawberry.field(description="Which follow-up.")
    expected_version: int | None = strawberry.field(default=strawberry.UNSET, description=EXPECTED_VERSION)
    changes: ParticipantChangesInput = strawberry.field(description="What to change in the list.")
    idempotency_key: str | None = strawberry.field(default=strawberry.UNSET, description=IDEMPOTENCY_KEY)

    def command(self) -> SaveParticipants:
        return SaveParticipants(
            follow_up_number(self.follow_up_id),
            self.changes.changes(),
            named(self.expected_version),
            named(self.idempotency_key),
        )


@strawberry.input(
    one_of=True, description="What the open dialog holds: a new follow-up, or changes to one that is there."
)
class InvitationDraftInput:
    create: CreateFollowUpInput | None = strawberry.field(
        default=strawberry.UNSET, description="A follow-up that is not there yet."
    )
    save: SaveParticipantsInput | None = strawberry.field(
        default=strawberry.UNSET, description="Changes to one that is there."
    )


@strawberry.input(description="Whom to invite into a follow-up.")
class InviteParticipantsInput:
    follow_up_id: strawberry.ID = strawberry.field(description="Which follow-up.")
    expected_version: int | None = strawberry.field(default=strawberry.UNSET, description=EXPECTED_VERSION)
    invitees: list[InviteeInput] = strawberry.field(description="Who to invite: up to 1,000.")
    email_invitations: bool | None = strawberry.field(
        default=False, description="Turn e-mail invitations on for those of the call who can get one."
    )
    idempotency_key: str | None = strawberry.field(default=strawberry.UNSET, description=IDEMPOTENCY_KEY)

    def command(self) -> InviteParticipants:
        return InviteParticipants(
            follow_up_number(self.follow_up_id),
            tuple(invitee.wish() for invitee in self.invitees),
            bool(self.email_invitations),
            named(self.expected_version),
            named(self.idempotency_key),
        )


@strawberry.input(description="Whom to remove from a follow-up.")
class RemoveParticipantsInput:
    follow_up_id: strawberry.ID = strawberry.field(description="Which follow-up.")
    expected_version: int | None = strawberry.field(default=strawberry.UNSET, description=EXPECTED_VERSION)
    participant_ids: list[strawberry.ID] = strawberry.field(description="The ids of the participants to remove.")
    idempotency_key: str | None = strawberry.field(default=strawberry.UNSET, description=IDEMPOTENCY_KEY)

    def command(self) -> RemoveParticipants:
        return RemoveParticipants(
            follow_up_number(self.follow_up_id),
            tuple(participant_number(id_) for id_ in self.participant_ids),
            named(self.expected_version),
            named(self.idempotency_key),
        )


@strawberry.input(description="The E-mail invitation button.")
class SetEmailInvitationsInput:
    follow_up_id: strawberry.ID = strawberry.field(description="Which follow-up.")
    enabled: bool = strawberry.field(description="Whether everyone in the list gets the invitation by e-mail.")
