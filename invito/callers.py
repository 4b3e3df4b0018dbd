"""From what a request or a connection brings along to the caller that use cases work for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from invito.authentication import InvalidToken, TokenVerifier, bearer_token
from invito.plugins.authentication import AuthenticationRequest
from invito.services.addresses import is_valid_address
from invito.services.caller import Caller
from invito.services.errors import Unanswerable, UnanswerableCode, UserErrorCode
from invito.services.house import House
from invito.services.viewers import identify
from invito.settings import Settings

VIEWER_HEADER = "x-invito-viewer"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What somebody says of themself, and the languages that they read (RFC 9110 §12.5.4)."""

    authorization: str | None = None
    viewer: str | None = None
    accept_language: str | None = None
    are_of_connection: bool = False
    request: AuthenticationRequest = field(default_factory=lambda: AuthenticationRequest({}))

    @classmethod
    def of_headers(cls, headers: Mapping[str, str]) -> "Credentials":
        """Those in the headers of a request, whose names are in lower case."""
        return cls(
            headers.get("authorization"),
            headers.get(VIEWER_HEADER),
            headers.get("accept-language"),
            request=AuthenticationRequest(headers),
        )

    @classmethod
    def of_connection(cls, fields: Mapping[str, object], headers: Mapping[str, str]) -> "Credentials":
        """Those in the fields of connection_init, with the languages of the handshake where it names none."""
        texts = {name.lower(): value for name, value in fields.items() if isinstance(value, str)}
        return cls(
            texts.get("authorization"),
            texts.get(VIEWER_HEADER),
            texts.get("accept-language", headers.get("accept-language")),
            are_of_connection=True,
            request=AuthenticationRequest(headers, fields),
        )


@dataclass(frozen=True, slots=True)
class Known:
    """A caller, and the instant in UTC until when that counts; None where it does not end."""

    caller: Caller
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Doorkeeper:
    """Knows callers by a plugin, by bearer token and, in demo mode alone, by the address that they name."""

    house: House
    tokens: TokenVerifier
    settings: Settings
    demo: bool

    async def admit(self, credentials: Credentials) -> Known:
        """
        :raises Unanswerable: UNAUTHENTICATED, since nobody is named, or the token is not valid; SOURCE_UNAVAILABLE
            where nobody else knows them, and a plugin that might could not be asked.
        """
        known, failures = await self.house.plugins.hooks.authenticate(credentials.request)
        if known is not None:
            is_administrator = known.is_administrator or self._administers_demo(known.email)
            return Known(await self._caller(known.email, is_administrator, credentials.accept_language), known.until)
        if credentials.authorization:
            return await self._by_token(credentials.authorization, credentials.accept_language)
        if self.demo and credentials.viewer:
            return await self._by_address(credentials.viewer, credentials.accept_language)
        if failures:
            plugins = ", ".join(failure.plugin for failure in failures)
            message = f"Who you are cannot be looked up at the moment: {plugins} does not answer as it should."
            raise Unanswerable(UserErrorCode.SOURCE_UNAVAILABLE, message)
        raise _unauthenticated(self._who_asks(credentials))

    def _who_asks(self, credentials: Credentials) -> str:
        if credentials.are_of_connection:
            wanted = ['{"X-Invito-Viewer": "E-MAIL"}'] * self.demo + ['{"Authorization": "Bearer TOKEN"}']
            return f"Say who asks in connection_init: {' or '.join(wanted)}"
        wanted = ["X-Invito-Viewer: E-MAIL"] * self.demo + ["Authorization: Bearer TOKEN"]
        return f"Say who asks: {', or '.join(wanted)}."

    async def _by_token(self, authorization: str, accept_language: str | None) -> Known:
        try:
            token = await self.tokens.verify(bearer_token(authorization))
        except InvalidToken as problem:
            raise _unauthenticated(str(problem)) from None
        is_administrator = token.is_administrator or self._administers_demo(token.email)
        return Known(await self._caller(token.email, is_administrator, accept_language), token.expires_at)

    async def _by_address(self, address: str, accept_language: str | None) -> Known:
        if not is_valid_address(address.strip()):
            raise _unauthenticated("X-Invito-Viewer should be an e-mail address.")
        return Known(await self._caller(address.strip(), self._administers_demo(address), accept_language), None)

    async def _caller(self, email: str, is_administrator: bool, accept_language: str | None) -> Caller:
        return await identify(self.house, email, is_administrator=is_administrator, accept_language=accept_language)

    def _administers_demo(self, address: str) -> bool:
        return self.demo and address.strip().lower() in map(str.lower, self.settings.administrators)


def _unauthenticated(message: str) -> Unanswerable:
    return Unanswerable(UnanswerableCode.UNAUTHENTICATED, message)
