"""The keys that an issuer of tokens publishes (JWKS, RFC 7517)."""

import asyncio
import time
from collections.abc import Callable

import httpx2
import structlog
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

_FETCH_SECONDS = 5.0
_FRESH_SECONDS = 3600.0
# However many tokens with unknown keys come in, the issuer is asked no more often than this. A fetch is over before.
_BETWEEN_FETCHES_SECONDS = 30.0

# What may come of asking: no answer, or one that has no keys in it.
_FAILURES = (TimeoutError, httpx2.HTTPError, httpx2.InvalidURL, JoseError, ValueError, KeyError, TypeError)

log = structlog.get_logger(__name__)


class KeysUnavailable(Exception):
    """The issuer's keys were never fetched: it does not answer, or not with keys."""


class PublishedKeys:
    """An issuer's keys: fetched when first needed, hourly, and when a token names one that is not known yet.

    Nobody who names a known key waits for a fetch, and there is one fetch at a time for all others.
    """

    def __init__(self, url: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._url = url
        self._clock = clock
        self._keys: KeySet | None = None
        self._fetched_at = float("-inf")
        self._tried_at = float("-inf")
        self._fetching: asyncio.Task[None] | None = None

    async def having(self, key_id: str | None) -> KeySet:
        """The keys, with the one of this id among them where the issuer has it.

        :raises KeysUnavailable: there are none, since they could not be fetched.
        """
        if not self._has(key_id):
            self._fetch_unless_just_tried()
            if self._fetching is not None:
                # Shielded: others may wait for it when this request is given up.
                await asyncio.shield(self._fetching)
        elif self._clock() - self._fetched_at > _FRESH_SECONDS:
            self._fetch_unless_just_tried()
        if self._keys is None:
            raise KeysUnavailable
        return self._keys

    def _has(self, key_id: str | None) -> bool:
        try:
            return self._keys is not None and self._keys.get_by_kid(key_id) is not None
        except InvalidKeyIdError:
            return False

    def _fetch_unless_just_tried(self) -> None:
        now = self._clock()
        if now - self._tried_at > _BETWEEN_FETCHES_SECONDS:
            self._tried_at = now
            self._fetching = asyncio.create_task(self._fetch(now), name="invito signing keys")

    async def _fetch(self, now: float) -> None:
        try:
            async with asyncio.timeout(_FETCH_SECONDS), httpx2.AsyncClient(timeout=_FETCH_SECONDS) as client:
                answer = await client.get(self._url)
                answer.raise_for_status()
            self._keys = KeySet.import_key_set(answer.json())
            self._fetched_at = now
        except _FAILURES as problem:
            log.warning("signing keys could not be fetched", url=self._url, problem=type(problem).__name__)
        finally:
            self._fetching = None
