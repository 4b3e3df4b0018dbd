"""The parts of a mail, read within bounds: whoever sends chooses how many there are and how deep they lie.

The standard library reads them, and is stopped at a bound while it reads: 2,000 nested parts would exhaust its stack.
"""

from collections.abc import Iterator
from email.message import Message
from email.parser import BytesParser
from email.policy import Compat32, Policy
from itertools import count

from invito.services.itip.plain_text import decoded_text, header_text
from invito.services.itip.reasons import Reason, Why, why

MOST_OCTETS = 1024 * 1024
MOST_HEADER_OCTETS = 64 * 1024
MOST_PARTS = 200
MOST_DEPTH = 10

# A Content-Type costs more than linear time to take apart.
_LONGEST_CONTENT_HEADER = 4_000
_BOM = b"\xef\xbb\xbf"


class BeyondBounds(Exception):
    """There is more of something than is read; `why` says of what, and the bound."""

    def __init__(self, cause: Why) -> None:
        super().__init__(cause.reason.value)
        self.why = cause


class _AsWritten(Compat32):
    """Headers as they were written: taking them apart is done where they are needed, since for some it raises."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        if sum(map(len, sourcelines)) > MOST_HEADER_OCTETS:
            raise BeyondBounds(why(Reason.HEADERS_TOO_LARGE, limit=MOST_HEADER_OCTETS))
        name, value = super().header_source_parse(sourcelines)
        is_long = len(value) > _LONGEST_CONTENT_HEADER and name.lower().startswith("content-")
        return name, value[:_LONGEST_CONTENT_HEADER] if is_long else value

    def header_fetch_parse(self, name: str, value: str) -> str:
        return value


class Part(Message):
    """A part of a mail, or the mail itself, that counts what is put into it."""

    def __init__(self, policy: "Policy[Message]") -> None:
        super().__init__(policy)
        self._depth = 0
        self._number = count(1)

    def attach(self, part: Message) -> None:  # type: ignore[override]  # typeshed's own is wider
        """
        :raises BeyondBounds: it would be one too many, or lie too deep.
        """
        assert isinstance(part, Part)
        part._depth, part._number = self._depth + 1, self._number
        if part._depth > MOST_DEPTH:
            raise BeyondBounds(why(Reason.TOO_DEEP, limit=MOST_DEPTH))
        if next(self._number) >= MOST_PARTS:
            raise BeyondBounds(why(Reason.TOO_MANY_PARTS, limit=MOST_PARTS))
        super().attach(part)


_PARSER = BytesParser(policy=_AsWritten(message_factory=Part))


def without_bom(raw: bytes) -> bytes:
    """The mail from its first header on: before it Python would take a BOM or an empty line for the body's first."""
    return raw.removeprefix(_BOM).lstrip(b"\r\n")


def read_head(raw: bytes) -> Part:
    """The mail's own headers.

    :raises BeyondBounds: they are too large.
    """
    head = raw[: MOST_HEADER_OCTETS + 4]
    ends = [at for at in (head.find(b"\n\n"), head.find(b"\r\n\r\n"), head.find(b"\r\r")) if at >= 0]
    if not ends and len(raw) > MOST_HEADER_OCTETS:
        raise BeyondBounds(why(Reason.HEADERS_TOO_LARGE, limit=MOST_HEADER_OCTETS))
    return _read(raw[: min(ends) + 4] if ends else raw, head_only=True)


def read_tree(raw: bytes) -> Part:
    """The whole mail.

    :raises BeyondBounds: it is too large, or made of too much.
    """
    if len(raw) > MOST_OCTETS:
        raise BeyondBounds(why(Reason.MAIL_TOO_LARGE, limit=MOST_OCTETS))
    return _read(raw)


def _read(raw: bytes, *, head_only: bool = False) -> Part:
    message = _PARSER.parsebytes(raw, headersonly=head_only)
    assert isinstance(message, Part)
    return message


def header_values(part: Message, *names: str) -> list[str]:
    """The values of the headers of these names, in the order of the names, unfolded, octets beyond ASCII as text."""
    values = [str(value) for name in names for value in part.get_all(name, [])]
    return [
        decoded_text(value.encode("ascii", "surrogateescape"), None).replace("\r", "").replace("\n", "").strip()
        for value in values
    ]


def leaves(message: Message) -> Iterator[Message]:
    """The parts that hold something, in order, but for what is in a mail within the mail: that is somebody else's."""
    waiting = [message]
    while waiting:
        part = waiting.pop()
        inner = parts_in(part)
        if inner is None and part.get_content_maintype() != "message":
            yield part
        elif inner and part.get_content_maintype() != "message":
            waiting.extend(reversed(inner))


def parts_in(part: Message) -> list[Message] | None:
    """None where it holds octets and no parts."""
    # Asked for text it would be decoded, by whatever charset the sender names.
    content = part.get_payload() if part.is_multipart() else None
    return [one for one in content if isinstance(one, Message)] if isinstance(content, list) else None


def octets_of(part: Message) -> bytes:
    """What a part holds, its transfer encoding taken off as far as that can be done."""
    try:
        content = part.get_payload(decode=True)
    except (ValueError, LookupError, TypeError, AssertionError):
        content = None
    return content if isinstance(content, bytes) else b""


def octets_as_written(part: Message) -> bytes:
    """What a part holds, whatever its headers say of a transfer encoding. They are without it from then on."""
    del part["Content-Transfer-Encoding"]
    return octets_of(part)


def parameter(part: Message, name: str, header: str = "content-type") -> str | None:
    """A parameter of a header, None where it is missing or cannot be read."""
    try:
        value = part.get_param(name, header=header)
    except (ValueError, LookupError, TypeError, AttributeError):
        return None
    if isinstance(value, tuple):
        value = value[2]
    return value if isinstance(value, str) else None


def file_name(part: Message) -> str:
    """As it is meant to be read: some programs encode it as they do words in a header (RFC 2047)."""
    written = parameter(part, "filename", "content-disposition") or parameter(part, "name") or ""
    return header_text(written) if "=?" in written else written
