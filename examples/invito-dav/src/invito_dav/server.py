"""One server: asked over TLS that is verified, answered within bounds, and followed nowhere else."""

import asyncio
import ssl
from collections.abc import Mapping

from httpx2 import URL, AsyncClient, BasicAuth, HTTPError, InvalidURL, Limits, Response

from invito_dav.failures import DavFailure, ServerAway
from invito_dav.multistatus import Multistatus, multistatus_of
from invito_dav.settings import DavSettings

_MOST_BYTES = 16 * 1024 * 1024
_MOST_REDIRECTS = 3
_REDIRECTS = (301, 302, 307, 308)
_MULTISTATUS = 207


class DavServer:
    """Asks the server of `url`, and no other, each time for so many `seconds`. To be closed by the loop that asks it.

    To make one takes a tenth of a second, in which the certificates are read: not on a loop that others wait for.
    """

    def __init__(self, url: str, settings: DavSettings, seconds: float, at_once: int = 4) -> None:
        self.url = URL(url)
        auth = BasicAuth(settings.user, settings.password.get_secret_value()) if settings.user else None
        self._seconds = seconds
        self._client = AsyncClient(
            auth=auth,
            verify=ssl.create_default_context(cafile=settings.ca_file),
            timeout=seconds,
            limits=Limits(max_connections=at_once),
            # What is packed may be of any size when it is unpacked.
            headers={"Accept-Encoding": "identity", "User-Agent": "invito"},
            # A proxy would be told the password, and one within this machine is asked without TLS.
            trust_env=False,
        )

    async def close(self) -> None:
        await self._client.aclose()

    async def multistatus(
        self, method: str, url: URL, body: str, depth: str = "0", headers: Mapping[str, str] | None = None
    ) -> Multistatus:
        """
        :raises DavFailure: see `ask`; or the answer is no multi-status one.
        """
        status, raw = await self.ask(method, url, body, depth, headers)
        if status != _MULTISTATUS:
            raise DavFailure(f"answered {method} with {status}", status)
        return await asyncio.to_thread(multistatus_of, raw)

    async def ask(
        self, method: str, url: URL, body: str, depth: str = "0", headers: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        """Status and body of an answer that is none of failure.

        :raises DavFailure: it could not be asked (ServerAway), answered that it failed, or more than is read.
        """
        sent = {"Content-Type": "application/xml; charset=utf-8", "Depth": depth, **(headers or {})}
        try:
            # httpx waits so long for each part of an answer, and there may be parts for ever.
            async with asyncio.timeout(self._seconds):
                return await self._asked(method, url, body, sent)
        except TimeoutError as problem:
            raise ServerAway("did not answer in time") from problem

    async def _asked(self, method: str, url: URL, body: str, sent: Mapping[str, str]) -> tuple[int, bytes]:
        for _ in range(_MOST_REDIRECTS + 1):
            self._check(url)
            try:
                async with self._client.stream(method, url, content=body.encode(), headers=sent) as answer:
                    if answer.status_code not in _REDIRECTS:
                        return answer.status_code, await _body_of(method, answer)
                    url = self.at(answer.headers.get("Location", ""), url)
            except HTTPError as problem:
                raise ServerAway(f"could not be asked ({type(problem).__name__})") from problem
        raise DavFailure(f"sends us on more than {_MOST_REDIRECTS} times")

    def at(self, href: str, base: URL | None = None) -> URL:
        """The address that an answer names, which is one of this server's.

        :raises DavFailure: it is another's.
        """
        try:
            url = (base or self.url).join(href)
        except InvalidURL as problem:
            raise DavFailure("names an address that is none") from problem
        self._check(url)
        return url

    def _check(self, url: URL) -> None:
        if _origin(url) != _origin(self.url):
            raise DavFailure("names an address of another server, which is not asked")


async def _body_of(method: str, answer: Response) -> bytes:
    if not answer.is_success:
        raise DavFailure(f"answered {method} with {answer.status_code}", answer.status_code)
    if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise DavFailure("answered in an encoding that was not asked for")
    body = bytearray()
    async for part in answer.aiter_raw():
        body += part
        if len(body) > _MOST_BYTES:
            raise DavFailure(f"answered with more than {_MOST_BYTES >> 20} MB")
    return bytes(body)


def _origin(url: URL) -> tuple[str, str, int | None]:
    default = {"https": 443, "http": 80}.get(url.scheme)
    return url.scheme, url.host, url.port or default
