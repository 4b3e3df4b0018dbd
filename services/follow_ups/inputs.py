"""What a call asks, as a digest by which a repeat is known: the same in every version that asks the same."""

import hashlib
import json
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from typing import Any

# Of the form in which an input is written below. Digests of another form say nothing about each other.
_FORM = "1"
_MOST_DIGITS = 60


def input_digest(command: object) -> str:
    """The command's digest, with the form that it is made of before it.

    What has its default is left out, so that a field that a later version adds changes nothing for those who do not
    name it.
    """
    written = json.dumps(_written(command), sort_keys=True)
    return f"{_FORM}:{hashlib.sha256(written.encode()).hexdigest()[:_MOST_DIGITS]}"


def is_another_input(first: str, digest: str) -> bool:
    """Whether these are of different inputs; what an older version made in another form never shows it."""
    return first != digest and first.startswith(f"{_FORM}:")


def _written(value: Any) -> object:
    if is_dataclass(value):
        named = {
            field.name: _written(getattr(value, field.name))
            for field in fields(value)
            if getattr(value, field.name) != _default_of(field)
        }
        return {type(value).__name__: named}
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, tuple | list):
        return [_written(one) for one in value]
    return value


def _default_of(field: "Field[Any]") -> object:
    return field.default_factory() if field.default_factory is not MISSING else field.default
