"""From what was typed to who is meant: references, and e-mail addresses as typed (F11)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from invito.plugins.contract import Entry, ParticipantKind
from invito.services.addresses import address_key, normalised_address
from invito.services.caller import Caller
from invito.services.errors import Path, Refusal, UserError, UserErrorCode, user_error
from invito.services.follow_ups.commands import TypedEmail
from invito.services.follow_ups.texts import MOST_IN_NAME, read_optional_text
from invito.services.house import House
from invito.services.participants.finding import AddressOwners, owners_of_addresses
from invito.services.participants.unavailable import unavailable_among
from invito.services.source_warnings import SourceWarning

_MOST_IN_REFERENCE = 500
_TYPED_DIRECTORY = "email:"


@dataclass(frozen=True, slots=True)
class Known:
    """An entry and the key of the source that it comes from (none for a typed address)."""

    entry: Entry
    source: str | None


async def resolve_people(
    house: House, caller: Caller, wishes: Sequence[tuple[str | TypedEmail, Path]], *, even_unavailable: bool = False
) -> tuple[list[Known | None], list[UserError]]:
    """Who is meant by each of these, None where that is not to be known, and why not."""
    references = [who for who, _ in wishes if isinstance(who, str) and is_readable(who)]
    addresses = [_address_of(who) for who, _ in wishes if isinstance(who, TypedEmail)]
    direct = [one for one in references if not one.startswith(_TYPED_DIRECTORY)]
    typed = [
        normalised_address(one.removeprefix(_TYPED_DIRECTORY)) for one in references if one.startswith(_TYPED_DIRECTORY)
    ]
    found, warnings = await house.desk.resolve(caller.asker, direct)
    owners = await owners_of_addresses(house, caller.asker, [*filter(None, addresses), *filter(None, typed)])
    unavailable = set() if even_unavailable else await unavailable_among(house, _entries(found.values(), owners))
    people = _People(house, found, owners, unavailable, warnings)
    known = [people.who(who, path) for who, path in wishes]
    return known, people.errors


def typed_reference(address: str) -> str:
    """The reference of an address that no known entry has."""
    return _TYPED_DIRECTORY + address_key(address)


def typed_entry(address: str, name: str) -> Entry:
    """Somebody whom no source knows, by their address."""
    return Entry(typed_reference(address), ParticipantKind.EMAIL, name, address)


def is_readable(reference: str) -> bool:
    """Whether it could be anybody's reference: no database is asked for others."""
    return len(reference) <= _MOST_IN_REFERENCE and reference.isprintable()


def _entries(found: Iterable[Entry], owners: AddressOwners) -> Iterable[Entry]:
    yield from found
    for entries in owners.entries.values():
        yield from entries


class _People:
    """What the sources answered, and who is meant by each wish in the light of it."""

    def __init__(
        self,
        house: House,
        found: dict[str, Entry],
        owners: AddressOwners,
        unavailable: set[str],
        failed_to_resolve: list[SourceWarning],
    ) -> None:
        self._house, self._found, self._owners, self._unavailable = house, found, owners, unavailable
        self._failed = {warning.source: warning for warning in failed_to_resolve}
        self.errors: list[UserError] = []

    def who(self, who: str | TypedEmail, path: Path) -> Known | None:
        try:
            return self._meant(who, path)
        except Refusal as refusal:
            self.errors.extend(refusal.errors)
            return None

    def _meant(self, who: str | TypedEmail, path: Path) -> Known:
        if isinstance(who, TypedEmail):
            return self._by_address(who, (*path, "email"))
        if who.startswith(_TYPED_DIRECTORY):
            return self._by_address(TypedEmail(who.removeprefix(_TYPED_DIRECTORY)), (*path, "reference"))
        return self._by_reference(who, (*path, "reference"))

    def _by_reference(self, reference: str, path: Path) -> Known:
        entry = self._found.get(reference)
        if entry is not None:
            return self._if_available(entry, path)
        failed = self._failed.get(self._house.plugins.source_key_of(reference) or "")
        if failed is not None:
            raise _unavailable([failed], path)
        raise Refusal(user_error(UserErrorCode.NOT_FOUND, path, "There is nobody of this reference."))

    def _by_address(self, typed: TypedEmail, path: Path) -> Known:
        address = _address_of(typed)
        if address is None:
            message = "{address} is no e-mail address: write somebody@example.com."
            at = (*path, "address") if path[-1] == "email" else path
            raise Refusal(user_error(UserErrorCode.INVALID_EMAIL, at, message, address=repr(typed.address[:100])))
        owners = self._owners.entries.get(address_key(address), [])
        if len(owners) == 1:
            return self._if_available(owners[0], path)
        if not owners and self._owners.unknown_employees:
            # An employee would be invited as a stranger for ever, and find nothing in their diary.
            raise _unavailable(self._owners.unknown_employees, path)
        name = read_optional_text(typed.name, MOST_IN_NAME, (*path, "name")) or address
        return Known(typed_entry(address, name), None)

    def _if_available(self, entry: Entry, path: Path) -> Known:
        if entry.reference in self._unavailable:
            # Who it is is told to nobody: the entry never shows (F7).
            message = "This one is not available as a participant."
            raise Refusal(user_error(UserErrorCode.NOT_AVAILABLE, path, message))
        return Known(entry, self._house.plugins.source_key_of(entry.reference))


def _address_of(typed: TypedEmail) -> str | None:
    """The address, blanks around it left out: it may be pasted from anywhere."""
    return normalised_address(typed.address.strip())


def _unavailable(failed: Sequence[SourceWarning], path: Path) -> Refusal:
    problem = "; ".join(warning.message for warning in failed)
    return Refusal(user_error(UserErrorCode.SOURCE_UNAVAILABLE, path, "{problem}", problem=problem))
