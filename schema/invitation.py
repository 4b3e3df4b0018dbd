"""An invitation: a participant as the one who is invited, or who is told of an answer, sees it."""

from datetime import datetime
from typing import Self

import strawberry

from invito.schema.fields import resolved
from invito.schema.follow_up import FollowUp
from invito.schema.ids import global_id
from invito.schema.node import Node
from invito.schema.operation import Info
from invito.schema.participant import Participant
from invito.services.follow_ups import values
from invito.services.invitations.conflicts import stands_with_conflict


@strawberry.type(description="An invitation that waits for the viewer's answer, or an answer to the viewer's own.")
class Invitation(Node):
    received_at: datetime = strawberry.field(description="When the participant was invited.")
    known: strawberry.Private[values.Participant]

    @resolved(description="Who is invited, and where the invitation stands.")
    def participant(self) -> Participant:
        return Participant.of(self.known)

    @resolved(description="What the invitation is to.")
    async def follow_up(self, info: Info) -> FollowUp:
        return FollowUp.of(await info.context.loaders.follow_up_of(self.known))

    @resolved(description="Whether who is invited is busy with something else at that time.")
    async def has_conflict(self, info: Info) -> bool:
        loaders = info.context.loaders
        follow_up = await loaders.follow_up_of(self.known)
        return stands_with_conflict(follow_up, self.known, await loaders.availabilities.load(self.known))

    @classmethod
    def of(cls, participant: values.Participant) -> Self:
        return cls(id=global_id("Invitation", participant.id), received_at=participant.invited_at, known=participant)
