"""`invito worker`."""

import asyncio
import signal
from typing import Annotated

import structlog
import typer

from invito.cli.database_standing import bring_up_to_date
from invito.cli.ending import end, expected_problems
from invito.cli.hanging_threads import end_without_those_that_hang
from invito.log_lines import log_to_stderr
from invito.opening import handling_mail, load_plugins, open_house, telling_plugins
from invito.secret_keys import keys_of
from invito.settings import Settings, read_settings

log = structlog.get_logger(__name__)


def worker(
    demo: Annotated[bool, typer.Option("--demo", help="Work for `invito serve --demo`.")] = False,
) -> None:
    """Send mail and take it in, beside `invito serve` with INVITO_MAIL_WORKER=false. Several may run on PostgreSQL."""
    log_to_stderr()
    with expected_problems():
        settings = read_settings()
        settings = settings.for_demo().reached_where_it_listens() if demo else settings
        if settings.missing_about_mail:
            end(*settings.missing_about_mail)
        keys_of(settings)
        load_plugins(settings).close()
        asyncio.run(_work(settings))
    end_without_those_that_hang(0)


async def _work(settings: Settings) -> None:
    await bring_up_to_date(settings.database_url)
    ending = asyncio.Event()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signal_number, ending.set)
    async with (
        open_house(settings, settings.plugin_call_seconds) as house,
        telling_plugins(house),
        handling_mail(settings, house),
    ):
        log.info("worker is at work")
        await ending.wait()
        log.info("worker ends")
