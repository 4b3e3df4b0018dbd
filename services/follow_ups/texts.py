"""Texts that people type into a follow-up: trimmed, bounded, without characters that could deceive a reader."""

import re
import unicodedata
from itertools import groupby, islice

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
# So many characters may become one when a text is composed (NFC).
_MOST_IN_ONE = 4
# Marks in a row are put in order in quadratic time; no writing has as many (UAX #15, stream-safe texts).
_MOST_MARKS = 30
# Marks by what they are composed of, though not by their own class.
_MARKS_IN_PARTS = "\u0f73\u0f75\u0f81"
# Signs that show nothing: blanks, controls, joiners and the like, and marks, which need a letter to stand on.
_UNSEEN_CATEGORIES = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Mn", "Mc", "Me"})
# Letters and signs that are drawn as nothing: the fillers of Hangul, and Braille without a dot.
_UNSEEN = frozenset("\u115f\u1160\u3164\uffa0\u2800")


def read_text(typed: str, most: int, path: Path, *, one_line: bool = True) -> str:
    """
    :raises Refusal: INVALID_INPUT: it is longer than `most`, or holds characters that are no text.
    """
    trimmed = typed.strip()
    if len(trimmed) > most * _MOST_IN_ONE:
        raise _too_long(len(trimmed), most, path)
    if _REFUSED.search(typed) or (one_line and _LINE_BREAKS.search(trimmed)):
        raise Refusal(user_error(UserErrorCode.INVALID_INPUT, path, "Control characters are no text: leave them out."))
    if _has_too_many_marks(trimmed):
        message = "No letter has more than {most} accents: leave some out."
        raise Refusal(user_error(UserErrorCode.INVALID_INPUT, path, message, most=_MOST_MARKS))
    text = unicodedata.normalize("NFC", trimmed)
    if len(text) > most:
        raise _too_long(len(text), most, path)
    return text


def read_optional_text(typed: str | None, most: int, path: Path, *, one_line: bool = True) -> str | None:
    """The same for a field that may be empty, as it is where nobody would see anything of it."""
    text = "" if typed is None else read_text(typed, most, path, one_line=one_line)
    return text if any(map(_is_visible, text)) else None


def read_title(typed: str | None, path: Path) -> str:
    """
    :raises Refusal: INVALID_INPUT, where nothing is left of it too.
    """
    title = read_optional_text(typed, MOST_IN_TITLE, path)
    if title is None:
        raise Refusal(user_error(UserErrorCode.INVALID_INPUT, path, "A follow-up needs a title."))
    return title


def _too_long(length: int, most: int, path: Path) -> Refusal:
    message = "That is {length} characters long; at most {most} are kept."
    return Refusal(user_error(UserErrorCode.INVALID_INPUT, path, message, length=length, most=most))


def _has_too_many_marks(text: str) -> bool:
    if text.isascii():
        return False
    runs = (run for are_marks, run in groupby(text, key=_is_mark) if are_marks)
    return any(len(list(islice(run, _MOST_MARKS + 1))) > _MOST_MARKS for run in runs)


def _is_visible(letter: str) -> bool:
    return letter not in _UNSEEN and unicodedata.category(letter) not in _UNSEEN_CATEGORIES


def _is_mark(letter: str) -> bool:
    return unicodedata.combining(letter) > 0 or letter in _MARKS_IN_PARTS
