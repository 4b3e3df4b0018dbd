"""A participant of a follow-up."""

from datetime import datetime
from typing import Self

import strawberry

from invito.plugins.contract import ParticipantKind
from invito.schema.availability import Availability, LazyFollowUp
from invito.schema.email_invitation import EmailInvitation
from invito.schema.fields import resolved
from invito.schema.ids import global_id
from invito.schema.node import Node
from invito.schema.operation import Info
from invito.schema.participant_source import ParticipantSource
from invito.schema.time_proposal import TimeProposal
from invito.services.follow_ups import values
from invito.services.follow_ups.envelopes import email_invitation
from invito.services.follow_ups.values import ParticipantRole, ParticipantStatus, StatusOrigin
from invito.services.follow_ups.visibility import is_caller, may_see_private
from invito.services.invitations.conflicts import stands_with_conflict


@strawberry.type(description="A row of the Participants tab.")
class Participant(Node):
    reference: strawberry.ID = strawberry.field(description="Opaque; the same as the entry's that was invited.")
    kind: ParticipantKind = strawberry.field(description="What sort of participant it is.")
    role: ParticipantRole = strawberry.field(description="What the participant is to the follow-up.")
    name: str = strawberry.field(description="The name, kept with the follow-up.")
    email: str | None = strawberry.field(description="The e-mail address, kept with the follow-up.")
    status: ParticipantStatus = strawberry.field(description="Where the invitation stands.")
    status_origin: StatusOrigin = strawberry.field(description="How the status came about.")
    status_changed_at: datetime | None = strawberry.field(
        description="When the status last changed; null where it never did."
    )
    known: strawberry.Private[values.Participant]

    @resolved(description="The follow-up that the participant takes part in.")
    async def follow_up(self, info: Info) -> LazyFollowUp:
        from invito.schema.follow_up import FollowUp  # noqa: PLC0415  # which is made of these

        return FollowUp.of(await info.context.loaders.follow_up_of(self.known))

    @resolved(
        description="The source that the participant came from. Null for a typed e-mail address, and where the plugin "
        "that it came from is gone: the participant stays."
    )
    async def source(self, info: Info) -> ParticipantSource | None:
        found = await info.context.loaders.source(self.known.source)
        return None if found is None else ParticipantSource.of(found)

    @resolved(description="Whether this is who asks.")
    def is_viewer(self, info: Info) -> bool:
        return is_caller(info.context.caller, self.known)

    @resolved(description="Why the participant declined: for the owner and the participant themself.")
    async def decline_reason(self, info: Info) -> str | None:
        return self.known.decline_reason if await self._shows_private(info) else None

    @resolved(
        description="Other times that the participant asked for in an answer by mail, the newest first: for the owner "
        "and the participant themself."
    )
    async def proposals(self, info: Info) -> list[TimeProposal]:
        if not await self._shows_private(info):
            return []
        return [TimeProposal.of(one) for one in await info.context.loaders.proposals.load(self.known.id)]

    @resolved(
        description="Whether the participant is free at the follow-up's own time; another follow-up counts, this one "
        "does not."
    )
    async def availability(self, info: Info) -> Availability:
        return Availability.of(await info.context.loaders.availabilities.load(self.known))

    @resolved(description="Whether the participant is busy with something else. Shown as KONFLIKT / CONFLICT.")
    async def has_conflict(self, info: Info) -> bool:
        loaders = info.context.loaders
        follow_up = await loaders.follow_up_of(self.known)
        return stands_with_conflict(follow_up, self.known, await loaders.availabilities.load(self.known))

    @resolved(description="The envelope beside the name.")
    async def email_invitation(self, info: Info) -> EmailInvitation:
        envelope = email_invitation(self.known, can_send=await self._can_send(info))
        return EmailInvitation.of(envelope, with_error=envelope.error is not None and await self._shows_private(info))

    async def _can_send(self, info: Info) -> bool:
        follow_up = await info.context.loaders.follow_up_of(self.known)
        return info.context.house.rules.can_send(has_mailbox=follow_up.owner.has_mailbox)

    async def _shows_private(self, info: Info) -> bool:
        follow_up = await info.context.loaders.follow_up_of(self.known)
        return may_see_private(info.context.caller, follow_up, self.known)

    @classmethod
    def of(cls, participant: values.Participant) -> Self:
        return cls(
            id=global_id("Participant", participant.id),
            reference=strawberry.ID(participant.reference),
            kind=participant.kind,
            role=participant.role,
            name=participant.name,
            email=participant.email,
            status=participant.status,
            status_origin=participant.status_origin,
            status_changed_at=participant.status_changed_at,
            known=participant,
        )
