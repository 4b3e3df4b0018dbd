"""The signature of mail that is brought by HTTP: Standard Webhooks' scheme, version 1.

`webhook-signature` is `v1,` and the base64 of HMAC-SHA256 over `{webhook-id}.{webhook-timestamp}.{body}`; there may be
several, with blanks between, while a secret is being changed. The timestamp is in seconds since 1970 (UTC).
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=5)
_PREFIX = "whsec_"
_VERSION = "v1,"


class BadSignature(Exception):
    """Not signed with the secret, or not just now; the words say which."""


def verify(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
    """
    :raises BadSignature: a header is missing, the timestamp lies more than five minutes off, or no signature is right.
    """
    id_, timestamp, signatures = (headers.get(f"webhook-{name}") for name in ("id", "timestamp", "signature"))
    if not id_ or not timestamp or not signatures:
        raise BadSignature("webhook-id, webhook-timestamp and webhook-signature are needed")
    if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
        raise BadSignature("webhook-timestamp should be in seconds since 1970")
    if abs(now.timestamp() - int(timestamp)) > WINDOW.total_seconds():
        raise BadSignature("webhook-timestamp is more than five minutes off")
    wanted = signature(secret, id_, int(timestamp), body).encode()
    # Headers arrive as Latin-1, whatever they hold.
    offered = [one.encode("latin-1", "replace") for one in signatures.split()]
    if not any([hmac.compare_digest(wanted, one) for one in offered]):  # noqa: C419  # none of them ends it early
        raise BadSignature("webhook-signature is not right")


def signature(secret: str, id_: str, timestamp: int, body: bytes) -> str:
    """What `webhook-signature` has to be. A secret that begins with `whsec_` is the base64 of the key."""
    signed = f"{id_}.{timestamp}.".encode("latin-1", "replace") + body
    return _VERSION + base64.b64encode(hmac.digest(_key(secret), signed, hashlib.sha256)).decode()


def _key(secret: str) -> bytes:
    if secret.startswith(_PREFIX):
        try:
            return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
        except binascii.Error:
            pass  # no such form: the text itself is the key
    return secret.encode()
