"""Who has the addresses that a mail names: all that a source knows of a person count (ITIP.md, In, rule 4)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from invito.services.addresses import address_key
from invito.services.caller import Asker
from invito.services.house import House
from invito.services.itip.understood import UnderstoodMail

# A REPLY names one attendee; what names a hundred gets none of them looked up.
_MOST = 50


@dataclass(frozen=True, slots=True)
class KnownAddresses:
    """The references of those whom sources know by an address of the mail's, by the address's key.

    `is_complete` tells whether all sources answered.
    """

    references: Mapping[str, frozenset[str]]
    is_complete: bool = True

    def of_others(self, mail: UnderstoodMail) -> frozenset[str]:
        """The addresses that are somebody's here. While a source cannot be asked, the sender may be anybody's: what it
        would have settled stays unverified, and can be tried again.
        """
        known = {address for address, references in self.references.items() if references}
        return frozenset(known if self.is_complete else known.union(map(address_key, mail.from_addresses)))


async def known_addresses(house: House, mail: UnderstoodMail) -> KnownAddresses:
    """Asked before the writing transaction begins, since a source may take its time."""
    addresses = list(dict.fromkeys(map(address_key, _named(mail))))
    if not addresses or len(addresses) > _MOST:
        return KnownAddresses({}, is_complete=not addresses)
    asker = Asker(None, house.rules.language, house.rules.time_zone)
    found, warnings = await house.desk.find(asker, addresses)
    references = {
        address: frozenset(reference for entry in found.get(address, ()) for reference in entry.references)
        for address in addresses
    }
    return KnownAddresses(references, is_complete=not warnings)


def _named(mail: UnderstoodMail) -> Iterable[str]:
    yield from mail.from_addresses
    for component in mail.components:
        for attendee in component.attendees:
            yield from filter(None, (attendee.address, attendee.email, attendee.sent_by))
