"""What the tests have posted, to whom, and what they look up about it."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from invito_webhook.delivery_list import Delivery, latest_deliveries
from invito_webhook.outbox_database import OutboxDatabase
from invito_webhook.settings import Endpoint
from invito_webhook.webhooks import Webhooks
from pydantic import HttpUrl, SecretStr

from invito.plugins import FollowUpChanged

SECRET = "whsec_" + "c2VjcmV0" * 4
AtWork = Callable[..., AbstractAsyncContextManager[Webhooks]]
NOW = datetime(2026, 12, 1, 10, tzinfo=UTC)
CHANGED = FollowUpChanged("meeting@nordlys.example", 1, is_cancelled=False, occurred_at=NOW)
_PATIENCE_SECONDS = 60


def endpoint(url: str, name: str = "crm", **values: object) -> Endpoint:
    """On this machine, and told of everything unless said otherwise."""
    chosen = {"name": name, "url": HttpUrl(url), "secrets": (SecretStr(SECRET),), "private": True} | values
    return Endpoint.model_validate(chosen)


def changed(revision: int, follow_up: str = CHANGED.follow_up_uid) -> FollowUpChanged:
    """Each revision a second after the one before."""
    occurred_at = NOW + timedelta(seconds=revision)
    return replace(CHANGED, revision=revision, follow_up_uid=follow_up, occurred_at=occurred_at)


async def deliveries_in(url: str) -> list[Delivery]:
    database = OutboxDatabase(url)
    try:
        async with database.transaction() as connection:
            return await latest_deliveries(connection)
    finally:
        await database.close()


async def settled(url: str, is_so: Callable[[list[Delivery]], bool]) -> list[Delivery]:
    """The deliveries once it is so, which is soon after a receiver answered."""
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while not is_so(found := await deliveries_in(url)):  # noqa: ASYNC110  # a database has no event for it
            await asyncio.sleep(0.01)  # between two looks
    return found
