"""A mail that came in."""

from datetime import datetime
from typing import Self

import strawberry

from invito.schema.fields import resolved
from invito.schema.follow_up import FollowUp
from invito.schema.ids import global_id, number_in
from invito.schema.node import Node
from invito.schema.operation import Info
from invito.schema.participant import Participant
from invito.services.follow_ups.values import ParticipantStatus
from invito.services.ids import InboxId
from invito.services.inbox import repository
from invito.services.inbox.texts import reason_text
from invito.services.itip.verdicts import InboundOutcome


@strawberry.type(description="A mail that came in, and what was made of it.")
class InboundMessage(Node):
    outcome: InboundOutcome = strawberry.field(description="What the mail did.")
    sender: str | None = strawberry.field(description="The address in From, where there is exactly one.")
    subject: str | None = strawberry.field(description="The mail's subject.")
    status: ParticipantStatus | None = strawberry.field(
        description="The status that the mail asks for; null where it asks for none."
    )
    received_at: datetime = strawberry.field(description="When the mail first arrived.")
    known: strawberry.Private[repository.InboundMessage]

    @resolved(description="Why it did what it did, in the viewer's language, to be shown as it is.")
    def reason(self) -> str | None:
        return reason_text(self.known.reason, self.known.reason_values)

    @resolved(description="The follow-up that the mail is about; null where none is known.")
    async def follow_up(self, info: Info) -> FollowUp | None:
        found = await info.context.loaders.follow_up(self.known.follow_up)
        return None if found is None else FollowUp.of(found)

    @resolved(description="The participant that the mail is about; null where there is none, or it was removed.")
    async def participant(self, info: Info) -> Participant | None:
        found = await info.context.loaders.participant(self.known.participant)
        return None if found is None else Participant.of(found)

    @classmethod
    def of(cls, message: repository.InboundMessage) -> Self:
        return cls(
            id=global_id("InboundMessage", message.id),
            outcome=message.outcome,
            sender=message.sender,
            subject=message.subject,
            status=message.status,
            received_at=message.received_at,
            known=message,
        )


def message_number(id_: str) -> InboxId:
    return InboxId(number_in("InboundMessage", id_))
