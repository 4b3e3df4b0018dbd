"""Replicas poke each other through Redis, where there are so many that the database should not carry it."""

from collections.abc import Sequence

from redis.asyncio import Redis

from invito.services.changes.relay import Poke

_CHANNEL = "invito_changes"
# How often the connection is tried while nothing arrives, so that one that died without a word is noticed.
_TRIED_EVERY_SECONDS = 15


class RedisRelay:
    """Publishes and subscribes on one channel. Redis drops what a slow reader does not take, without a word."""

    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(url, health_check_interval=_TRIED_EVERY_SECONDS, decode_responses=True)

    async def listen(self, poke: Poke) -> None:
        async with self._redis.pubsub(ignore_subscribe_messages=True) as subscription:
            await subscription.subscribe(_CHANNEL)
            while True:
                message = await subscription.get_message(timeout=_TRIED_EVERY_SECONDS)
                for topic in message["data"].split("\n") if message is not None else ():
                    poke(topic)

    async def tell(self, topics: Sequence[str]) -> None:
        await self._redis.publish(_CHANNEL, "\n".join(topics))

    async def close(self) -> None:
        await self._redis.aclose()
