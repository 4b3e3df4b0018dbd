"""What can go wrong with a plugin: one that cannot be loaded, and a call that had no answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field

# A name or an exception's class may be of any length.
_MOST_IN_A_NAME = 80


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a call had no answer: an English sentence with {places}, to be said in another language by whoever can.

    A value may be another cause.
    """

    message: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.message.format(**self.values)


class PluginError(Exception):
    """A plugin that cannot be loaded as it is: the message says which, and how to mend it."""


class PluginClash(PluginError):
    """Two plugins claim the same, and neither says that it stands in for the other."""


class PluginFailure(Exception):
    """A call of a plugin that raised, hung past its time limit, answered what is wrong, or was not made at all.

    `was_called` is False of the last kind alone.
    """

    def __init__(self, plugin: str, cause: Cause, *, was_called: bool = True) -> None:
        super().__init__(str(cause))
        self.plugin = plugin
        self.cause = cause
        self.was_called = was_called


def has_raised(problem: BaseException) -> Cause:
    """The class alone: a message may hold anything, private data too."""
    message = "failed ({kind})"
    return Cause(message, {"kind": class_name(problem)})


def was_too_slow(seconds: float) -> Cause:
    message = "did not answer within {seconds} seconds"
    return Cause(message, {"seconds": f"{seconds:g}"})


def had_no_time(seconds: float) -> Cause:
    message = "had too little time, since others before it took most of {seconds} seconds"
    return Cause(message, {"seconds": f"{seconds:g}"})


def is_overloaded(calls: int, seconds: float) -> Cause:
    message = "has {calls} calls under way, and none of them ended within {seconds} seconds"
    return Cause(message, {"calls": calls, "seconds": f"{seconds:g}"})


def answered_wrong(problem: str) -> Cause:
    message = "gave a wrong answer ({detail})"
    return Cause(message, {"detail": problem})


def has_not_started(why: Cause) -> Cause:
    message = "has not started, since it {why}"
    return Cause(message, {"why": why})


def is_starting() -> Cause:
    message = "is still being started"
    return Cause(message)


def has_stalled(seconds: float) -> Cause:
    message = "held up everybody for {seconds} seconds"
    return Cause(message, {"seconds": f"{seconds:.1f}"})


def is_left_alone(seconds: float, last: Cause) -> Cause:
    message = "is asked again in {seconds} seconds, since it {last}"
    return Cause(message, {"seconds": f"{seconds:.0f}", "last": last})


def class_name(value: object) -> str:
    return type(value).__name__[:_MOST_IN_A_NAME]


def described(problem: BaseException) -> str:
    """An exception's class and what it says, which may raise in its turn."""
    try:
        return f"{class_name(problem)}: {problem}"
    except Exception:  # a plugin's exception may do anything
        return class_name(problem)
