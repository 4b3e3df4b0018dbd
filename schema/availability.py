"""Whether somebody is free, and what is in the way."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from invito.schema.fields import resolved
from invito.schema.operation import Info
from invito.services.busy import availability
from invito.services.busy.availability import AvailabilityState
from invito.services.ids import FollowUpId

if TYPE_CHECKING:
    from invito.schema.follow_up import FollowUp

LazyFollowUp = Annotated["FollowUp", strawberry.lazy("invito.schema.follow_up")]


@strawberry.type(
    description="A time at which somebody is busy. What it is that they are busy with shows only to those who may see "
    "it."
)
class BusySpan:
    start: datetime = strawberry.field(description="When it begins.")
    end: datetime = strawberry.field(description="When it is over: exclusive.")
    follow_up_id: strawberry.Private[FollowUpId | None]
    own_title: strawberry.Private[str | None]

    @resolved(description="The follow-up that they are busy with, if the viewer may see it.")
    async def follow_up(self, info: Info) -> LazyFollowUp | None:
        from invito.schema.follow_up import FollowUp  # noqa: PLC0415  # which is made of these

        found = await info.context.loaders.follow_up(self.follow_up_id)
        return None if found is None else FollowUp.of(found)

    @resolved(description="What they are busy with, if the viewer may see it.")
    async def title(self, info: Info) -> str | None:
        found = await info.context.loaders.follow_up(self.follow_up_id)
        return self.own_title if found is None else found.title

    @classmethod
    def of(cls, conflict: availability.Conflict) -> Self:
        return cls(start=conflict.start, end=conflict.end, follow_up_id=conflict.follow_up, own_title=conflict.title)


@strawberry.type(
    description="Whether somebody is free. UNKNOWN where nobody here keeps this one's calendar, or no time was asked "
    "about."
)
class Availability:
    state: AvailabilityState = strawberry.field(description="Free, busy or unknown.")
    conflicts: list[BusySpan] = strawberry.field(description="What is in the way, in the order of its start.")

    @classmethod
    def of(cls, known: availability.Availability) -> "Availability":
        if not known.conflicts:
            return _WITHOUT_CONFLICTS[known.state]
        return cls(state=known.state, conflicts=[BusySpan.of(conflict) for conflict in known.conflicts])


# Most of a page have none.
_WITHOUT_CONFLICTS = {state: Availability(state=state, conflicts=[]) for state in AvailabilityState}
