"""What the viewer is told."""

from datetime import datetime
from typing import Self

import strawberry

from invito.schema.fields import resolved
from invito.schema.follow_up import FollowUp
from invito.schema.ids import global_id
from invito.schema.left_out import named
from invito.schema.node import Node
from invito.schema.operation import Info
from invito.schema.participant import Participant
from invito.schema.participant_source import InLanguage
from invito.services.notifications import values
from invito.services.notifications.texts import message_of
from invito.services.notifications.values import NotificationKind


@strawberry.type(description="Something that the viewer is told: an invitation, a change, a cancellation, an answer.")
class Notification(Node):
    kind: NotificationKind = strawberry.field(description="What sort of news it is.")
    created_at: datetime = strawberry.field(description="When it happened.")
    acknowledged_at: datetime | None = strawberry.field(
        description="When the viewer acknowledged it ('Got it'); null as long as they have not."
    )
    known: strawberry.Private[values.Notification]

    @resolved(description="The follow-up that it is about; null where the viewer may not see it any longer.")
    async def follow_up(self, info: Info) -> FollowUp | None:
        found = await info.context.loaders.follow_up(self.known.follow_up_id)
        return None if found is None else FollowUp.of(found)

    @resolved(description="The participant that it is about; null where there is none, or it was removed.")
    async def participant(self, info: Info) -> Participant | None:
        found = await info.context.loaders.participant(self.known.participant_id)
        return None if found is None else Participant.of(found)

    @resolved(description="The news in a sentence, to be shown as it is.")
    def message(self, info: Info, language: InLanguage = strawberry.UNSET) -> str:
        caller = info.context.caller
        return message_of(self.known, named(language) or caller.language, caller.time_zone)

    @classmethod
    def of(cls, notification: values.Notification) -> Self:
        return cls(
            id=global_id("Notification", notification.id),
            kind=notification.kind,
            created_at=notification.created_at,
            acknowledged_at=notification.acknowledged_at,
            known=notification,
        )
