"""Text that has to stand in one line: of a header, or of a parameter of an iCalendar property."""

import re

# What no content line may hold (RFC 5545 §3.1): names come from address books, where anything may stand.
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
# The marks that turn the direction of writing, with which a name can be made to read as another.
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def unbroken(text: str) -> str:
    """The text with a blank in place of each control character, line break and half of a character."""
    return _TURNING.sub("", _CONTROLS.sub(" ", text))
