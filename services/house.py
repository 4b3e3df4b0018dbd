"""What every use case needs: the house it works in, and the caller it works for."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from invito.plugins.contract import Entry, Language, ViewerIdentity
from invito.plugins.plugin_manager import PluginManager
from invito.services.changes import ChangeBus
from invito.services.events.dispatching import EventDispatcher
from invito.services.mail.rules import MailRules
from invito.services.participants.desk import Asker, SourceDesk
from invito.services.signing import Keyring
from invito.services.storage.database import Database


@dataclass(frozen=True, slots=True)
class Rules:
    """What an operator sets. `mail_from` is the service's address, None where it has none (F16).

    `follow_up_url` is a template with {id}, the follow-up's page in the application.
    """

    mail_from: str | None = None
    mail: MailRules = field(default_factory=MailRules)
    follow_up_url: str | None = None
    time_zone: str = "Europe/Oslo"
    language: Language = Language.EN
    most_invitees_a_call: int = 1_000
    most_participants: int = 10_000


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
    now: Callable[[], datetime] = _now
    outbox_poked: asyncio.Event = field(default_factory=asyncio.Event)
    inbox_poked: asyncio.Event = field(default_factory=asyncio.Event)
    mailboxes_poked: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. `employee` is None for an address that no employee has: such a caller sees and changes nothing.

    `can_send` tells whether there is a mailbox for what the caller owns: their own, or the service's (F16).
    """

    identity: ViewerIdentity
    employee: Entry | None
    language: Language
    time_zone: str
    can_send: bool = False

    @property
    def references(self) -> tuple[str, ...]:
        """All that the caller is known by, the employee's own reference first."""
        return self.identity.references

    @property
    def is_administrator(self) -> bool:
        return self.identity.is_administrator

    @property
    def asker(self) -> Asker:
        return Asker(self.identity, self.language, self.time_zone)
