"""What Invito signs and encrypts with the settings' keys: tags in addresses, answer links, passwords.

The first key signs and encrypts; all of them verify and decrypt, so that a key can be changed without a word (add the
new one in front, and take the old one away once nothing of it is about). Each purpose has a key of its own, derived.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from typing import Self

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_ID_BYTES, _EXPIRY_BYTES = 6, 5
# 80 bits beside an id that is no secret: a forger has one try a mail, and gets no more than a vote of the many.
_TAG_MAC_BYTES = 10
_LINK_MAC_BYTES = 16


class Purpose(Enum):
    """What a signature is good for; one of another purpose is none."""

    FOLLOW_UP_TAG = "follow-up tag"
    INVITEE_TAG = "invitee tag"
    ANSWER_LINK = "answer link"


class Keyring:
    """Signs, verifies, seals and opens."""

    def __init__(self, keys: Sequence[str]) -> None:
        """
        :raises ValueError: there is no secret.
        """
        if not keys:
            raise ValueError("a keyring needs at least one secret")
        self._secrets = [key.encode() for key in keys]
        fernets = [Fernet(base64.urlsafe_b64encode(_derived(secret, "sealing"))) for secret in self._secrets]
        self._fernet = MultiFernet(fernets)

    @classmethod
    def fresh(cls) -> Self:
        """Keys that nobody else has, gone with the process."""
        return cls([secrets.token_hex()])

    def tag(self, purpose: Purpose, number: int) -> str:
        """A signed tag for an address's local part: lower-case letters and digits, the same each time."""
        body = number.to_bytes(_ID_BYTES)
        return _base32(body + self._mac(purpose, 0, body)[:_TAG_MAC_BYTES])

    def number_in(self, purpose: Purpose, tag: str) -> int | None:
        """The number in a tag, None where it is none of ours."""
        raw = _from_base32(tag)
        if len(raw) != _ID_BYTES + _TAG_MAC_BYTES:
            return None
        body, mac = raw[:_ID_BYTES], raw[_ID_BYTES:]
        return int.from_bytes(body) if self._is_ours(purpose, body, mac) else None

    def link(self, number: int, expires_at: datetime) -> str:
        """A signed token for an answer link, good until an instant."""
        body = number.to_bytes(_ID_BYTES) + int(expires_at.timestamp()).to_bytes(_EXPIRY_BYTES)
        return _base32(body + self._mac(Purpose.ANSWER_LINK, 0, body)[:_LINK_MAC_BYTES])

    def number_of_link(self, token: str) -> tuple[int, datetime] | None:
        """The number in a token and the instant until which it is good; None where it is none of ours."""
        raw = _from_base32(token)
        if len(raw) != _ID_BYTES + _EXPIRY_BYTES + _LINK_MAC_BYTES:
            return None
        body, mac = raw[:-_LINK_MAC_BYTES], raw[-_LINK_MAC_BYTES:]
        if not self._is_ours(Purpose.ANSWER_LINK, body, mac):
            return None
        return int.from_bytes(body[:_ID_BYTES]), datetime.fromtimestamp(int.from_bytes(body[_ID_BYTES:]), UTC)

    def seal(self, secret: str) -> str:
        """The secret, encrypted for the database."""
        return self._fernet.encrypt(secret.encode()).decode()

    def unseal(self, sealed: str) -> str | None:
        """The secret that was sealed, None where none of the keys opens it."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            return None

    def _mac(self, purpose: Purpose, key: int, body: bytes) -> bytes:
        return hmac.digest(_derived(self._secrets[key], purpose.value), body, hashlib.sha256)

    def _is_ours(self, purpose: Purpose, body: bytes, mac: bytes) -> bool:
        return any(
            hmac.compare_digest(self._mac(purpose, key, body)[: len(mac)], mac) for key in range(len(self._secrets))
        )


@cache
def _derived(secret: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"invito {purpose}".encode()).derive(secret)


def _base32(raw: bytes) -> str:
    return base64.b32encode(raw).decode().rstrip("=").lower()


def _from_base32(text: str) -> bytes:
    try:
        raw = base64.b32decode(text.upper() + "=" * (-len(text) % 8))
    except ValueError:
        return b""
    # The last letter may hold bits of no byte: only one way to write a token counts.
    return raw if _base32(raw) == text.lower() else b""
