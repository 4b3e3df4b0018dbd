"""The parts of a mail as they go over the wire, in quoted-printable or base64 (RFC 2045, 2046). Pure."""

from base64 import encodebytes
from binascii import b2a_qp


def text_part(subtype: str, text: str) -> bytes:
    """A text in quoted-printable, which stays readable as it is but for its long lines and letters beyond ASCII."""
    lines = b"".join(line + b"\r\n" for line in text.encode().splitlines())
    head = f'Content-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
    return head.encode() + b2a_qp(lines)


def base64_part(head: str, content: bytes) -> bytes:
    """Octets that arrive as they are; `head` is the lines that say what they are."""
    encoded = encodebytes(content).replace(b"\n", b"\r\n")
    return f"{head}Content-Transfer-Encoding: base64\r\n\r\n".encode() + encoded


def multipart(subtype: str, *parts: bytes) -> bytes:
    """Several parts as one.

    The boundary stands in none of them, since neither encoding ever writes "=_" (RFC 2045 §6.7).
    """
    boundary = f"=_{subtype}".encode()
    head = b'Content-Type: multipart/%s; boundary="%s"\r\n\r\n' % (subtype.encode(), boundary)
    return head + b"".join(b"--%s\r\n%s\r\n" % (boundary, part) for part in parts) + b"--%s--\r\n" % boundary
