"""The house that every use case works in: the parts that it stands on."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from invito.plugins.plugin_manager import PluginManager
from invito.services.budget import Budget
from invito.services.changes import ChangeBus
from invito.services.events.dispatching import EventDispatcher
from invito.services.rules import Rules
from invito.services.signing import Keyring
from invito.services.source_desk import SourceDesk
from invito.services.storage.database import Database
from invito.services.watch_limit import WatchLimit


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class House:
    """The parts that use cases stand on. `now` gives the present as a UTC instant.

    `outbox_poked`, `inbox_poked` and `mailboxes_poked` wake this process's workers; what waits is found without them
    too, a little later.
    """

    database: Database
    plugins: PluginManager
    desk: SourceDesk
    changes: ChangeBus
    events: EventDispatcher
    rules: Rules = field(default_factory=Rules)
    keys: Keyring = field(default_factory=Keyring.fresh)
    watches: WatchLimit = field(default_factory=WatchLimit)
    budget: Budget = field(default_factory=Budget)
    now: Callable[[], datetime] = _now
    outbox_poked: asyncio.Event = field(default_factory=asyncio.Event)
    inbox_poked: asyncio.Event = field(default_factory=asyncio.Event)
    mailboxes_poked: asyncio.Event = field(default_factory=asyncio.Event)
