"""Whose an e-mail address is, as those sources know it that are asked (F7, F11)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from invito.plugins.contract import Entry
from invito.services.caller import Asker
from invito.services.house import House
from invito.services.participants.sources import enabled_keys
from invito.services.source_warnings import SourceWarning


@dataclass(frozen=True, slots=True)
class AddressOwners:
    """For each address, in lower case, the known entries that have it, and the sources that could not say.

    `unknown_employees` are those of the warnings in whose light nobody can be taken for a stranger.
    """

    entries: Mapping[str, Sequence[Entry]]
    warnings: Sequence[SourceWarning] = ()
    unknown_employees: Sequence[SourceWarning] = ()


async def owners_of_addresses(house: House, asker: Asker, addresses: Sequence[str]) -> AddressOwners:
    """A source that is switched off is asked only for employees, who are known whatever is offered; it may fail."""
    if not addresses:
        return AddressOwners({})
    sources = house.plugins.sources
    enabled = set(await enabled_keys(house))
    asked = [loaded for key, loaded in sources.items() if key in enabled or loaded.lists_employees]
    found, failed = await house.desk.find(asker, addresses, asked)
    warnings = [warning for warning in failed if warning.source in enabled]
    return AddressOwners(found, warnings, [one for one in warnings if sources[one.source].lists_employees])
