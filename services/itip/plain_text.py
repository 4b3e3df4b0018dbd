"""Text of unknown encoding and intent as plain text: readable, bounded, without characters that deceive."""

import codecs
import re
from email.errors import HeaderParseError
from email.header import decode_header

# Controls, what turns the direction of writing (Trojan Source), separators of lines, and halves of characters.
_DECEIVING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ud800-\udfff]"
)
_LINE_BREAKS = re.compile(r"\r\n|\r")
_BLANKS = re.compile(r"\s+")
# Codecs of Python's that are no charsets of mail, and cost more than linear time or mean something else.
_NO_CHARSETS = frozenset({"punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"})
# Charsets in which text is made of other octets than in ASCII: octets that are valid UTF-8 prove nothing there.
_NOT_LIKE_ASCII = re.compile(r"utf[-_]?(16|32|7)|iso[-_]?2022|hz", re.IGNORECASE)
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_LONGEST_HEADER_TEXT = 2_000


def decoded_text(octets: bytes, charset: str | None) -> str:
    """The octets as text whatever they are: Latin-1 comes without its name, and UTF-8 under the name of Latin-1."""
    for bom, named in _BOMS:
        if octets.startswith(bom):
            return octets[len(bom) if named == "utf-8" else 0 :].decode(named, "replace")
    declared = _codec(charset)
    if declared and charset and _NOT_LIKE_ASCII.match(charset.strip()):
        return octets.decode(declared, "replace")
    for encoding in ("utf-8", declared, "cp1252"):
        if encoding:
            try:
                return octets.decode(encoding)
            except UnicodeError:
                continue
    return octets.decode("latin-1")


def header_text(value: str) -> str:
    """A header's value as it is meant to be read (RFC 2047), on one line."""
    value = value[:_LONGEST_HEADER_TEXT]
    try:
        pieces = decode_header(value)
    except (HeaderParseError, ValueError):
        return one_line(value)
    return one_line("".join(one if isinstance(one, str) else decoded_text(one, charset) for one, charset in pieces))


def one_line(text: str, most: int = 500) -> str:
    return _BLANKS.sub(" ", _DECEIVING.sub(" ", text[: most * 4])).strip()[:most]


def several_lines(text: str, most: int = 10_000) -> str:
    """The text with its line breaks, each of them one."""
    return _DECEIVING.sub("", _LINE_BREAKS.sub("\n", text[: most * 2])).strip()[:most]


def _codec(charset: str | None) -> str | None:
    if not charset:
        return None
    try:
        name = codecs.lookup(charset.strip().strip("\"'")[:40]).name
        b"".decode(name)
    except (LookupError, ValueError, UnicodeError):
        return None
    return None if name.replace("-", "_") in _NO_CHARSETS else name
