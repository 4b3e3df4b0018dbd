"""Mails as programs write them, put together: what is read here becomes the octets that a program sends."""

import base64
import quopri
from collections.abc import Sequence
from textwrap import dedent
from zlib import crc32

OLE = "ole@kunde.example"


def crlf(text: str) -> str:
    """The lines of a text that is indented in the source, each ended as in mail."""
    return dedent(text).lstrip("\n").replace("\n", "\r\n")


def in_base64(text: str, charset: str = "utf-8") -> str:
    return base64.encodebytes(text.encode(charset)).decode().replace("\n", "\r\n")


def quoted(text: str, charset: str = "utf-8") -> str:
    """In quoted-printable, with soft line breaks wherever 76 characters end."""
    return quopri.encodestring(text.encode(charset)).decode().replace("\r\n", "\n").replace("\n", "\r\n")


def single(content: str | bytes, content_type: str, *headers: str, sender: str = OLE) -> bytes:
    """A mail of one part."""
    body = content if isinstance(content, bytes) else content.encode()
    lines = [f"From: Ole Olsen <{sender}>", *_HEAD, *headers, f"Content-Type: {content_type}", "", ""]
    return "\r\n".join(lines).encode() + body


def several(subtype: str, *parts: bytes | str, headers: Sequence[str] = (), sender: str = OLE) -> bytes:
    """A mail of several parts, each with its own headers."""
    lines = [f"From: Ole Olsen <{sender}>", *_HEAD, *headers]
    return "\r\n".join(lines).encode() + b"\r\n" + nested(subtype, *parts)


def nested(subtype: str, *parts: bytes | str) -> bytes:
    """Parts as one part, whose boundary is of what is in it."""
    octets = [part if isinstance(part, bytes) else part.encode() for part in parts]
    limit = f"=_{crc32(b''.join(octets)):x}"
    name, _, parameters = subtype.partition(";")
    more = f";{parameters}" if parameters else ""
    head = f'Content-Type: multipart/{name}; boundary="{limit}"{more}\r\n\r\n'.encode()
    inner = b"".join(b"--" + limit.encode() + b"\r\n" + one + b"\r\n" for one in octets)
    return head + inner + b"--" + limit.encode() + b"--\r\n"


def part(content: str, content_type: str, *headers: str) -> str:
    return "\r\n".join([f"Content-Type: {content_type}", *headers, "", content])


_HEAD = (
    "To: invito@nordlys.example",
    "Subject: Accepted: Budget",
    "Message-ID: <20261130.1@kunde.example>",
    "Date: Mon, 30 Nov 2026 13:00:00 +0100",
    "MIME-Version: 1.0",
)
