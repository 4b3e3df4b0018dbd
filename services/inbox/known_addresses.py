"""Who has the addresses that a mail names: all that a source knows of a person count (ITIP.md, In, rule 4).

A person is known by their identity, which all references of theirs share: whoever was invited out of one source is the
same when another takes its place.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from invito.services.addresses import address_key
from invito.services.busy.references import identities_of
from invito.services.caller import Asker
from invito.services.follow_ups.values import Participant
from invito.services.house import House
from invito.services.ids import ReferenceId
from invito.services.itip.understood import UnderstoodMail
from invito.services.participants.finding import owners_of_addresses
from invito.services.storage.follow_up_tables import FollowUpRow, ParticipantRow

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


@dataclass(frozen=True, slots=True)
class KnownPeople:
    """Whose the addresses of a mail are, by the address's key."""

    identities: Mapping[str, frozenset[ReferenceId]]

    def addresses_of(self, participant: Participant) -> tuple[str, ...]:
        """A participant's own, and those of the mail's under which a source knows them too."""
        own = () if participant.email is None else (participant.email,)
        others = (address for address, whose in self.identities.items() if participant.identity in whose)
        return (*own, *(one for one in others if not own or address_key(own[0]) != one))


async def people_of(connection: AsyncConnection, known: KnownAddresses) -> KnownPeople:
    """As the references are united at the time of the transaction."""
    named = sorted({reference for references in known.references.values() for reference in references})
    identities = await identities_of(connection, named) if named else {}
    return KnownPeople(
        {
            address: frozenset(identities[one] for one in references if one in identities)
            for address, references in known.references.items()
        }
    )


async def known_addresses(house: House, mail: UnderstoodMail) -> KnownAddresses:
    """Asked before the writing transaction begins, since a source may take its time.

    Nobody is asked about the addresses that invitees have here: whose those are is known.
    """
    addresses = list(dict.fromkeys(map(address_key, _named(mail))))
    if not addresses or len(addresses) > _MOST:
        return KnownAddresses({}, is_complete=not addresses)
    if await _are_all_invitees(house, mail.uids, addresses):
        return KnownAddresses({})
    asker = Asker(None, house.rules.language, house.rules.time_zone)
    owners = await owners_of_addresses(house, asker, addresses)
    references = {
        address: frozenset(reference for entry in owners.entries.get(address, ()) for reference in entry.references)
        for address in addresses
    }
    return KnownAddresses(references, is_complete=not owners.warnings)


async def _are_all_invitees(house: House, uids: Sequence[str], addresses: Sequence[str]) -> bool:
    """Whether the follow-up of the UID has an invitee with each of these.

    Where SQLite's lower() misses a letter, sources are asked, which does no harm.
    """
    if len(uids) != 1:
        return False
    query = (
        select(func.lower(ParticipantRow.email))
        .join(FollowUpRow, FollowUpRow.id == ParticipantRow.follow_up_id)
        .where(FollowUpRow.uid == uids[0], func.lower(ParticipantRow.email).in_(addresses))
    )
    async with house.database.read() as connection:
        return set(addresses) <= set((await connection.execute(query)).scalars())


def _named(mail: UnderstoodMail) -> Iterable[str]:
    yield from mail.from_addresses
    for component in mail.components:
        for attendee in component.attendees:
            yield from filter(None, (attendee.address, attendee.email, attendee.sent_by))
