"""What arrives live (F24)."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Annotated, TypeVar

import strawberry

from invito.schema.fields import subscription
from invito.schema.follow_up import FollowUp
from invito.schema.inputs.follow_ups import follow_up_number
from invito.schema.notification import Notification
from invito.schema.operation import Info
from invito.services.subscriptions import watch_follow_up, watch_follow_ups, watch_notifications

V = TypeVar("V")
N = TypeVar("N")


@strawberry.type(description="What arrives live, over graphql-transport-ws or as server-sent events.")
class Subscription:
    @subscription(
        description="A follow-up that the viewer may see: as it is now, then whenever it or one of its participants "
        "changes, in order of revision. Ends when the viewer may no longer see it."
    )
    async def follow_up_changed(
        self, info: Info, id_: Annotated[strawberry.ID, strawberry.argument(name="id", description="Its `id`.")]
    ) -> AsyncGenerator[FollowUp, None]:
        info.context.house.watches.begin(info.context.caller.identity.email)
        watched = watch_follow_up(
            info.context.house, info.context.caller, follow_up_number(id_), info.context.identify_anew
        )
        # Asked for here, so that what may not be seen has an error in place of a stream.
        first = await anext(watched)
        return _events(info, watched, FollowUp.of, first)

    @subscription(
        description="The same for up to 500 at once: what a page of a list follows. Each as it is now, in the order of "
        "the ids, then each whenever it changes. One that the viewer may not see is left out, and NOT_FOUND where they "
        "may see none."
    )
    async def follow_ups_changed(
        self, info: Info, ids: Annotated[list[strawberry.ID], strawberry.argument(description="Their ids: up to 500.")]
    ) -> AsyncGenerator[FollowUp, None]:
        info.context.house.watches.begin(info.context.caller.identity.email)
        watched = watch_follow_ups(
            info.context.house, info.context.caller, [follow_up_number(id_) for id_ in ids], info.context.identify_anew
        )
        first = await anext(watched)
        return _events(info, watched, FollowUp.of, first)

    @subscription(description="What arrives for the viewer: invitations, changes, cancellations, answers.")
    async def notification_received(self, info: Info) -> AsyncGenerator[Notification, None]:
        info.context.house.watches.begin(info.context.caller.identity.email)
        watched = watch_notifications(info.context.house, info.context.caller, info.context.identify_anew)
        return _events(info, watched, Notification.of)


async def _events(
    info: Info, watched: AsyncGenerator[V], event: Callable[[V], N], *first: V
) -> AsyncGenerator[N, None]:
    """Each value as an event, about which nothing is known from earlier events."""
    async with aclosing(watched):
        for value in first:
            yield event(value)
        async for value in watched:
            info.context.look_anew()
            yield event(value)
