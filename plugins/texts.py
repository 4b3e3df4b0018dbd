"""Texts as Invito takes them from plugins: one line, no longer than it is kept, without characters that no name has.

Whatever is longer, or holds such a character, is refused with the whole answer that it is in.
"""

import re
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

MOST_IN_REFERENCE = 500
MOST_IN_NAME = 300
MOST_IN_ADDRESS = 320
MOST_IN_DESCRIPTION = 1_000
MOST_IN_PLACE = 11_000
# Entries that `find` may answer for one address.
MOST_OF_ONE_ADDRESS = 100

# Controls, line breaks, the marks that turn the direction of writing, and halves of characters.
NO_TEXT = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)  # fmt: skip
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")


def clean_text(text: str, most: int) -> str:
    """The text as one line, without what is refused, cut after so many characters; empty where nothing is left."""
    line = " ".join(text.split())
    if NO_TEXT.search(line) is not None:
        line = " ".join(NO_TEXT.sub("", line).split())
    return line[:most].rstrip()


def clean_address(text: str) -> str | None:
    """The same of an e-mail address; None where it is none, or too long: a part of it would be somebody else's."""
    address = clean_text(text, MOST_IN_ADDRESS + 1)
    return address if len(address) <= MOST_IN_ADDRESS and _ADDRESS.fullmatch(address) else None


@lru_cache(maxsize=1_024)
def is_time_zone(name: str) -> bool:
    """Whether it is the name of an IANA time zone, as entries have it."""
    try:
        return bool(ZoneInfo(name).key)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
