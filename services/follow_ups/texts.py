"""Texts that people type into a follow-up: trimmed, bounded, without characters that could deceive a reader."""

import re
import unicodedata

from invito.services.errors import Path, Refusal, UserErrorCode, user_error

MOST_IN_TITLE = 300
MOST_IN_LOCATION = 1_000
MOST_IN_DESCRIPTION = 10_000
MOST_IN_REASON = 2_000
MOST_IN_NAME = 300
MOST_IN_KEY = 255

# Controls but for tab and line breaks, the marks that turn the direction of writing, and halves of characters.
_REFUSED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_LINE_BREAKS = re.compile("[\t\r\n\u2028\u2029]")


def read_text(typed: str, most: int, path: Path, *, one_line: bool = True) -> str:
    """
    :raises Refusal: INVALID_INPUT: it is longer than `most`, or holds characters that are no text.
    """
    text = unicodedata.normalize("NFC", typed).strip() if not _REFUSED.search(typed) else None
    if text is None or (one_line and _LINE_BREAKS.search(text)):
        raise Refusal(user_error(UserErrorCode.INVALID_INPUT, path, "Control characters are no text: leave them out."))
    if len(text) > most:
        message = "That is {length} characters long; at most {most} are kept."
        raise Refusal(user_error(UserErrorCode.INVALID_INPUT, path, message, length=len(text), most=most))
    return text


def read_optional_text(typed: str | None, most: int, path: Path, *, one_line: bool = True) -> str | None:
    """The same for a field that may be empty."""
    return None if typed is None else read_text(typed, most, path, one_line=one_line) or None


def read_title(typed: str | None, path: Path) -> str:
    """
    :raises Refusal: INVALID_INPUT, where nothing is left of it too.
    """
    title = read_optional_text(typed, MOST_IN_TITLE, path)
    if title is None:
        raise Refusal(user_error(UserErrorCode.INVALID_INPUT, path, "A follow-up needs a title."))
    return title
