"""Files as text: bounded, decoded, cleaned."""

import codecs
import re
from pathlib import Path

from invito.services.importing.reports import UnreadableFile

_MOST_BYTES = 512 * 1024 * 1024
_LONGEST_VALUE = 10_000
_LINE_END = re.compile(r"\r\n|\r|\n")
# Control characters, which no name has and PostgreSQL's text cannot hold all of; line breaks and tabs stay.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# Programs that fold lines by bytes cut through characters (RFC 5545 §3.1 warns of them): what was cut is put together.
_CUT_CHARACTER = re.compile(rb"([\xc2-\xf4][\x80-\xbf]{0,2})(\r?\n[ \t])([\x80-\xbf]{1,3})")


def text_of(path: Path, notes: list[str] | None = None) -> str:
    """The text of a file in UTF-8 or UTF-16, or in the Windows code page that spreadsheets write, which is noted.

    :raises UnreadableFile: it is not there, too large, empty, or no text.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise UnreadableFile(f"{path} is larger than {_MOST_BYTES >> 20} MB: divide it.")
        raw = path.read_bytes()
    except OSError as problem:
        raise UnreadableFile(f"{path} cannot be read: {problem.strerror or problem}.") from problem
    if not raw.strip():
        raise UnreadableFile(f"{path} is empty.")
    try:
        if raw.startswith(_UTF16):
            text = raw.decode("utf-16")
        else:
            text = _CUT_CHARACTER.sub(rb"\1\3\2", raw).decode("utf-8-sig")
    except UnicodeDecodeError:
        text = _in_windows_code_page(path, raw, [] if notes is None else notes)
    if "\0" in text:
        raise UnreadableFile(f"{path} is no text, or not marked as UTF-16: save it as text in UTF-8.")
    return text


def lines_of(text: str) -> list[str]:
    """Its lines as the formats and editors count them; `str.splitlines` would cut within values too (U+2028)."""
    return _LINE_END.split(text)


def cleaned(value: str | None) -> str:
    """A value of a file without control characters and blanks around it; an absurdly long one is cut."""
    return _CONTROL.sub("", value or "")[:_LONGEST_VALUE].strip()


def on_one_line(value: str | None) -> str:
    """A cleaned value without line breaks, which a name in the head of a mail could not have."""
    return " ".join(cleaned(value).split())


def _in_windows_code_page(path: Path, raw: bytes, notes: list[str]) -> str:
    """
    :raises UnreadableFile: it is neither, or partly UTF-8, so that names of one half would be spoilt silently.
    """
    foreign, is_utf8_elsewhere = 0, False
    for number, line in enumerate(raw.split(b"\n"), start=1):
        try:
            is_utf8_elsewhere |= not line.decode().isascii()
        except UnicodeDecodeError:
            foreign = foreign or number
    if is_utf8_elsewhere:
        raise UnreadableFile(f"{path} is UTF-8, but for line {foreign} and perhaps others: save it in one encoding.")
    try:
        text = raw.decode("cp1252")
    except UnicodeDecodeError as problem:
        where = raw.count(b"\n", 0, problem.start) + 1
        raise UnreadableFile(f"{path} is neither UTF-8 nor Windows-1252 (line {where}): save it in UTF-8.") from problem
    notes.append(f"It is no UTF-8, and was read as Windows-1252 (Latin-1): look at the names from line {foreign} on.")
    return text
