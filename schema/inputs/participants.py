"""Who to invite, and what to change in the list of participants."""

import strawberry

from invito.schema.ids import number_in
from invito.schema.left_out import named
from invito.schema.scalars import TypedDateTime
from invito.services.follow_ups.commands import (
    EmailChoice,
    InviteeWish,
    ParticipantChanges,
    StatusChoice,
    TypedEmail,
    TypedSpan,
)
from invito.services.follow_ups.values import ParticipantRole, ParticipantStatus
from invito.services.ids import ParticipantId


def participant_number(id_: str) -> ParticipantId:
    return ParticipantId(number_in("Participant", id_))


@strawberry.input(description="Somebody by e-mail address.")
class EmailParticipantInput:
    address: str = strawberry.field(description="The e-mail address as typed.")
    name: str | None = strawberry.field(default=strawberry.UNSET, description="What to call them.")


@strawberry.input(
    one_of=True,
    description="Who to invite: the reference of an entry, or anybody by e-mail address (an address that exactly one "
    "known "
    "entry has becomes that entry).",
)
class ParticipantInput:
    reference: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="The `reference` of an entry or a participant."
    )
    email: EmailParticipantInput | None = strawberry.field(
        default=strawberry.UNSET, description="Anybody, by e-mail address."
    )

    def who(self) -> str | TypedEmail:
        email = named(self.email)
        if email is not None:
            return TypedEmail(email.address, named(email.name))
        return str(self.reference)


@strawberry.input(
    description="Somebody to invite. `emailInvitation` goes before the call's `emailInvitations`; true for one without "
    "a valid address is UNAVAILABLE, no error."
)
class InviteeInput:
    participant: ParticipantInput = strawberry.field(description="Who to invite.")
    role: ParticipantRole | None = strawberry.field(
        default=ParticipantRole.REQUIRED,
        description="Whether they are needed. A resource is always RESOURCE.",
    )
    email_invitation: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Whether this one gets the invitation by e-mail."
    )

    def wish(self) -> InviteeWish:
        return InviteeWish(self.participant.who(), self.role or ParticipantRole.REQUIRED, named(self.email_invitation))


@strawberry.input(description="A span of time: half-open, up to but not including `end`.")
class TimeSpanInput:
    start: TypedDateTime = strawberry.field(description="When it begins.")
    end: TypedDateTime = strawberry.field(description="When it is over: exclusive.")

    def typed(self) -> TypedSpan:
        return TypedSpan(self.start, self.end)


@strawberry.input(description="The envelope beside one participant.")
class SetEmailInvitationInput:
    participant_id: strawberry.ID = strawberry.field(description="Whose envelope.")
    enabled: bool = strawberry.field(description="Whether the participant gets the invitation by e-mail.")

    def choice(self) -> EmailChoice:
        return EmailChoice(participant_number(self.participant_id), self.enabled)


@strawberry.input(description="A status that the owner sets on a participant's behalf.")
class SetParticipantStatusInput:
    participant_id: strawberry.ID = strawberry.field(description="Whose status; never the viewer's own.")
    status: ParticipantStatus = strawberry.field(description="Where the invitation stands.")
    reason: str | None = strawberry.field(default=strawberry.UNSET, description="Why, where they declined.")

    def choice(self) -> StatusChoice:
        return StatusChoice(participant_number(self.participant_id), self.status, named(self.reason))


@strawberry.input(description="What to change in the list of participants: all of it or nothing.")
class ParticipantChangesInput:
    add: list[InviteeInput] | None = strawberry.field(default_factory=list, description="Who to invite.")
    remove: list[strawberry.ID] | None = strawberry.field(
        default_factory=list, description="The ids of the participants to remove."
    )
    email_invitations: list[SetEmailInvitationInput] | None = strawberry.field(
        default_factory=list, description="Whose envelopes to turn on or off."
    )
    statuses: list[SetParticipantStatusInput] | None = strawberry.field(
        default_factory=list, description="The statuses to set on behalf of participants."
    )

    def changes(self) -> ParticipantChanges:
        return ParticipantChanges(
            add=tuple(invitee.wish() for invitee in self.add or ()),
            remove=tuple(participant_number(id_) for id_ in self.remove or ()),
            emails=tuple(choice.choice() for choice in self.email_invitations or ()),
            statuses=tuple(choice.choice() for choice in self.statuses or ()),
        )
