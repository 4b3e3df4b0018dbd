"""Mails that came in: believing one, and understanding one anew."""

from typing import Annotated

import strawberry

from invito.schema.fields import mutation
from invito.schema.inbound_message import InboundMessage, message_number
from invito.schema.mutations.outcome import outcome_of
from invito.schema.operation import Info
from invito.schema.participant import Participant
from invito.schema.payloads import InboundMessagePayload, ParticipantPayload
from invito.services.inbox import applying

MessageId = Annotated[strawberry.ID, strawberry.argument(description="Which mail.")]


@strawberry.type
class InboundMutations:
    @mutation(description="Believes an answer that could not be verified: for the owner of the follow-up.")
    async def apply_inbound_message(self, info: Info, message_id: MessageId) -> ParticipantPayload:
        context, id_ = info.context, message_number(message_id)
        participant, errors = await outcome_of(info, applying.apply_inbound_message(context.house, context.caller, id_))
        message = await context.loaders.inbound_messages.load(id_)
        found = await context.loaders.participant(participant or (None if message is None else message.participant))
        return ParticipantPayload(participant=None if found is None else Participant.of(found), errors=errors)

    @mutation(description="Understands a kept mail anew: for whoever may see it.")
    async def retry_inbound_message(self, info: Info, message_id: MessageId) -> InboundMessagePayload:
        context, id_ = info.context, message_number(message_id)
        _, errors = await outcome_of(info, applying.retry_inbound_message(context.house, context.caller, id_))
        found = await context.loaders.inbound_messages.load(id_)
        return InboundMessagePayload(message=None if found is None else InboundMessage.of(found), errors=errors)
