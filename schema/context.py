"""What the shell hands to the schema: one `Context` a request, or a websocket connection."""

from dataclasses import dataclass

from invito.services.house import Caller, House


@dataclass(slots=True)
class Context:
    """The house, and who asks; without a caller every operation answers UNAUTHENTICATED.

    A websocket has one context for all its operations: the shell sets `caller` from `connection_params`, which
    Strawberry fills from connection_init before it calls `on_ws_connect`.
    """

    house: House
    caller: Caller | None = None
    connection_params: dict[str, object] | None = None
