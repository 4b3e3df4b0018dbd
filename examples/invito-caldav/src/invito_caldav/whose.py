"""Whose calendar is where: by reference, by e-mail address, or by a template for everybody's."""

import tomllib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from invito.plugins import Entry

# Typed addresses are references of their own.
_TYPED = "email:"

Resolve = Callable[[Sequence[str]], Awaitable[Sequence[Entry | None]]]


def read_calendars(path: Path) -> dict[str, str]:
    """The calendars of a TOML file, by reference or by address in lower case.

    :raises ValueError: it is no such file.
    """
    calendars = {}
    for whose, where in tomllib.loads(path.read_text(encoding="utf-8")).items():
        if not isinstance(where, str):
            raise ValueError(f'{path}: a line should be "reference or address" = "/where/it/is/"')
        calendars[whose.lower() if "@" in whose else whose] = where
    return calendars


@dataclass(frozen=True, slots=True)
class OwnCalendar:
    """Where a calendar is, and the address (lower case) of whoever is asked about by it, if it is known."""

    at: str
    address: str | None = None


@dataclass(frozen=True, slots=True)
class CalendarMap:
    """`resolve` is of Invito's own directory, which knows the addresses of its references and of no others."""

    calendars: Mapping[str, str]
    template: str
    resolve: Resolve

    async def of(self, references: Sequence[str]) -> dict[str, OwnCalendar]:
        """The calendars of those references that have one."""
        addresses = {one: one.removeprefix(_TYPED).lower() for one in references if one.startswith(_TYPED)}
        others = [one for one in references if one not in addresses]
        for reference, entry in zip(others, await self.resolve(others) if others else (), strict=True):
            if entry is not None and entry.email:
                addresses[reference] = entry.email.lower()
        found = ((one, self._at(one, addresses.get(one)), addresses.get(one)) for one in references)
        return {reference: OwnCalendar(at, address) for reference, at, address in found if at is not None}

    def _at(self, reference: str, address: str | None) -> str | None:
        if reference in self.calendars:
            return self.calendars[reference]
        if address is None:
            return None
        if address in self.calendars:
            return self.calendars[address]
        # As one step of a path, whatever the address is.
        return self.template.replace("{address}", quote(address, safe="@")) if self.template else None
