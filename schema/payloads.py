"""What mutations answer with: the object as it stands now, and what a person can mend."""

from collections.abc import Sequence

import strawberry

from invito.schema.available_participant import AvailableParticipant
from invito.schema.errors import UserError
from invito.schema.fields import resolved
from invito.schema.follow_up import FollowUp
from invito.schema.inbound_message import InboundMessage
from invito.schema.mailbox import Mailbox
from invito.schema.notification import Notification
from invito.schema.operation import Info
from invito.schema.participant import Participant
from invito.schema.participant_source import ParticipantSource
from invito.schema.viewer import Viewer
from invito.services.ids import ParticipantId
from invito.services.invitations.changing import Invited

_ERRORS = "What a person can mend: nothing was changed then. Empty where all went well."


@strawberry.type(description="A follow-up as it stands now.")
class FollowUpPayload:
    follow_up: FollowUp | None = strawberry.field(
        description="The follow-up as it stands now; null where there is none, or the viewer may not see it."
    )
    errors: list[UserError] = strawberry.field(description=_ERRORS)


@strawberry.type(description="A follow-up as it stands now, and whom the call invited.")
class InviteParticipantsPayload:
    follow_up: FollowUp | None = strawberry.field(
        description="The follow-up as it stands now; null where there is none, or the viewer may not see it."
    )
    errors: list[UserError] = strawberry.field(description=_ERRORS)
    done: strawberry.Private[Invited | None]

    @resolved(description="Those whom this call invited, in the order asked for.")
    async def invited(self, info: Info) -> list[Participant]:
        return await _participants(info, () if self.done is None else self.done.invited)

    @resolved(description="Those of the call who were invited already: no error, and nothing changed for them.")
    async def already_invited(self, info: Info) -> list[Participant]:
        return await _participants(info, () if self.done is None else self.done.already_invited)


async def _participants(info: Info, ids: Sequence[ParticipantId]) -> list[Participant]:
    found = await info.context.loaders.many_participants(ids)
    return [Participant.of(one) for one in found if one is not None]


@strawberry.type(description="A participant as it stands now.")
class ParticipantPayload:
    participant: Participant | None = strawberry.field(
        description="The participant as it stands now; null where there is none, or the viewer may not see it."
    )
    errors: list[UserError] = strawberry.field(description=_ERRORS)


@strawberry.type(description="The viewer as it stands now.")
class ViewerPayload:
    viewer: Viewer | None = strawberry.field(description="Who asks.")
    errors: list[UserError] = strawberry.field(description=_ERRORS)


@strawberry.type(description="A notification as it stands now.")
class NotificationPayload:
    notification: Notification | None = strawberry.field(
        description="The notification as it stands now; null where the viewer has no such notification."
    )
    errors: list[UserError] = strawberry.field(description=_ERRORS)


@strawberry.type(description="A mail that came in, as it stands now.")
class InboundMessagePayload:
    message: InboundMessage | None = strawberry.field(
        description="The mail as it stands now; null where there is none, or the viewer may not see it."
    )
    errors: list[UserError] = strawberry.field(description=_ERRORS)


@strawberry.type(description="An entry as it stands now.")
class AvailableParticipantPayload:
    participant: AvailableParticipant | None = strawberry.field(
        description="The entry as it stands now; null where nothing was changed."
    )
    errors: list[UserError] = strawberry.field(description=_ERRORS)


@strawberry.type(description="A source as it stands now.")
class ParticipantSourcePayload:
    participant_source: ParticipantSource | None = strawberry.field(
        description="The source as it stands now; null where there is none."
    )
    errors: list[UserError] = strawberry.field(description=_ERRORS)


@strawberry.type(description="The viewer and their mailbox as they stand now.")
class MailboxPayload:
    viewer: Viewer | None = strawberry.field(description="Who asks.")
    mailbox: Mailbox | None = strawberry.field(
        description="The mailbox that the viewer's invitations go out from now: `testMailbox` stores none, and where "
        "there are errors it is the one that was there."
    )
    errors: list[UserError] = strawberry.field(description=_ERRORS)
