"""Files as text: bounded, decoded, cleaned."""

import re
from pathlib import Path

from invito.services.importing.reports import UnreadableFile

_MOST_BYTES = 512 * 1024 * 1024
_LONGEST_VALUE = 10_000
_LINE_END = re.compile(r"\r\n|\r|\n")
# Control characters, which no name has and PostgreSQL's text cannot hold all of; line breaks and tabs stay.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def text_of(path: Path) -> str:
    """The text of a file in UTF-8, or in the Windows code page that spreadsheets write.

    :raises UnreadableFile: it is not there, too large, or no text.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise UnreadableFile(f"{path} is larger than {_MOST_BYTES >> 20} MB: divide it.")
        raw = path.read_bytes()
    except OSError as problem:
        raise UnreadableFile(f"{path} cannot be read: {problem.strerror or problem}.") from problem
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", errors="replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def lines_of(text: str) -> list[str]:
    """Its lines as the formats and editors count them; `str.splitlines` would cut within values too (U+2028)."""
    return _LINE_END.split(text)


def cleaned(value: str | None) -> str:
    """A value of a file without control characters and blanks around it; an absurdly long one is cut."""
    return _CONTROL.sub("", value or "")[:_LONGEST_VALUE].strip()


def on_one_line(value: str | None) -> str:
    """A cleaned value without line breaks, which a name in the head of a mail could not have."""
    return " ".join(cleaned(value).split())
