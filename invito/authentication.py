"""Who asks: a bearer token (JWT, RFC 7519) becomes the address that it vouches for."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from joserfc import jws, jwt
from joserfc.errors import ExpiredTokenError, InvalidClaimError, JoseError, MissingClaimError
from joserfc.jwk import KeySet, OctKey
from joserfc.jwt import Claims, ClaimsOption, JWTClaimsRegistry

from invito.services.errors import Unanswerable, UserErrorCode
from invito.settings import Settings
from invito.signing_keys import KeysUnavailable, PublishedKeys

# A secret signs with one algorithm and published keys with others: no token chooses between the two kinds.
_SECRET_ALGORITHMS = ["HS256"]
_PUBLISHED_KEY_ALGORITHMS = [
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "Ed25519", "EdDSA"),
]
_LEEWAY_SECONDS = 30
_SCHEME = "bearer"


class InvalidToken(Exception):
    """A token that says nothing about who asks. The message can be shown to whoever sent it."""


@dataclass(frozen=True, slots=True)
class VerifiedToken:
    """What a token vouches for. It counts until `expires_at`, an instant in UTC."""

    email: str
    is_administrator: bool
    expires_at: datetime


class TokenVerifier:
    """Verifies tokens as the settings say. With neither secret nor published keys, no token is valid."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._published = PublishedKeys(settings.jwt_jwks_url) if settings.jwt_jwks_url else None
        self._secret = settings.jwt_secret
        self._algorithms = _PUBLISHED_KEY_ALGORITHMS if self._published else _SECRET_ALGORITHMS

    async def verify(self, token: str) -> VerifiedToken:
        """What this token vouches for.

        :raises InvalidToken: it is malformed, not signed as it has to be, expired, meant for somebody else, or vouches
            for no verified address.
        :raises Unanswerable: SOURCE_UNAVAILABLE, since nobody can tell: the issuer's keys cannot be fetched.
        """
        try:
            decoded = jwt.decode(token, await self._key_of(token), registry=self._header_registry)
            self._claims_registry.validate(decoded.claims)
        except ExpiredTokenError:
            raise InvalidToken("The token has expired.") from None
        except MissingClaimError as problem:
            raise InvalidToken(f"The token lacks a claim: {problem.description}.") from None
        except InvalidClaimError as problem:
            raise InvalidToken(f"The token is not meant for this service: {problem.description}.") from None
        except KeysUnavailable:
            message = "The keys of your token's issuer cannot be fetched at the moment. Try again soon."
            raise Unanswerable(UserErrorCode.SOURCE_UNAVAILABLE, message) from None
        except (JoseError, ValueError, TypeError, KeyError, AttributeError):
            raise InvalidToken("The token is malformed, or not signed with a key of its issuer.") from None
        return VerifiedToken(
            self._email_of(decoded.claims), self._is_administrator(decoded.claims), _expiry_of(decoded.claims)
        )

    async def _key_of(self, token: str) -> OctKey | KeySet:
        header = jws.extract_compact(token.encode()).headers()
        self._header_registry.get_alg(header["alg"])
        if self._published is not None:
            return await self._published.having(header.get("kid"))
        if self._secret is None:
            raise InvalidToken("This service takes no tokens: neither a secret nor an issuer's keys are set.")
        return OctKey.import_key(self._secret.get_secret_value())

    @property
    def _header_registry(self) -> jws.JWSRegistry:
        # Issuers put fields of their own into headers; those that have to be understood (`crit`) are still refused.
        return jws.JWSRegistry(algorithms=self._algorithms, strict_check_header=False)

    @property
    def _claims_registry(self) -> JWTClaimsRegistry:
        wanted: dict[str, ClaimsOption] = {"exp": {"essential": True}}
        if self._settings.jwt_audience:
            wanted["aud"] = {"essential": True, "value": self._settings.jwt_audience}
        if self._settings.jwt_issuer:
            wanted["iss"] = {"essential": True, "value": self._settings.jwt_issuer}
        return JWTClaimsRegistry(None, _LEEWAY_SECONDS, **wanted)

    def _email_of(self, claims: Claims) -> str:
        email = claims.get(self._settings.jwt_email_claim)
        if not isinstance(email, str) or "@" not in email:
            raise InvalidToken(f"The token has no e-mail address in its claim {self._settings.jwt_email_claim}.")
        verified_claim = self._settings.jwt_email_verified_claim
        if verified_claim and _as_text(claims.get(verified_claim)) != "true":
            raise InvalidToken("The token's e-mail address is not verified by its issuer.")
        return email.strip()

    def _is_administrator(self, claims: Claims) -> bool:
        if not self._settings.jwt_administrator_claim:
            return False
        said = claims.get(self._settings.jwt_administrator_claim)
        values = said if isinstance(said, list) else [said]
        return any(_as_text(value) == self._settings.jwt_administrator_value for value in values)


def bearer_token(authorization: str) -> str:
    """The token of an `Authorization` header (RFC 6750).

    :raises InvalidToken: the header holds something else.
    """
    scheme, _, token = authorization.strip().partition(" ")
    if scheme.lower() != _SCHEME or not token.strip():
        raise InvalidToken("Authorization should be: Bearer, a blank, and the token.")
    return token.strip()


def sign_token(settings: Settings, email: str, *, is_administrator: bool, lifetime: timedelta) -> str:
    """A token for development, signed with the secret of the settings.

    :raises InvalidToken: there is no secret, or no claim that would make an administrator.
    """
    if settings.jwt_secret is None:
        raise InvalidToken("INVITO_JWT_SECRET is not set: only with a secret can Invito sign tokens itself.")
    if is_administrator and not settings.jwt_administrator_claim:
        raise InvalidToken("INVITO_JWT_ADMINISTRATOR_CLAIM is not set: no claim would make an administrator.")
    now = int(time.time())
    claims: Claims = {"iat": now, "exp": now + int(lifetime.total_seconds()), settings.jwt_email_claim: email}
    if settings.jwt_audience:
        claims["aud"] = settings.jwt_audience
    if settings.jwt_issuer:
        claims["iss"] = settings.jwt_issuer
    if settings.jwt_email_verified_claim:
        claims[settings.jwt_email_verified_claim] = True
    if is_administrator and settings.jwt_administrator_claim:
        claims[settings.jwt_administrator_claim] = settings.jwt_administrator_value
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(settings.jwt_secret.get_secret_value()))


def _expiry_of(claims: Claims) -> datetime:
    try:
        return datetime.fromtimestamp(claims["exp"], UTC)
    except (OverflowError, ValueError, OSError):
        raise InvalidToken("The token's expiry is no time.") from None


def _as_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
