"""The plugin at work in a process of its own: `python webhook_process.py SETTINGS`, until it is told to end."""

import asyncio
import signal
import sys

import structlog
from invito_webhook.settings import WebhookSettings
from invito_webhook.webhooks import Webhooks

from invito.plugins import PluginContext


async def work(settings: WebhookSettings) -> None:
    ending = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ending.set)
    webhooks = await Webhooks.opened(PluginContext("webhook", settings, structlog.get_logger(), None))
    await ending.wait()
    await webhooks.close()


if __name__ == "__main__":
    asyncio.run(work(WebhookSettings.model_validate_json(sys.argv[1])))
