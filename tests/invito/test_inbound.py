"""Mail that a provider brings by HTTP: kept once its signature is right, and not otherwise."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx2
import pytest
from sqlalchemy import select
from starlette.types import ASGIApp

from invito.asgi import create_app
from invito.inbound import MOST_BROUGHT_BYTES
from invito.inbound_signature import signature
from invito.services.inbox.receiving import HEAD_BYTES, MOST_BYTES
from invito.services.itip.verdicts import InboundOutcome
from invito.services.storage.database import Database
from invito.services.storage.mail_tables import InboxRow
from invito.settings import read_settings

SECRET = "a secret that a provider and this service share"
MAIL = b"From: per@kunde.example\r\nSubject: Hei\r\n\r\nHei"

Listening = Callable[[ASGIApp], AbstractAsyncContextManager[str]]


@dataclass
class Provider:
    """Somebody who brings mail."""

    client: httpx2.AsyncClient
    database: Database

    async def brings(self, body: bytes, *, signed: bytes | None = None, at: int = 0, secret: str = SECRET) -> int:
        moment = int(datetime.now(UTC).timestamp()) + at
        headers = [
            ("webhook-id", "1"),
            ("webhook-timestamp", str(moment)),
            ("webhook-signature", signature(secret, "1", moment, body if signed is None else signed)),
            ("x-envelope-from", "per@kunde.example"),
            ("x-envelope-to", "invito+tag@nordlys.example"),
        ]
        return (await self.client.post("/mail/inbound", content=body, headers=headers)).status_code

    async def kept(self) -> list[tuple[bytes, str, list[str]]]:
        async with self.database.read() as connection:
            rows = await connection.execute(select(InboxRow.raw, InboxRow.envelope_from, InboxRow.envelope_to))
            return [(row[0], row[1] or "", row[2]) for row in rows]


@pytest.fixture
async def provider(database: Database, database_url: str, listening: Listening) -> AsyncIterator[Provider]:
    settings = read_settings(database_url=database_url, mail_worker=False, inbound_secret=SECRET)
    async with (
        listening(create_app(settings)) as address,
        httpx2.AsyncClient(base_url=address) as client,
    ):
        yield Provider(client, database)


async def test_a_signed_mail_is_kept_with_its_envelope_and_once(provider: Provider) -> None:
    answers = [await provider.brings(MAIL), await provider.brings(MAIL)]

    assert answers == [202, 202]
    assert await provider.kept() == [(MAIL, "per@kunde.example", ["invito+tag@nordlys.example"])]


@pytest.mark.parametrize("seconds", [-301, 301])
async def test_a_signature_counts_for_five_minutes(provider: Provider, seconds: int) -> None:
    assert await provider.brings(MAIL, at=seconds) == 401
    assert await provider.kept() == []


async def test_what_is_not_signed_as_it_is_is_refused(provider: Provider) -> None:
    forged = await provider.brings(MAIL, signed=b"another")
    by_another = await provider.brings(MAIL, secret="a secret of somebody else")
    unsigned = (await provider.client.post("/mail/inbound", content=MAIL)).status_code

    assert (forged, by_another, unsigned) == (401, 401, 401)
    assert await provider.kept() == []


async def test_of_a_mail_that_is_too_large_the_head_is_kept_and_why(provider: Provider) -> None:
    large = MAIL + b"x" * MOST_BYTES

    answers = [await provider.brings(large), await provider.brings(large)]

    assert answers == [202, 202]
    assert await provider.kept() == [(large[:HEAD_BYTES], "per@kunde.example", ["invito+tag@nordlys.example"])]
    async with provider.database.read() as connection:
        verdicts = (await connection.execute(select(InboxRow.outcome, InboxRow.reason))).all()
    assert verdicts == [(InboundOutcome.QUARANTINED, "MAIL_TOO_LARGE")]


async def test_a_mail_that_is_too_large_is_kept_only_if_its_signature_is_right(provider: Provider) -> None:
    large = MAIL + b"x" * MOST_BYTES

    assert await provider.brings(large, signed=large[:-1]) == 401
    assert await provider.kept() == []


async def test_what_is_beyond_all_bounds_is_refused(provider: Provider) -> None:
    assert await provider.brings(b"x" * (MOST_BROUGHT_BYTES + 1)) == 413
    assert await provider.kept() == []


async def test_without_a_secret_there_is_no_such_address(database_url: str, listening: Listening) -> None:
    settings = read_settings(database_url=database_url, mail_worker=False)
    async with (
        listening(create_app(settings)) as address,
        httpx2.AsyncClient(base_url=address) as client,
    ):
        assert (await client.post("/mail/inbound", content=MAIL)).status_code == 404
