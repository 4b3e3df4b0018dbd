"""One request: what is posted, and what came of it."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx2

from invito_webhook.pauses import wished_pause
from invito_webhook.reachable_hosts import HostRefused, judged_addresses
from invito_webhook.settings import Endpoint
from invito_webhook.signing import signed_headers

_READ_AT_MOST = 4096
_KEPT_AT_MOST = 200
_GONE = 410


@dataclass(frozen=True, slots=True)
class Outcome:
    """`problem` is None where the message was taken; `excerpt` is the beginning of what a refusal said.

    `wished_pause` is what the endpoint asked for by Retry-After.
    """

    problem: str | None = None
    status: int | None = None
    excerpt: str | None = None
    wished_pause: timedelta | None = None

    @property
    def is_taken(self) -> bool:
        return self.problem is None

    @property
    def is_gone(self) -> bool:
        """Whether the endpoint wants nothing more, ever."""
        return self.status == _GONE


class Poster:
    """Posts to one endpoint. It has connections of its own, which no other endpoint's messages can get into."""

    def __init__(self, endpoint: Endpoint, client: httpx2.AsyncClient, seconds: float) -> None:
        self._endpoint, self._client, self._seconds = endpoint, client, seconds
        self._url = httpx2.URL(str(endpoint.url))

    async def post(self, message_id: str, body: str) -> Outcome:
        """What came of it, within the time that a request may take, names and connections included."""
        try:
            async with asyncio.timeout(self._seconds):
                return await self._post(message_id, body)
        except TimeoutError:
            return Outcome(f"no answer within {self._seconds:g} s")
        except HostRefused:
            return Outcome("the host has an address that is not public")
        except (httpx2.ConnectError, OSError):
            return Outcome("no connection")
        except httpx2.HTTPError as problem:
            return Outcome(f"no answer: {type(problem).__name__}")

    async def _post(self, message_id: str, body: str) -> Outcome:
        host = self._url.raw_host.decode("ascii")
        addresses = await judged_addresses(host, may_be_private=self._endpoint.private)
        *others, last = addresses
        for address in others:
            # Nothing was posted where no connection was made.
            with suppress(httpx2.ConnectError):
                return await self._post_to(address, host, message_id, body)
        return await self._post_to(last, host, message_id, body)

    async def _post_to(self, address: str, host: str, message_id: str, body: str) -> Outcome:
        request = self._client.build_request(
            "POST",
            self._url.copy_with(host=address),
            content=body.encode(),
            headers={
                "Host": self._url.netloc.decode("ascii"),
                "Content-Type": "application/json",
                "User-Agent": "invito-webhook",
                # What is read of an answer is bounded, and nothing is unpacked.
                "Accept-Encoding": "identity",
                **signed_headers(message_id, body, self._endpoint.keys, datetime.now(UTC)),
            },
            # The certificate is to be that of the name.
            extensions={"sni_hostname": host},
        )
        answer = await self._client.send(request, stream=True, follow_redirects=False)
        try:
            return await _outcome_of(answer)
        finally:
            await answer.aclose()


@asynccontextmanager
async def poster_to(endpoint: Endpoint, seconds: float) -> AsyncIterator[Poster]:
    # Certificates take a while to be read, and the loop is everybody's.
    trusted = await asyncio.to_thread(ssl.create_default_context)
    async with httpx2.AsyncClient(verify=trusted, timeout=None, trust_env=False) as client:  # see `post`
        yield Poster(endpoint, client, seconds)


async def _outcome_of(answer: httpx2.Response) -> Outcome:
    if answer.is_success:
        return Outcome(status=answer.status_code)
    wished = wished_pause(answer.headers.get("retry-after"), datetime.now(UTC))
    problem = f"answered {answer.status_code}"
    if answer.is_redirect:
        problem += ", and redirects are not followed"
    return Outcome(problem, answer.status_code, await _excerpt_of(answer), wished)


async def _excerpt_of(answer: httpx2.Response) -> str | None:
    read = b""
    async for chunk in answer.aiter_raw():
        read += chunk
        if len(read) >= _READ_AT_MOST:
            break
    text = read[:_READ_AT_MOST].decode("utf-8", "replace")
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(printable.split())[:_KEPT_AT_MOST] or None
