"""What viewers keep for themselves: their open overviews and their notifications."""

from typing import Annotated

import strawberry

from invito.schema.fields import mutation
from invito.schema.ids import number_in
from invito.schema.inputs.participants import ParticipantInput
from invito.schema.mutations.outcome import outcome_of
from invito.schema.notification import Notification
from invito.schema.operation import Info
from invito.schema.payloads import NotificationPayload, ViewerPayload
from invito.schema.viewer import Viewer
from invito.services.notifications import acknowledging
from invito.services.notifications.values import NotificationId
from invito.services.participants import overviews


@strawberry.type
class ViewerMutations:
    @mutation(
        description="The overviews (calendars of other users and of resources) that the viewer has open: whose they "
        "are is taken into every follow-up that the viewer creates meanwhile, unless `withOpenOverviews` is false."
    )
    async def set_open_overviews(
        self,
        info: Info,
        participants: Annotated[
            list[ParticipantInput],
            strawberry.argument(description="Whose overviews are open now, in this order; an empty list closes all."),
        ],
    ) -> ViewerPayload:
        context = info.context
        wanted = [participant.who() for participant in participants]
        _, errors = await outcome_of(info, overviews.set_open_overviews(context.house, context.caller, wanted))
        return ViewerPayload(viewer=Viewer.of(context.caller), errors=errors)

    @mutation(description="'Got it': the notification is shown no longer.")
    async def acknowledge_notification(
        self,
        info: Info,
        id_: Annotated[strawberry.ID, strawberry.argument(name="id", description="Which notification.")],
    ) -> NotificationPayload:
        context, number = info.context, NotificationId(number_in("Notification", id_))
        _, errors = await outcome_of(
            info, acknowledging.acknowledge_notification(context.house, context.caller, number)
        )
        found = await context.loaders.notifications.load(number)
        return NotificationPayload(notification=None if found is None else Notification.of(found), errors=errors)
