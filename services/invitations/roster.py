"""Who takes part: what becomes of the list when some are added and removed, e-mail and statuses are set.

Pure: from the participants as they stand to the participants as they would stand, and what is wrong with the wish.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from invito.plugins.contract import Entry, ParticipantKind
from invito.services.errors import Path, UserError, UserErrorCode, user_error
from invito.services.follow_ups.envelopes import refusal_to_turn_on, unavailable_reason
from invito.services.follow_ups.statuses import with_status
from invito.services.follow_ups.values import (
    EmailDelivery,
    EmailUnavailableReason,
    Participant,
    ParticipantRole,
    ParticipantStatus,
    StatusOrigin,
)
from invito.services.ids import FollowUpId, ParticipantId, ReferenceId
from invito.services.rules import Rules

T = TypeVar("T")

_NO_ID = 0


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody to be invited, as resolved. `wants_email` None leaves it to the call."""

    entry: Entry
    source: str | None
    role: ParticipantRole
    wants_email: bool
    path: Path


@dataclass(frozen=True, slots=True)
class EmailWish:
    participant: ParticipantId
    enabled: bool
    path: Path


@dataclass(frozen=True, slots=True)
class StatusWish:
    participant: ParticipantId
    status: ParticipantStatus
    reason: str | None
    path: Path


@dataclass(frozen=True, slots=True)
class RosterWish:
    """What is to become of the list, in this order. `email_for_all` is the button; None leaves it alone."""

    remove: Sequence[tuple[ParticipantId, Path]] = ()
    add: Sequence[Candidate] = ()
    email_for_all: bool | None = None
    emails: Sequence[EmailWish] = ()
    statuses: Sequence[StatusWish] = ()


def names_of(references: Sequence[str], identities: Mapping[str, ReferenceId]) -> list[str | ReferenceId]:
    """What one of these references is known by: all of them, and the identities that they have."""
    known = (identities.get(reference) for reference in references)
    return [*references, *(identity for identity in known if identity is not None)]


@dataclass(slots=True)
class Roster:
    """The list while it changes. Nobody leaves it (`removed_at` is set instead), so that places in it stay valid.

    `can_send` tells whether there is a mailbox to send from.

    `identities` are those of the candidates' references that were ever seen: whoever is known by several references is
    invited once, by any. `invited` and `already` are the places of those who were added, and of those who were there
    already.
    """

    follow_up: FollowUpId
    rules: Rules
    can_send: bool
    now: datetime
    participants: list[Participant]
    identities: Mapping[str, ReferenceId] = field(default_factory=dict)
    errors: list[UserError] = field(default_factory=list)
    already: list[int] = field(default_factory=list)
    invited: list[int] = field(default_factory=list)
    _place_of: dict[ParticipantId, int] = field(init=False)
    _place_of_name: dict[str | ReferenceId, int] = field(init=False)
    _last_position: int = field(init=False)
    _removed: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._place_of = {one.id: place for place, one in enumerate(self.participants)}
        self._place_of_name = {one.reference: place for place, one in enumerate(self.participants)}
        self._place_of_name |= {one.identity: place for place, one in enumerate(self.participants) if one.identity}
        self._last_position = max((one.position for one in self.participants), default=0)

    def apply(self, wish: RosterWish) -> None:
        """Carry out the wish; what cannot be is in `errors`."""
        for participant, path in self._named_once(wish.remove, lambda one: one):
            self._remove(participant, path)
        for candidate in self._without_doubles(wish.add):
            self._add(candidate)
        if self._count() > self.rules.most_participants:
            self._refuse(
                UserErrorCode.TOO_MANY, wish.add[-1].path if wish.add else (),
                "A follow-up has at most {most} participants.", most=self.rules.most_participants,
            )  # fmt: skip
        if wish.email_for_all is not None:
            self._set_all_emails(enabled=wish.email_for_all)
        for email in self._named_once(wish.emails, lambda one: (one.participant, one.path)):
            self._set_email(email)
        for status in self._named_once(wish.statuses, lambda one: (one.participant, one.path)):
            self._set_status(status)

    def _count(self) -> int:
        return sum(one.removed_at is None for one in self.participants)

    def _named_once(self, wishes: Iterable[T], named: Callable[[T], tuple[ParticipantId, Path]]) -> Iterable[T]:
        """The wishes without those that name somebody again, each of which is refused as that and nothing else."""
        seen: set[ParticipantId] = set()
        for wish in wishes:
            participant, path = named(wish)
            if participant in seen and participant != _NO_ID:
                self._refuse(UserErrorCode.DUPLICATE, path, "This participant is named twice in one call.")
                continue
            seen.add(participant)
            yield wish

    def _remove(self, participant: ParticipantId, path: Path) -> None:
        index = self._index_of(participant, path)
        if index is None:
            return
        there = self.participants[index]
        if there.role is ParticipantRole.OWNER:
            self._refuse(UserErrorCode.IS_VIEWER, path, "You are the owner and always take part.")
            return
        self._removed.add(index)
        self.participants[index] = replace(there, removed_at=self.now)

    def _without_doubles(self, candidates: Iterable[Candidate]) -> Iterable[Candidate]:
        seen: set[str | ReferenceId] = set()
        for candidate in candidates:
            names = names_of(candidate.entry.references, self.identities)
            if seen.intersection(names):
                message = "{name} is named twice in one call."
                self._refuse(UserErrorCode.DUPLICATE, candidate.path, message, name=candidate.entry.name)
                continue
            seen.update(names)
            yield candidate

    def _add(self, candidate: Candidate) -> None:
        is_resource = candidate.entry.kind is ParticipantKind.RESOURCE
        if candidate.role is ParticipantRole.OWNER or (candidate.role is ParticipantRole.RESOURCE and not is_resource):
            message = "An invitee's role is REQUIRED or OPTIONAL; a resource's is always RESOURCE."
            self._refuse(UserErrorCode.INVALID_INPUT, (*candidate.path, "role"), message)
            return
        places = (self._place_of_name.get(name) for name in names_of(candidate.entry.references, self.identities))
        index = next((place for place in places if place is not None), None)
        if index is not None and self.participants[index].removed_at is None:
            self.already.append(index)
            return
        if index in self._removed:
            message = "{name} is named twice in one call."
            self._refuse(UserErrorCode.DUPLICATE, candidate.path, message, name=candidate.entry.name)
            return
        self._last_position += 1
        invited = self._invited(candidate, is_resource=is_resource)
        if index is None:
            self.participants.append(invited)
            self.invited.append(len(self.participants) - 1)
            return
        there = self.participants[index]
        self.participants[index] = replace(
            invited,
            id=there.id, reference_id=there.reference_id, identity=there.identity, reference=there.reference,
            email_sent_at=there.email_sent_at, held_sequence=there.held_sequence,
        )  # fmt: skip
        self.invited.append(index)

    def _invited(self, candidate: Candidate, *, is_resource: bool) -> Participant:
        entry = candidate.entry
        invited = Participant(
            id=ParticipantId(_NO_ID), follow_up_id=self.follow_up, reference_id=ReferenceId(_NO_ID),
            identity=ReferenceId(_NO_ID), reference=entry.reference,
            position=self._last_position, source=candidate.source, kind=entry.kind,
            role=ParticipantRole.RESOURCE if is_resource else candidate.role,
            name=entry.name, email=entry.email, is_location=entry.is_location,
            status=ParticipantStatus.ACCEPTED if is_resource else ParticipantStatus.NOT_SEEN,
            status_origin=StatusOrigin.AUTOMATIC if is_resource else StatusOrigin.INVITED,
            status_changed_at=self.now if is_resource else None, decline_reason=None, was_seen=False,
            wants_email=False, email_delivery=EmailDelivery.NOT_SENT, email_sent_at=None, held_sequence=None,
            email_error=None, invited_at=self.now, removed_at=None,
        )  # fmt: skip
        return replace(invited, wants_email=candidate.wants_email and self._reason(invited) is None)

    def _set_all_emails(self, *, enabled: bool) -> None:
        self.participants = [
            replace(one, wants_email=enabled)
            if one.removed_at is None and (not enabled or self._reason(one) is None)
            else one
            for one in self.participants
        ]

    def _set_email(self, wish: EmailWish) -> None:
        index = self._index_of(wish.participant, wish.path)
        if index is None:
            return
        there = self.participants[index]
        reason = self._reason(there)
        if wish.enabled and reason is not None:
            self.errors.append(refusal_to_turn_on(reason, there, wish.path))
            return
        self.participants[index] = replace(there, wants_email=wish.enabled)

    def _set_status(self, wish: StatusWish) -> None:
        index = self._index_of(wish.participant, wish.path)
        if index is None:
            return
        there = self.participants[index]
        if there.role is ParticipantRole.OWNER:
            self._refuse(UserErrorCode.IS_VIEWER, wish.path, "You own the follow-up and take part: no status to set.")
            return
        self.participants[index] = with_status(there, wish.status, StatusOrigin.ON_BEHALF, wish.reason, self.now)

    def _reason(self, participant: Participant) -> EmailUnavailableReason | None:
        return unavailable_reason(participant, can_send=self.can_send)

    def _index_of(self, participant: ParticipantId, path: Path) -> int | None:
        place = self._place_of.get(participant)
        if place is not None and self.participants[place].removed_at is None:
            return place
        self._refuse(UserErrorCode.NOT_FOUND, path, "There is no such participant in this follow-up.")
        return None

    def _refuse(self, code: UserErrorCode, path: Path, message: str, **values: object) -> None:
        self.errors.append(user_error(code, path, message, **values))
