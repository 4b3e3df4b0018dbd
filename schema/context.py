"""What the shell hands to the schema: one `Context` a request, or a websocket connection."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from invito.services.caller import Caller
from invito.services.house import House


@dataclass(slots=True)
class Context:
    """The house, and who asks; without a caller every operation answers UNAUTHENTICATED.

    A websocket has one context for all its operations: the shell sets `caller` from `connection_params`, which
    Strawberry fills from connection_init before it calls `on_ws_connect`. `identify_anew` answers
    who that is by now, and raises Unanswerable where nobody knows; without it the caller stays the same.
    """

    house: House
    caller: Caller | None = None
    connection_params: dict[str, object] | None = None
    identify_anew: Callable[[], Awaitable[Caller]] | None = None
