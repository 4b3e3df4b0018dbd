"""What arrives live (F24)."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Annotated, TypeVar

import strawberry

from invito.schema.fields import subscription
from invito.schema.follow_up import FollowUp
from invito.schema.inputs.follow_ups import follow_up_number
from invito.schema.notification import Notification
from invito.schema.operation import Info
from invito.services.subscriptions import watch_follow_up, watch_notifications

V = TypeVar("V")
N = TypeVar("N")


@strawberry.type(description="What arrives live, over graphql-transport-ws.")
class Subscription:
    @subscription(
        description="A follow-up that the viewer may see: as it is now, then whenever it or one of its participants "
        "changes, "
        "in order of revision. Ends when the viewer may no longer see it."
    )
    async def follow_up_changed(
        self, info: Info, id_: Annotated[strawberry.ID, strawberry.argument(name="id", description="Its `id`.")]
    ) -> AsyncGenerator[FollowUp, None]:
        watched = watch_follow_up(info.context.house, info.context.caller, follow_up_number(id_))
        async for event in _events(info, watched, FollowUp.of):
            yield event

    @subscription(description="What arrives for the viewer: invitations, changes, cancellations, answers.")
    async def notification_received(self, info: Info) -> AsyncGenerator[Notification, None]:
        watched = watch_notifications(info.context.house, info.context.caller)
        async for event in _events(info, watched, Notification.of):
            yield event


async def _events(info: Info, watched: AsyncIterator[V], event: Callable[[V], N]) -> AsyncIterator[N]:
    """Each value as an event, about which nothing is known from earlier events."""
    async for value in watched:
        info.context.look_anew()
        yield event(value)
