"""What is known here of the follow-up that a mail answers, and of the mail's way here: what the rules decide on."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Protocol
from zoneinfo import ZoneInfo

from invito.services.addresses import address_key
from invito.services.follow_ups.values import ParticipantRole
from invito.services.ids import ParticipantId
from invito.services.itip.understood import Instant, Moment


class Series(Protocol):
    """The occurrences of a follow-up that repeats."""

    def occurrence(self, named: Moment) -> datetime | None:
        """The start, in UTC, of the occurrence that a RECURRENCE-ID names; None where there is none."""


@dataclass(frozen=True, slots=True)
class KnownParticipant:
    """`addresses` are its own first, then others of the same person. It takes part until it is removed."""

    id: ParticipantId
    addresses: tuple[str, ...]
    role: ParticipantRole = ParticipantRole.REQUIRED
    takes_part: bool = True

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(map(address_key, self.addresses))

    @property
    def domains(self) -> frozenset[str]:
        return frozenset(domain_of(address) for address in self.addresses)


@dataclass(frozen=True)
class KnownFollowUp:
    """A follow-up with all who take part or once did. `start` in UTC; all day is midnight in `time_zone`.

    `moved_sequence` is the SEQUENCE with which the time last changed: lower ones answer another time. `series` is None
    for one that does not repeat.
    """

    uid: str
    sequence: int
    moved_sequence: int
    start: datetime
    is_all_day: bool
    time_zone: str
    description: str | None
    participants: tuple[KnownParticipant, ...]
    series: Series | None = None
    is_cancelled: bool = False

    @cached_property
    def participant_by_key(self) -> dict[str, KnownParticipant]:
        """Who has an address: who takes part before who was removed, by whose own it is before by whose other it is."""
        in_order = sorted(self.participants, key=lambda one: not one.takes_part)
        found = {address_key(one.addresses[0]): one for one in reversed(in_order) if one.addresses}
        for one in in_order:
            for key in one.keys:
                found.setdefault(key, one)
        return found

    def participant_of(self, address: str | None) -> KnownParticipant | None:
        return None if address is None else self.participant_by_key.get(address_key(address))

    def instant(self, moment: Moment) -> datetime:
        """A moment in UTC, a day as its midnight in the follow-up's zone.

        :raises OverflowError: the day is earlier or later than any time there is.
        """
        if isinstance(moment, Instant):
            return moment.at
        midnight = datetime(moment.day.year, moment.day.month, moment.day.day, tzinfo=ZoneInfo(self.time_zone))
        return midnight.astimezone(UTC)

    def answers_it(self, recurrence_id: Moment) -> bool:
        """Whether this names the only occurrence of a follow-up that does not repeat."""
        if isinstance(recurrence_id, Instant):
            return recurrence_id.at == self.start
        return recurrence_id.day == self.start.astimezone(ZoneInfo(self.time_zone)).date()


@dataclass(frozen=True, slots=True)
class Arrival:
    """How a mail came here, as far as the mail itself does not say.

    `has_tag`: the follow-up's own signed tag was in a recipient or in the object's ORGANIZER. `bounced` is whom the tag
    of the envelope's recipient says that a returned mail was about, and `bounced_address` theirs.
    `addresses_known_here` are those of all whom the directories know, or at least From's where it is among them.
    """

    has_tag: bool = False
    has_null_sender: bool = False
    bounced: ParticipantId | None = None
    bounced_address: str | None = None
    addresses_known_here: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Trust:
    """Servers by their name in Authentication-Results, and domains where anyone has an address, in small letters."""

    authentication_servers: frozenset[str] = frozenset()
    public_providers: frozenset[str] = frozenset()


def domain_of(address: str) -> str:
    return address_key(address).rpartition("@")[2]
