"""DKIM keys and signatures as they are written (RFC 6376 §3.5, §3.6.1; RFC 8463). Pure."""

import base64
import binascii
import re
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import compat32

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from invito.services.deliverability.tag_lists import TagSyntaxError, read_tags

_BLANKS = re.compile(r"\s+")
_ED25519_BYTES = 32


class DkimSyntaxError(ValueError):
    """A key or a signature that nobody can use."""


@dataclass(frozen=True, slots=True)
class DkimKey:
    """A published key; `bits` is None for one that was revoked (an empty p=)."""

    kind: str
    bits: int | None
    is_testing: bool = False
    is_for_mail: bool = True


@dataclass(frozen=True, slots=True)
class DkimSignature:
    """Who signed a mail, with which key: it is at `selector._domainkey.domain`."""

    domain: str
    selector: str
    algorithm: str


def read_dkim_key(text: str) -> DkimKey:
    """
    :raises DkimSyntaxError: it is no key.
    """
    tags = _tags(text)
    if tags.get("v", "DKIM1") != "DKIM1":
        raise DkimSyntaxError(f"v={tags['v']} is not DKIM1")
    if "p" not in tags:
        raise DkimSyntaxError("p=, the key itself, is missing")
    kind = tags.get("k", "rsa").lower()
    services = {one.strip() for one in tags.get("s", "*").split(":")}
    flags = {one.strip() for one in tags.get("t", "").split(":")}
    encoded = _BLANKS.sub("", tags["p"])
    bits = _bits(kind, encoded) if encoded else None
    return DkimKey(kind, bits, "y" in flags, bool(services & {"*", "email"}))


def signatures_of(raw: bytes) -> list[DkimSignature]:
    """Who signed a mail; a header that cannot be read is none."""
    headers = message_from_bytes(raw, policy=compat32).get_all("DKIM-Signature", [])
    found = []
    for header in headers:
        try:
            found.append(_signature(str(header)))
        except DkimSyntaxError:
            continue
    return found


def _signature(header: str) -> DkimSignature:
    tags = _tags(header)
    if not tags.get("d") or not tags.get("s"):
        raise DkimSyntaxError("d= or s= is missing")
    return DkimSignature(tags["d"].lower().rstrip("."), tags["s"], tags.get("a", "").lower())


def _tags(text: str) -> dict[str, str]:
    try:
        return read_tags(text)
    except TagSyntaxError as problem:
        raise DkimSyntaxError(str(problem)) from None


def _bits(kind: str, encoded: str) -> int:
    try:
        raw = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise DkimSyntaxError("p= is no base64: was a piece of it lost?") from None
    if kind == "ed25519":
        if len(raw) != _ED25519_BYTES:
            raise DkimSyntaxError("p= is no Ed25519 key")
        return len(raw) * 8
    if kind != "rsa":
        raise DkimSyntaxError(f"k={kind} is neither rsa nor ed25519")
    try:
        key = load_der_public_key(raw)
    except (ValueError, UnsupportedAlgorithm):
        raise DkimSyntaxError("p= is no RSA key: was a piece of it lost?") from None
    if not isinstance(key, RSAPublicKey):
        raise DkimSyntaxError("p= is no RSA key")
    return key.key_size
