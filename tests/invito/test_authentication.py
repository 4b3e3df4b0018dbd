"""Who is believed by their token, and who is not."""

import asyncio
import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, OKPKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from invito.authentication import InvalidToken, TokenVerifier, bearer_token, sign_token
from invito.services.errors import Unanswerable, UserErrorCode
from invito.settings import Settings, read_settings
from invito.signing_keys import KeysUnavailable, PublishedKeys

SECRET = "a secret of thirty-two bytes or so"
KARI = "kari.nordmann@nordlys.example"


def settings(**changes: object) -> Settings:
    given: dict[str, object] = {"jwt_secret": SECRET, "jwt_audience": "invito", "jwt_issuer": "https://id.example"}
    return read_settings(**(given | changes))


def claims(**changes: object) -> dict[str, Any]:
    present = {
        "email": KARI,
        "email_verified": True,
        "aud": "invito",
        "iss": "https://id.example",
        "exp": int(time.time()) + 60,
    }
    return {name: value for name, value in (present | changes).items() if value is not None}


def signed(secret: str = SECRET, algorithm: str = "HS256", **changes: Any) -> str:
    return jwt.encode({"alg": algorithm}, claims(**changes), OctKey.import_key(secret), algorithms=[algorithm])


async def test_a_good_token_vouches_for_its_address_until_it_expires() -> None:
    expiry = int(time.time()) + 60

    token = await TokenVerifier(settings()).verify(signed(exp=expiry))

    assert token.email == KARI
    assert not token.is_administrator
    assert token.expires_at.timestamp() == expiry


async def test_one_of_several_audiences_is_enough() -> None:
    assert (await TokenVerifier(settings()).verify(signed(aud=["crm", "invito"]))).email == KARI


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(signed(exp=None), id="no expiry"),
        pytest.param(signed(exp=int(time.time()) - 60), id="expired"),
        pytest.param(signed(exp="tomorrow"), id="expiry is a text"),
        pytest.param(signed(exp=10**30), id="expiry is no time"),
        pytest.param(signed(nbf=int(time.time()) + 600), id="not valid yet"),
        pytest.param(signed(aud=None), id="no audience"),
        pytest.param(signed(aud="another service"), id="another audience"),
        pytest.param(signed(iss=None), id="no issuer"),
        pytest.param(signed(iss="https://evil.example"), id="another issuer"),
        pytest.param(signed(email=None), id="no address"),
        pytest.param(signed(email="kari"), id="not an address"),
        pytest.param(signed(email=[KARI]), id="a list of addresses"),
        pytest.param(signed(email_verified=None), id="nothing said of verified"),
        *(
            pytest.param(signed(email_verified=said), id=f"unverified: {said!r}")
            for said in (False, "false", "True", "yes", 1, [True])
        ),
        pytest.param(signed("another secret of thirty-two bytes"), id="another secret"),
        pytest.param(signed(algorithm="HS512"), id="another algorithm"),
        pytest.param(signed()[:-4] + "AAAA", id="signature changed"),
        pytest.param("", id="empty"),
        pytest.param("no.token", id="two parts"),
        pytest.param("ø.ø.ø", id="not ASCII"),
        pytest.param("e30.e30.", id="no algorithm"),
        pytest.param("bnVsbA.e30.", id="header is null"),
    ],
)
async def test_a_token_is_not_believed(token: str) -> None:
    with pytest.raises(InvalidToken):
        await TokenVerifier(settings()).verify(token)


async def test_a_token_without_a_signature_is_not_believed() -> None:
    for algorithm in ("none", "None", "NONE"):
        token = f"{_part({'alg': algorithm})}.{_part(claims())}."
        with pytest.raises(InvalidToken):
            await TokenVerifier(settings()).verify(token)


async def test_what_is_wrong_is_said_without_what_was_sent() -> None:
    with pytest.raises(InvalidToken) as raised:
        await TokenVerifier(settings()).verify(signed(email="canary", sub="canary", aud="canary"))

    assert "canary" not in str(raised.value)


@pytest.mark.parametrize("said", [True, "true"])
async def test_an_address_is_verified_by_true_or_the_text_of_it(said: object) -> None:
    assert (await TokenVerifier(settings()).verify(signed(email_verified=said))).email == KARI


async def test_where_the_issuer_vouches_no_claim_need_say_verified() -> None:
    verifier = TokenVerifier(settings(jwt_email_verified_claim=""))

    assert (await verifier.verify(signed(email_verified=None))).email == KARI


@pytest.mark.parametrize(
    ("claim", "value", "is_administrator"),
    [
        ("admin", True, True),
        ("admin", ["user", "true"], True),
        ("admin", False, False),
        ("admin", "truest", False),
        ("other", True, False),
    ],
)
async def test_the_claim_of_the_settings_makes_an_administrator(
    claim: str, value: object, is_administrator: bool
) -> None:
    verifier = TokenVerifier(settings(jwt_administrator_claim="admin"))

    token = await verifier.verify(signed(SECRET, "HS256", **{claim: value}))

    assert token.is_administrator is is_administrator


async def test_without_secret_and_keys_no_token_is_believed() -> None:
    with pytest.raises(InvalidToken, match="takes no tokens"):
        await TokenVerifier(settings(jwt_secret=None)).verify(signed())


async def test_a_token_for_development_is_believed() -> None:
    ours = settings(jwt_administrator_claim="roles", jwt_administrator_value="invito-admin")

    token = await TokenVerifier(ours).verify(
        sign_token(ours, KARI, is_administrator=True, lifetime=timedelta(minutes=1))
    )

    assert token.email == KARI
    assert token.is_administrator


@pytest.mark.parametrize("header", ["Basic a2FyaTprYXJp", "Bearer", "Bearer ", "token"])
def test_another_scheme_is_refused(header: str) -> None:
    with pytest.raises(InvalidToken):
        bearer_token(header)


def test_the_scheme_may_be_in_any_case() -> None:
    assert bearer_token("bearer abc") == "abc"


@dataclass
class Issuer:
    """An issuer that publishes its keys over HTTP."""

    keys: list[RSAKey | ECKey | OKPKey | OctKey]
    asked: int = 0
    status: int = 200
    url: str = ""
    now: float = 0.0
    open: asyncio.Event = field(default_factory=asyncio.Event)
    settings: Settings = field(init=False)

    def sign(self, key: RSAKey | ECKey | OKPKey | OctKey, algorithm: str, **changes: object) -> str:
        key.ensure_kid()
        header = {"alg": algorithm, "kid": key.kid}
        return jwt.encode(header, claims(**changes), key, algorithms=[algorithm])

    def __post_init__(self) -> None:
        self.open.set()

    async def answer(self, _: Request) -> Response:
        """The keys, once the issuer is open."""
        self.asked += 1
        await self.open.wait()
        return JSONResponse(KeySet(self.keys).as_dict(private=False), self.status)

    def clock(self) -> float:
        return self.now


class Running(Protocol):
    """Has an issuer answer while the context lasts."""

    def __call__(self, issuer: Issuer) -> AbstractAsyncContextManager[Issuer]: ...


@pytest.fixture
def running(listening: Callable[[ASGIApp], AbstractAsyncContextManager[str]]) -> Running:
    @asynccontextmanager
    async def run(issuer: Issuer) -> AsyncIterator[Issuer]:
        async with listening(Starlette(routes=[Route("/keys", issuer.answer)])) as address:
            issuer.url = f"{address}/keys"
            issuer.settings = settings(jwt_secret=None, jwt_jwks_url=issuer.url)
            yield issuer

    return run


KEYS: dict[str, Callable[[], RSAKey | ECKey | OKPKey]] = {
    "RS256": lambda: RSAKey.generate_key(2048),
    "PS256": lambda: RSAKey.generate_key(2048),
    "ES256": lambda: ECKey.generate_key("P-256"),
    "Ed25519": lambda: OKPKey.generate_key("Ed25519"),
}


@pytest.mark.parametrize("algorithm", KEYS)
async def test_a_token_signed_with_a_published_key_is_believed(algorithm: str, running: Running) -> None:
    key = KEYS[algorithm]()

    async with running(Issuer([key])) as issuer:
        token = await TokenVerifier(issuer.settings).verify(issuer.sign(key, algorithm))

    assert token.email == KARI


async def test_a_public_key_is_no_secret(running: Running) -> None:
    key = RSAKey.generate_key(2048, auto_kid=True)
    signed_part = f"{_part({'alg': 'HS256', 'kid': key.kid})}.{_part(claims())}"
    signature = hmac.digest(key.as_pem(private=False), signed_part.encode(), "sha256")
    token = f"{signed_part}.{_base64(signature)}"

    async with running(Issuer([key])) as issuer:
        with pytest.raises(InvalidToken):
            await TokenVerifier(issuer.settings).verify(token)


async def test_a_published_secret_is_no_key(running: Running) -> None:
    secret = OctKey.import_key(SECRET)

    async with running(Issuer([secret, RSAKey.generate_key(2048)])) as issuer:
        with pytest.raises(InvalidToken):
            await TokenVerifier(issuer.settings).verify(issuer.sign(secret, "HS256"))


async def test_keys_are_asked_for_once(running: Running) -> None:
    key = ECKey.generate_key("P-256")

    async with running(Issuer([key])) as issuer:
        verifier = TokenVerifier(issuer.settings)
        await asyncio.gather(*(verifier.verify(issuer.sign(key, "ES256")) for _ in range(5)))

    assert issuer.asked == 1


async def test_a_new_key_is_fetched_when_a_token_names_it(running: Running) -> None:
    old, new = ECKey.generate_key("P-256", auto_kid=True), ECKey.generate_key("P-256", auto_kid=True)

    async with running(Issuer([old])) as issuer:
        keys = PublishedKeys(issuer.url, clock=issuer.clock)
        await keys.having(old.kid)
        issuer.keys, issuer.now = [old, new], issuer.now + 31

        fetched = await keys.having(new.kid)

    assert [key.kid for key in fetched] == [old.kid, new.kid]


async def test_unknown_keys_do_not_make_us_ask_the_issuer_again_and_again(running: Running) -> None:
    key = ECKey.generate_key("P-256", auto_kid=True)

    async with running(Issuer([key])) as issuer:
        keys = PublishedKeys(issuer.url, clock=issuer.clock)
        for number in range(20):
            await keys.having(f"unknown {number}")
        verifier = TokenVerifier(issuer.settings)
        with pytest.raises(InvalidToken):
            await verifier.verify(issuer.sign(ECKey.generate_key("P-256", auto_kid=True), "ES256"))

    assert issuer.asked == 2


async def test_keys_that_were_fetched_outlast_an_issuer_that_fails(running: Running) -> None:
    key = ECKey.generate_key("P-256", auto_kid=True)

    async with running(Issuer([key])) as issuer:
        keys = PublishedKeys(issuer.url, clock=issuer.clock)
        await keys.having(key.kid)
        issuer.status, issuer.now = 500, issuer.now + 7200

        await keys.having("unknown")
        kept = await keys.having(key.kid)

    assert issuer.asked == 2
    assert [one.kid for one in kept] == [key.kid]


async def test_a_known_key_answers_while_the_issuer_does_not(running: Running) -> None:
    known, new = ECKey.generate_key("P-256", auto_kid=True), ECKey.generate_key("P-256", auto_kid=True)

    async with running(Issuer([known])) as issuer:
        keys = PublishedKeys(issuer.url, clock=issuer.clock)
        await keys.having(known.kid)
        issuer.keys, issuer.now = [known, new], issuer.now + 7200
        issuer.open.clear()

        stale = await keys.having(known.kid)
        waiting = [asyncio.create_task(keys.having(new.kid)) for _ in range(5)]
        await asyncio.sleep(0)  # all of them ask
        waiting.pop().cancel()
        still = await keys.having(known.kid)
        issuer.open.set()
        renewed = await asyncio.gather(*waiting)

    assert [key.kid for key in stale] == [key.kid for key in still] == [known.kid]
    assert [[key.kid for key in one] for one in renewed] == [[known.kid, new.kid]] * 4
    assert issuer.asked == 2


async def test_known_keys_are_fetched_again_by_and_by(running: Running) -> None:
    known, new = ECKey.generate_key("P-256", auto_kid=True), ECKey.generate_key("P-256", auto_kid=True)

    async with running(Issuer([known])) as issuer:
        keys = PublishedKeys(issuer.url, clock=issuer.clock)
        await keys.having(known.kid)
        issuer.keys, issuer.now = [new], issuer.now + 7200
        while known.kid in [key.kid for key in await keys.having(known.kid)]:  # noqa: ASYNC110  # it has no event
            await asyncio.sleep(0)  # the fetch goes on beside

    assert issuer.asked == 2


async def test_without_any_keys_nobody_is_a_stranger_but_asked_to_try_again(running: Running) -> None:
    async with running(Issuer([], status=500)) as issuer:
        with pytest.raises(Unanswerable, match=r"cannot be fetched.*Try again") as away:
            await TokenVerifier(issuer.settings).verify(issuer.sign(ECKey.generate_key("P-256"), "ES256"))
        with pytest.raises(KeysUnavailable):
            await PublishedKeys(issuer.url).having(None)

    assert away.value.code is UserErrorCode.SOURCE_UNAVAILABLE


def _part(content: object) -> str:
    return _base64(json.dumps(content).encode())


def _base64(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")
