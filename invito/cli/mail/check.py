"""`invito mail check`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import typer

from invito.cli.ending import end, expected_problems
from invito.cli.findings import findings_console, show
from invito.log_lines import log_to_stderr
from invito.mail_settings import read_address
from invito.opening import intake_plan_of, load_plugins, routes_of, rules_of
from invito.services.addresses import is_valid_address
from invito.services.deliverability.checking import MailCheck, check_mail
from invito.services.deliverability.dns_answers import DnsReader
from invito.services.deliverability.findings import Outcome
from invito.services.deliverability.resolver import DnsResolver, NoDnsServer
from invito.services.deliverability.returning import WatchedMailbox
from invito.services.mail.plugin_transport import PluginMailTransport
from invito.services.mail.transports import MailTransport, TemporaryFailure
from invito.services.mailboxes.servers import read_server
from invito.settings import Settings, read_settings

_DNS_PORT = 53
# RFC 2606 and 6761: no such name is ever in DNS.
_NEVER_IN_DNS = ("example", "test", "invalid", "localhost")


def check(
    to: Annotated[str | None, typer.Option(help="Send the test mail to this address too.")] = None,
    dkim_selector: Annotated[
        list[str] | None, typer.Option(help="A selector of your DKIM keys; may be named several times.")
    ] = None,
    wait: Annotated[float, typer.Option(help="Seconds that the test mail may take to come back.", min=0)] = 60,
    demo: Annotated[bool, typer.Option("--demo", help="For `invito serve --demo`.")] = False,
) -> None:
    """Send a test mail, and look at servers, SPF, DKIM, DMARC and MX: what is wrong, and how to mend it.

    Ends with 1 where something is wrong.
    """
    if to is not None and not is_valid_address(to):
        end(f"{to} is no e-mail address.")
    log_to_stderr()
    with expected_problems():
        settings = read_settings()
        settings = settings.for_demo() if demo else settings
        if not settings.mail_from:
            end(
                "INVITO_MAIL_FROM is not set: the service has no mailbox. Viewers' own are checked when they are saved."
            )
        try:
            is_good = asyncio.run(_check(settings, settings.mail_from, to, tuple(dkim_selector or ()), wait))
        except NoDnsServer as problem:
            end(str(problem))
    raise typer.Exit(0 if is_good else 1)


async def _check(settings: Settings, address: str, to: str | None, selectors: tuple[str, ...], wait: float) -> bool:
    console, is_good = findings_console(), True
    async with _way_out(settings) as transport:
        async for finding in check_mail(_plan(settings, address, transport, to, selectors, wait)):
            is_good &= finding.outcome is not Outcome.WRONG
            show(console, finding)
    return is_good


@asynccontextmanager
async def _way_out(settings: Settings) -> AsyncIterator[MailTransport | None]:
    """Which way mails go out, by a plugin too; None where there is none."""
    plugins = load_plugins(settings)
    routes = routes_of(settings, plugins)
    asks_plugins = plugins.hooks.listens("invito_mail_transport")
    try:
        if asks_plugins:
            await plugins.start()
        has_way_out = asks_plugins or settings.smtp_url is not None or settings.mail_folder is not None
        yield await routes.transport_for(None) if has_way_out else None
    except TemporaryFailure as failure:
        end(f"There is no way out for mail: {failure.words}.")
    finally:
        await routes.close()
        if asks_plugins:
            await plugins.stop()
        plugins.close()


def _plan(
    settings: Settings,
    address: str,
    transport: MailTransport | None,
    to: str | None,
    selectors: tuple[str, ...],
    wait: float,
) -> MailCheck:
    intakes = intake_plan_of(settings)
    folders = tuple(filter(None, (intakes.folder, intakes.move_to)))
    plugin = transport.plugin if isinstance(transport, PluginMailTransport) else None
    smtp = settings.smtp_url if plugin is None else None
    return MailCheck(
        address=address,
        transport=transport,
        smtp=None if smtp is None else read_server(smtp.get_secret_value()),
        folder=settings.mail_folder,
        plugin=plugin,
        mailbox=None if intakes.imap is None else WatchedMailbox(intakes.imap, folders),
        has_other_way_in=intakes.listen is not None or settings.inbound_secret is not None,
        dns=_dns(settings, address),
        to=to,
        selectors=selectors,
        trusted_servers=rules_of(settings).mail.trusted_servers,
        wait_seconds=wait,
    )


def _dns(settings: Settings, address: str) -> DnsReader | None:
    """Who answers for the domain; None for one that is never there, unless an operator's own servers may know it."""
    if not settings.dns_servers and address.lower().rpartition(".")[2] in _NEVER_IN_DNS:
        return None
    return DnsResolver([read_address(one, _DNS_PORT) for one in settings.dns_servers])
