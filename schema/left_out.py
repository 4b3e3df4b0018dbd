"""A field that was left out keeps what is there; null clears it."""

from typing import TypeVar

import strawberry
from strawberry.types.unset import UnsetType

from invito.services.follow_ups.commands import LEFT_OUT, LeftOut

T = TypeVar("T")


def named(value: T | None | UnsetType) -> T | None:
    """The value, where leaving it out means the same as null."""
    return None if value is strawberry.UNSET or isinstance(value, UnsetType) else value


def kept(value: T | None | UnsetType) -> T | None | LeftOut:
    """The value, null, or the mark of what was left out."""
    return LEFT_OUT if value is strawberry.UNSET or isinstance(value, UnsetType) else value
