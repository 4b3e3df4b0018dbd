"""Who a use case works for, and who sources are asked for."""

from dataclasses import dataclass

from invito.plugins.contract import Entry, Language, ViewerIdentity


@dataclass(frozen=True, slots=True)
class Asker:
    """On whose behalf sources are asked."""

    viewer: ViewerIdentity | None
    language: Language
    time_zone: str


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
