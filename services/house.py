"""What every use case needs: the house it works in, and the caller it works for."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from invito.plugins.contract import Entry, Language, ViewerIdentity
from invito.plugins.plugin_manager import PluginManager
from invito.services.changes import ChangeBus
from invito.services.events.dispatching import EventDispatcher
from invito.services.participants.desk import Asker, SourceDesk
from invito.services.storage.database import Database


@dataclass(frozen=True, slots=True)
class Rules:
    """What an operator sets. `mail_from` is the service's address, None where nobody can send (F16).

    `follow_up_url` is a template with {id}, the follow-up's page in the application.
    """

    mail_from: str | None = None
    follow_up_url: str | None = None
    time_zone: str = "Europe/Oslo"
    language: Language = Language.EN
    most_invitees_a_call: int = 1_000
    most_participants: int = 10_000


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class House:
    """The parts that use cases stand on. `now` gives the present as a UTC instant."""

    database: Database
    plugins: PluginManager
    desk: SourceDesk
    changes: ChangeBus
    events: EventDispatcher
    rules: Rules = field(default_factory=Rules)
    now: Callable[[], datetime] = _now


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. `employee` is None for an address that no employee has: such a caller sees and changes nothing."""

    identity: ViewerIdentity
    employee: Entry | None
    language: Language
    time_zone: str

    @property
    def references(self) -> tuple[str, ...]:
        return self.identity.references

    @property
    def is_administrator(self) -> bool:
        return self.identity.is_administrator

    @property
    def asker(self) -> Asker:
        return Asker(self.identity, self.language, self.time_zone)
