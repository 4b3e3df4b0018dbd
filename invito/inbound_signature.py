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


class SignatureCheck:
    """Of one body, which comes in piece by piece.

    :raises BadSignature: a header is missing, or the timestamp lies more than five minutes off.
    """

    def __init__(self, secret: str, headers: Mapping[str, str], now: datetime) -> None:
        id_, timestamp, signatures = (headers.get(f"webhook-{name}") for name in ("id", "timestamp", "signature"))
        if not id_ or not timestamp or not signatures:
            raise BadSignature("webhook-id, webhook-timestamp and webhook-signature are needed")
        if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
            raise BadSignature("webhook-timestamp should be in seconds since 1970")
        if abs(now.timestamp() - int(timestamp)) > WINDOW.total_seconds():
            raise BadSignature("webhook-timestamp is more than five minutes off")
        self._offered = signatures.split()
        self._wanted = _begun(secret, id_, int(timestamp))

    def add(self, piece: bytes) -> None:
        """The next piece of the body."""
        self._wanted.update(piece)

    def end(self) -> None:
        """
        :raises BadSignature: no signature is right.
        """
        wanted = _written(self._wanted).encode()
        # Headers arrive as Latin-1, whatever they hold.
        offered = [one.encode("latin-1", "replace") for one in self._offered]
        if not any([hmac.compare_digest(wanted, one) for one in offered]):  # noqa: C419  # none of them ends it early
            raise BadSignature("webhook-signature is not right")


def signature(secret: str, id_: str, timestamp: int, body: bytes) -> str:
    """What `webhook-signature` has to be. A secret that begins with `whsec_` is the base64 of the key."""
    signed = _begun(secret, id_, timestamp)
    signed.update(body)
    return _written(signed)


def _begun(secret: str, id_: str, timestamp: int) -> hmac.HMAC:
    return hmac.new(_key(secret), f"{id_}.{timestamp}.".encode("latin-1", "replace"), hashlib.sha256)


def _written(signed: hmac.HMAC) -> str:
    return _VERSION + base64.b64encode(signed.digest()).decode()


def _key(secret: str) -> bytes:
    if secret.startswith(_PREFIX):
        try:
            return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
        except binascii.Error:
            pass  # no such form: the text itself is the key
    return secret.encode()
