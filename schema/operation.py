"""What resolvers have at hand: the house, who asks, and loaders that live as long as one operation or one event."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import strawberry

from invito.schema.left_out import named
from invito.schema.loaders import Loaders
from invito.services.caller import Caller
from invito.services.house import House
from invito.services.paging import PageAsk, page_ask


@dataclass(slots=True)
class Operation:
    """One operation. The websocket that it came through has many, which must not share what they loaded."""

    house: House
    caller: Caller
    who: Callable[[], Awaitable[Caller]] | None = None
    # What it was weighed at, and is paid by; None before, and where it is more than one may cost.
    cost: int | None = field(init=False, default=None)
    loaders: Loaders = field(init=False)

    def __post_init__(self) -> None:
        self.look_anew()

    def look_anew(self) -> None:
        """Forget what was loaded: after a change, and before each event of a subscription."""
        self.loaders = Loaders(self.house, self.caller)

    def page_ask(self, first: int | None, after: str | None, default: int) -> PageAsk:
        """The page that a field asks for.

        :raises Unanswerable: it is longer than pages may be here, or shorter than nothing.
        """
        return page_ask(first, named(after), default, self.house.rules.most_on_a_page)

    async def identify_anew(self) -> Caller:
        """Who asks, as they are known now.

        :raises Unanswerable: nobody knows them any more, or it cannot be looked up at the moment.
        """
        if self.who is not None:
            self.caller = await self.who()
        return self.caller


Info = strawberry.Info[Operation, None]
