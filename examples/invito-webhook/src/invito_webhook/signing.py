"""Signatures as Standard Webhooks 1.0 has them: HMAC-SHA256 over id, time and body, one for each secret."""

import hmac
import secrets
from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

PREFIX = "whsec_"
_LEAST_BYTES, _MOST_BYTES = 24, 64


def key_of(secret: str) -> bytes:
    """What a secret stands for.

    :raises ValueError: it is none; the message does not say what it was.
    """
    try:
        key = b64decode(secret.removeprefix(PREFIX), validate=True) if secret.startswith(PREFIX) else b""
    except (Error, ValueError):
        key = b""
    if not _LEAST_BYTES <= len(key) <= _MOST_BYTES:
        raise ValueError(
            f"a secret is {PREFIX} and {_LEAST_BYTES} to {_MOST_BYTES} bytes in base64; "
            "`invito webhook secret` makes one"
        )
    return key


def new_secret() -> str:
    return PREFIX + b64encode(secrets.token_bytes(32)).decode()


def signed_headers(message_id: str, body: str, keys: Sequence[bytes], now: datetime) -> dict[str, str]:
    """`now` is when it is posted, not when it happened: receivers refuse what is older than some minutes."""
    timestamp = str(int(now.timestamp()))
    content = f"{message_id}.{timestamp}.{body}".encode()
    signatures = (b64encode(hmac.digest(key, content, sha256)).decode() for key in keys)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }
