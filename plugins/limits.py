"""How much time and room a plugin has."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PluginLimits:
    """What a plugin may take of the process.

    `call_seconds`: how long one call may take, waiting for its turn included; `start_seconds`: how long its start may.
    `calls_at_once`: of one plugin; others wait. `failures_in_a_row`: after so many it is left alone for
    `rest_seconds`, and then tried with one call; None leaves it never alone. `stall_seconds`: how long it may keep
    the event loop to itself.
    """

    call_seconds: float = 2.0
    start_seconds: float = 60.0
    calls_at_once: int = 8
    failures_in_a_row: int | None = 5
    rest_seconds: float = 30.0
    stall_seconds: float = 0.1


# They ask our own database, which a busy machine may slow down for everybody alike, and which is back in a moment.
BUILT_IN = PluginLimits(call_seconds=30.0, calls_at_once=1_000, failures_in_a_row=None)
