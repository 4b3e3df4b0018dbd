"""The open dialog before Save."""

from typing import Self

import strawberry

from invito.schema.available_participant import AvailableParticipant
from invito.schema.email_invitation import EmailInvitation
from invito.schema.errors import UserError, user_errors
from invito.services.follow_ups.values import ParticipantRole, ParticipantStatus
from invito.services.invitations import previewing


@strawberry.type(
    description="A participant as it would stand in the Participants tab; it has no id, since nothing is stored."
)
class PreviewedParticipant:
    participant: AvailableParticipant = strawberry.field(description="Who it is, and whether they are free then.")
    role: ParticipantRole = strawberry.field(description="What the participant would be to the follow-up.")
    status: ParticipantStatus = strawberry.field(description="Where the invitation would stand.")
    has_conflict: bool = strawberry.field(description="Whether it would stand with KONFLIKT / CONFLICT.")
    email_invitation: EmailInvitation = strawberry.field(description="The envelope as it would stand beside the name.")

    @classmethod
    def of(cls, previewed: previewing.PreviewedParticipant) -> Self:
        return cls(
            participant=AvailableParticipant.of(previewed.listed),
            role=previewed.role,
            status=previewed.status,
            has_conflict=previewed.has_conflict,
            email_invitation=EmailInvitation.of(previewed.email, with_error=True),
        )


@strawberry.type(description="What saving would do, without doing it.")
class InvitationPreview:
    participants: list[PreviewedParticipant] = strawberry.field(
        description="Everyone who would take part, the owner first."
    )
    has_conflict: bool = strawberry.field(description="Whether anyone who would take part is busy with something else.")
    errors: list[UserError] = strawberry.field(description="What saving would be refused for.")

    @classmethod
    def of(cls, preview: previewing.Preview) -> Self:
        return cls(
            participants=[PreviewedParticipant.of(one) for one in preview.participants],
            has_conflict=preview.has_conflict,
            errors=user_errors(preview.errors),
        )
