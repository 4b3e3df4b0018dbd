"""DataLoaders: what a page asks for item by item is answered in one statement, and once."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from strawberry.dataloader import DataLoader

from invito.services.busy.availability import Availability
from invito.services.caller import Caller
from invito.services.employees import Employee, visible_employees
from invito.services.errors import Unanswerable, UserErrorCode
from invito.services.follow_ups.values import FollowUp, Participant, ParticipantStatus
from invito.services.house import House
from invito.services.ids import FollowUpId, InboxId, ParticipantId
from invito.services.inbox.reading import inbound_messages
from invito.services.inbox.repository import InboundMessage
from invito.services.invitations import follow_up_pages, participant_pages
from invito.services.invitations.conflicts import availability_of_participants, conflicting_participants
from invito.services.invitations.participant_pages import StatusCounts
from invito.services.invitations.received import invitations
from invito.services.language import translate
from invito.services.notifications.reading import notifications
from invito.services.notifications.values import Notification, NotificationId
from invito.services.paging import Page, PageAsk
from invito.services.participants.sources import OfferedSource, offered_sources
from invito.services.proposals.reading import proposals
from invito.services.proposals.values import Proposal

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class RosterAsk:
    """Which participants of which follow-up."""

    follow_up: FollowUpId
    status: ParticipantStatus | None
    page: PageAsk


class Loaders:
    """What was loaded in one operation, or for one event of a subscription; everything as the caller may see it."""

    def __init__(self, house: House, caller: Caller) -> None:
        self._house = house
        self._caller = caller

    def know(self, follow_ups: Iterable[FollowUp]) -> None:
        """These were just read as the caller may see them: they need not be read again."""
        self._follow_ups.prime_many({one.id: one for one in follow_ups})

    async def follow_up(self, id_: FollowUpId | None) -> FollowUp | None:
        return None if id_ is None else await self._follow_ups.load(id_)

    async def follow_up_of(self, participant: Participant) -> FollowUp:
        """The follow-up of a participant, which is seen by whoever sees the participant.

        :raises Unanswerable: NOT_FOUND, where that ended between two reads.
        """
        found = await self._follow_ups.load(participant.follow_up_id)
        if found is None:
            raise Unanswerable(UserErrorCode.NOT_FOUND, translate("There is no such follow-up any longer."))
        return found

    async def participant(self, id_: ParticipantId | None) -> Participant | None:
        return None if id_ is None else await self._participants.load(id_)

    async def many_participants(self, ids: Sequence[ParticipantId]) -> list[Participant | None]:
        """Participants in this order, all at once."""
        return await self._participants.load_many(ids)

    async def source(self, key: str | None) -> OfferedSource | None:
        """A source by its key, or the one that stands in for it now, whether it is switched on or not."""
        return None if key is None else (await self.sources.load(True)).get(self._house.plugins.present_key(key))

    @cached_property
    def _follow_ups(self) -> DataLoader[FollowUpId, FollowUp | None]:
        return _by_key(lambda ids: follow_up_pages.visible_follow_ups(self._house, self._caller, ids))

    @cached_property
    def _participants(self) -> DataLoader[ParticipantId, Participant | None]:
        return _by_key(lambda ids: participant_pages.visible_participants(self._house, self._caller, ids))

    @cached_property
    def invitations(self) -> DataLoader[ParticipantId, Participant | None]:
        """Participants who are the caller, by the number that their invitation shares with them."""
        return _by_key(lambda ids: invitations(self._house, self._caller, ids))

    @cached_property
    def proposals(self) -> DataLoader[ParticipantId, list[Proposal]]:
        """A participant's counter-proposals; the caller is known to be the owner or the participant."""
        return DataLoader(self._load_proposals)

    @cached_property
    def notifications(self) -> DataLoader[NotificationId, Notification | None]:
        return _by_key(lambda ids: notifications(self._house, self._caller, ids))

    @cached_property
    def inbound_messages(self) -> DataLoader[InboxId, InboundMessage | None]:
        return _by_key(lambda ids: inbound_messages(self._house, self._caller, ids))

    @cached_property
    def employees(self) -> DataLoader[str, Employee | None]:
        return _by_key(lambda references: visible_employees(self._house, self._caller, references))

    @cached_property
    def status_counts(self) -> DataLoader[FollowUpId, StatusCounts]:
        return DataLoader(self._load_status_counts)

    @cached_property
    def conflicting(self) -> DataLoader[FollowUpId, set[ParticipantId]]:
        """Those of a follow-up who stand with CONFLICT, the owner too."""
        return DataLoader(self._load_conflicting)

    @cached_property
    def rosters(self) -> DataLoader[RosterAsk, Page[Participant]]:
        return DataLoader(self._load_rosters)

    @cached_property
    def roster_counts(self) -> DataLoader[tuple[FollowUpId, ParticipantStatus | None], int]:
        return DataLoader(self._load_roster_counts)

    @cached_property
    def availabilities(self) -> DataLoader[Participant, Availability]:
        return DataLoader(self._load_availabilities, cache_key_fn=lambda participant: participant.id)

    @cached_property
    def sources(self) -> DataLoader[bool, dict[str, OfferedSource]]:
        """All sources by key in their order; `True` takes in those that are switched off."""
        return DataLoader(self._load_sources)

    async def _load_rosters(self, asks: list[RosterAsk]) -> list[Page[Participant]]:
        alike: dict[tuple[ParticipantStatus | None, PageAsk], list[FollowUpId]] = defaultdict(list)
        for ask in asks:
            alike[ask.status, ask.page].append(ask.follow_up)
        found = {
            (status, page): await participant_pages.participant_pages(self._house, ids, status, page)
            for (status, page), ids in alike.items()
        }
        return [found[ask.status, ask.page][ask.follow_up] for ask in asks]

    async def _load_roster_counts(self, asks: list[tuple[FollowUpId, ParticipantStatus | None]]) -> list[int]:
        counts = {
            status: await participant_pages.participant_counts(
                self._house, [follow_up for follow_up, asked in asks if asked is status], status
            )
            for status in {status for _, status in asks}
        }
        return [counts[status].get(follow_up, 0) for follow_up, status in asks]

    async def _load_status_counts(self, ids: list[FollowUpId]) -> list[StatusCounts]:
        found = await participant_pages.status_counts(self._house, self._caller, ids)
        return [found[id_] for id_ in ids]

    async def _load_conflicting(self, ids: list[FollowUpId]) -> list[set[ParticipantId]]:
        found = await conflicting_participants(self._house, self._caller, ids)
        return [found[id_] for id_ in ids]

    async def _load_availabilities(self, participants: list[Participant]) -> list[Availability]:
        found = await availability_of_participants(self._house, self._caller, participants)
        return [found[one.id] for one in participants]

    async def _load_proposals(self, ids: list[ParticipantId]) -> list[list[Proposal]]:
        found = await proposals(self._house, ids)
        return [list(found.get(id_, ())) for id_ in ids]

    async def _load_sources(self, include_disabled: list[bool]) -> list[dict[str, OfferedSource]]:
        offered = await offered_sources(self._house, include_disabled=any(include_disabled))
        return [
            {source.key: source for source in offered if disabled_too or source.is_enabled}
            for disabled_too in include_disabled
        ]


def _by_key(load: Callable[[list[K]], Awaitable[Mapping[K, V]]]) -> DataLoader[K, V | None]:
    async def load_in_order(keys: list[K]) -> list[V | None]:
        found = await load(keys)
        return [found.get(key) for key in keys]

    return DataLoader(load_in_order)
