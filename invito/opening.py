"""Opening and closing the house: database, plugins, sources, the bus."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import structlog

from invito.plugin_places import places_of
from invito.plugins.discovery import blocked_in_vain, find_plugins
from invito.plugins.limits import PluginLimits
from invito.plugins.plugin_manager import PluginManager
from invito.secret_keys import keys_of
from invito.services.budget import Budget
from invito.services.changes import ChangeBus
from invito.services.changes.postgres_relay import PostgresRelay
from invito.services.changes.relay import Relay
from invito.services.directory import Directory
from invito.services.events.dispatching import EventDispatcher
from invito.services.house import House
from invito.services.inbox.intakes import IntakePlan, MailIntakes
from invito.services.inbox.processor import InboxProcessor
from invito.services.mail.folder_transport import FolderTransport
from invito.services.mail.routes import MailRoutes
from invito.services.mail.smtp_transport import SmtpTransport
from invito.services.mail.worker import MailWorker
from invito.services.mail_rules import PUBLIC_PROVIDERS, MailRules
from invito.services.mailboxes.reachable_hosts import reaching
from invito.services.mailboxes.servers import read_server
from invito.services.recent_containers import RecentContainers
from invito.services.rules import Rules
from invito.services.source_desk import SourceDesk
from invito.services.storage.database import Database
from invito.services.watch_limit import WatchLimit
from invito.settings import Settings
from invito.sources import BUILT_IN

log = structlog.get_logger(__name__)

_CONNECTING_SECONDS = 20.0


@asynccontextmanager
async def open_house(settings: Settings, patience_seconds: float | None = None) -> AsyncIterator[House]:
    """The house as the settings want it, closed at the end.

    Whoever asks but once waits until plugins have started or cannot; whoever stays open, no longer than
    `patience_seconds`.

    :raises PluginError: a plugin cannot be loaded.
    """
    database = Database(settings.database_url)
    plugins = load_plugins(settings, database)
    changes = ChangeBus(relay_of(settings, database))
    events = EventDispatcher(database, plugins)
    try:
        await changes.start()
        await plugins.start(patience_seconds)
        recent = RecentContainers(timedelta(seconds=settings.plugin_stale_seconds))
        desk = SourceDesk(plugins, Directory(database), recent)
        yield House(
            database,
            plugins,
            desk,
            changes,
            events,
            rules_of(settings),
            keys_of(settings),
            WatchLimit(settings.max_subscriptions),
            Budget(settings.budget_cost, timedelta(seconds=settings.budget_seconds)),
        )
    finally:
        await plugins.stop()
        await changes.stop()
        await database.close()
        plugins.close()


@asynccontextmanager
async def telling_plugins(house: House) -> AsyncIterator[None]:
    """While it lasts, plugins are told of what happened. A command that acts but once leaves that to others."""
    house.events.start()
    try:
        yield
    finally:
        await house.events.stop()


@asynccontextmanager
async def handling_mail(settings: Settings, house: House) -> AsyncIterator[None]:
    """While it lasts, what waits in the outbox is sent, mailboxes are watched, and what came in is understood.

    :raises CannotListen: another listens at the address to take mail at, or it is none of this machine's.
    """
    worker, processor = MailWorker(house, routes_of(settings, house.plugins)), InboxProcessor(house)
    intakes = MailIntakes(house, intake_plan_of(settings))
    await intakes.start()
    worker.start()
    processor.start(expects_mail=_has_a_way_in(settings))
    try:
        yield
    finally:
        await intakes.stop()
        await processor.stop()
        await worker.stop()


def relay_of(settings: Settings, database: Database) -> Relay | None:
    """How this replica and others poke each other; None on SQLite alone, which one process has to itself."""
    if settings.redis_url is not None:
        # Only whoever has installed it needs it.
        from invito.services.changes.redis_relay import RedisRelay  # noqa: PLC0415

        return RedisRelay(settings.redis_url.get_secret_value())
    return None if database.is_sqlite else PostgresRelay(database)


def load_plugins(settings: Settings, database: Database | None = None) -> PluginManager:
    """The built-in sources, and those that are found where the settings say; without a database, to look at alone.

    :raises PluginError: one that was named cannot be loaded, or two claim the same.
    """
    manager = load_built_in(settings, database)
    manager.load_found(find_plugins(places_of(settings)))
    return manager


def load_built_in(settings: Settings, database: Database | None = None) -> PluginManager:
    """The built-in sources alone, without those that are blocked."""
    manager = PluginManager(limits_of(settings), None if database is None else Directory(database))
    blocked = {name.lower().replace("-", "_") for name in settings.plugins_blocked}
    wanted = (place for place in BUILT_IN if _name_of(place) not in blocked)
    manager.load(map(import_module, wanted), built_in=True)
    return manager


def blocked_names_of_none(settings: Settings) -> list[str]:
    """A sentence for each blocked name that no plugin has, a built-in one neither.

    :raises PluginError: there is no folder where one is named.
    """
    return blocked_in_vain(places_of(settings), map(_name_of, BUILT_IN))


def warn_of_blocked_names(settings: Settings) -> None:
    """Log those sentences.

    :raises PluginError: likewise.
    """
    for sentence in blocked_names_of_none(settings):
        log.warning("no plugin to block", problem=sentence)


def _name_of(place: str) -> str:
    return place.rpartition(".")[2]


def limits_of(settings: Settings) -> PluginLimits:
    """How much time and room each plugin has."""
    return PluginLimits(
        settings.plugin_call_seconds,
        settings.plugin_start_seconds,
        settings.plugin_calls_at_once,
        settings.plugin_failures_in_a_row,
        settings.plugin_rest_seconds,
        settings.plugin_stall_milliseconds / 1_000,
    )


def rules_of(settings: Settings) -> Rules:
    """What use cases know of the settings."""
    return Rules(
        mail_from=settings.mail_from or None,
        mail=MailRules(
            timedelta(seconds=settings.mail_delay_seconds),
            timedelta(hours=settings.mail_greatest_age_hours),
            settings.public_url,
            frozenset(map(str.lower, settings.trusted_mail_servers)),
            PUBLIC_PROVIDERS.union(map(str.lower, settings.public_mail_providers)),
            frozenset(map(str.lower, settings.mailbox_hosts)),
            settings.most_invitations_an_hour,
            settings.most_mails_to_address_an_hour,
        ),
        follow_up_url=settings.follow_up_url,
        time_zone=settings.time_zone,
        language=settings.language,
        most_invitees_a_call=settings.max_invitees,
        most_participants=settings.max_participants,
        most_on_a_page=settings.max_page_size,
    )


def routes_of(settings: Settings, plugins: PluginManager) -> MailRoutes:
    """Which way mails go out; a plugin comes before a server, and that before a folder.

    Viewers' own servers are judged before they are asked.
    """
    own = reaching(rules_of(settings).mail.mailbox_hosts, _CONNECTING_SECONDS)
    if settings.smtp_url is not None:
        return MailRoutes(SmtpTransport(read_server(settings.smtp_url.get_secret_value())), own, plugins.hooks)
    return MailRoutes(FolderTransport(Path(settings.mail_folder)) if settings.mail_folder else None, own, plugins.hooks)


def intake_plan_of(settings: Settings) -> IntakePlan:
    """Which ways mail comes in."""
    host, _, port = (settings.lmtp_listen or "").rpartition(":")
    return IntakePlan(
        None if settings.imap_url is None else read_server(settings.imap_url.get_secret_value()),
        settings.imap_folder,
        settings.imap_move_to,
        (host.strip("[]"), int(port)) if port else None,
    )


def _has_a_way_in(settings: Settings) -> bool:
    return any((settings.imap_url, settings.lmtp_listen, settings.inbound_secret))
