"""The plugin at work: events go into the outbox, and out of it to the endpoints."""

import asyncio
from collections.abc import Coroutine
from contextvars import Context
from typing import Any

from invito.plugins import PluginContext
from invito_webhook.messages import Event, message_of
from invito_webhook.outbox import put_in, sweep
from invito_webhook.outbox_database import OutboxDatabase
from invito_webhook.sending import EndpointSender
from invito_webhook.settings import WebhookSettings

_SWEEP_SECONDS = 3600.0


class Webhooks:
    """One a process. What is not posted at the end waits in the outbox."""

    def __init__(self, context: PluginContext[WebhookSettings]) -> None:
        self._settings, self._log = context.settings, context.logger
        self._database = OutboxDatabase(self._settings.database_url.get_secret_value())
        self._senders = [
            EndpointSender(endpoint, self._database, self._settings, self._log) for endpoint in self._settings.endpoints
        ]
        self._tasks: list[asyncio.Task[None]] = []

    @classmethod
    async def opened(cls, context: PluginContext[WebhookSettings]) -> "Webhooks":
        """With its tables made and its senders at work; where nobody is to be told, with nothing."""
        webhooks = cls(context)
        if not context.settings.endpoints:
            return webhooks
        try:
            await webhooks._database.make_tables()
        except BaseException:
            await webhooks._database.close()
            raise
        webhooks._begin(webhooks._sweep_now_and_then())
        for sender in webhooks._senders:
            webhooks._begin(sender.run())
        return webhooks

    async def take(self, event: Event) -> None:
        """It is kept when this is over, and posted some time after."""
        message = message_of(event)
        wanting = [sender for sender in self._senders if message.type in sender.endpoint.events]
        if wanting:
            async with self._database.transaction() as connection:
                await put_in(connection, message, [sender.endpoint.name for sender in wanting])
        for sender in wanting:
            sender.poke()

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self._database.close()

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        # In a context of its own: a task that belongs to the call which starts it would end with that.
        task = asyncio.get_running_loop().create_task(work, context=Context())
        task.add_done_callback(self._has_ended)
        self._tasks.append(task)

    def _has_ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (failure := task.exception()) is not None:
            self._log.error("webhook has stopped", problem=type(failure).__name__)

    async def _sweep_now_and_then(self) -> None:
        while True:
            try:
                async with self._database.transaction() as connection:
                    await sweep(connection, self._settings.give_up_after, self._settings.keep)
            except Exception as failure:  # the database may be away for a while
                self._log.warning("old deliveries are not deleted", problem=type(failure).__name__)
            await asyncio.sleep(_SWEEP_SECONDS)
