"""Whether a change may be made, and what it comes to: pure, the same for saving and for the preview of it (F10)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from invito.services.caller import Caller
from invito.services.errors import Path, Refusal, UserError, UserErrorCode, user_error
from invito.services.follow_ups.change import Change, settle
from invito.services.follow_ups.commands import FieldChanges
from invito.services.follow_ups.fields import changed_follow_up, has_moved
from invito.services.follow_ups.statuses import asked_anew
from invito.services.follow_ups.texts import MOST_IN_LOCATION
from invito.services.follow_ups.values import FollowUp, Participant
from invito.services.ids import FollowUpId, ReferenceId
from invito.services.invitations.roster import Candidate, Roster, RosterWish
from invito.services.rules import Rules

Participants = Sequence[Participant]


# What is to become of the participants, or what says so once they are seen.
Wish = RosterWish | Callable[[Participants], RosterWish]


@dataclass(frozen=True, slots=True)
class Ask:
    """What the owner wants of a follow-up. `at` is where its id (or a participant's) stands in the input.

    A `wish` that depends on how the participants stand invites nobody. `problems` is what was wrong with it before
    anybody looked.
    """

    follow_up: FollowUpId
    at: Path
    wish: Wish = field(default_factory=RosterWish)
    fields: FieldChanges | None = None
    cancel: bool = False
    is_quiet: bool = False
    comment: str | None = None
    problems: tuple[UserError, ...] = ()
    expected_version: int | None = None
    idempotency_key: str | None = None

    @property
    def invitees(self) -> Sequence[Candidate]:
        return self.wish.add if isinstance(self.wish, RosterWish) else ()

    def wish_for(self, participants: Participants) -> RosterWish:
        return self.wish if isinstance(self.wish, RosterWish) else self.wish(participants)


@dataclass(frozen=True, slots=True)
class Standing:
    """A follow-up as it stands: everyone who takes part or once did, and the identities of those to be invited.

    `identities` has the references that were ever seen.
    """

    follow_up: FollowUp
    participants: Participants
    identities: Mapping[str, ReferenceId]


@dataclass(frozen=True, slots=True)
class Decision:
    """The settled change, and the places of those whom the call invited and of those who were invited already.

    `inviting_at` is where the input asks for invitations.
    """

    change: Change
    invited: tuple[int, ...]
    already_invited: tuple[int, ...]
    aliases: dict[str, tuple[str, ...]]
    inviting_at: Path = ()


def decide(ask: Ask, standing: Standing, caller: Caller, rules: Rules, now: datetime) -> Decision:
    """What the caller's ask comes to.

    :raises Refusal: all that is wrong with it.
    """
    there, participants = standing.follow_up, standing.participants
    _check_state(ask, there)
    after, errors = there, [*ask.problems]
    if ask.fields is not None:
        try:
            after = changed_follow_up(there, ask.fields)
        except Refusal as refusal:
            errors.extend(refusal.errors)
    # Before the wish: a status that is set in the same save is meant for the new time.
    asked = [asked_anew(one, now) for one in participants] if has_moved(there, after) else list(participants)
    roster = Roster(there.id, rules, caller.can_send, now, asked, standing.identities)
    wish = ask.wish_for(participants)
    roster.apply(wish)
    errors.extend(roster.errors)
    if errors:
        raise Refusal(*errors)
    invited = [roster.participants[place].reference for place in roster.invited]
    after = with_place_after(after, roster.participants, wish.add, invited)
    if ask.cancel:
        after = replace(after, is_cancelled=True)
    change = Change(there, after, tuple(participants), tuple(roster.participants), ask.is_quiet)
    return Decision(
        settle(change, now), tuple(roster.invited), tuple(roster.already), aliases_of(wish.add), _inviting_at(ask, wish)
    )


def with_place_of(follow_up: FollowUp, candidates: Iterable[Candidate], invited: Sequence[str]) -> FollowUp:
    """A location that was chosen fills the place, if that is empty (F13)."""
    if follow_up.location:
        return follow_up
    for one in candidates:
        resource = next((reference for reference in invited if reference in one.entry.references), None)
        if one.entry.is_location and resource is not None:
            place = (one.entry.place or one.entry.name)[:MOST_IN_LOCATION]
            return replace(follow_up, location=place, location_from=resource)
    return follow_up


def with_place_after(
    follow_up: FollowUp, participants: Participants, candidates: Iterable[Candidate], invited: Sequence[str]
) -> FollowUp:
    """The place goes with the location that it was filled with; one that is new fills it, else the first that stays.

    Of those that stay nothing but the name is kept. A place that the owner emptied stays empty.
    """
    gone = {one.reference for one in participants if one.removed_at is not None}
    if follow_up.location_from not in gone:
        return with_place_of(follow_up, candidates, invited)
    follow_up = with_place_of(replace(follow_up, location=None, location_from=None), candidates, invited)
    stays = next((one for one in participants if one.is_location and one.removed_at is None), None)
    if follow_up.location or stays is None:
        return follow_up
    return replace(follow_up, location=stays.name[:MOST_IN_LOCATION], location_from=stays.reference)


def aliases_of(candidates: Iterable[Candidate]) -> dict[str, tuple[str, ...]]:
    return {one.entry.reference: one.entry.aliases for one in candidates if one.entry.aliases}


def _inviting_at(ask: Ask, wish: RosterWish) -> Path:
    """The list of who is to be invited, else the first envelope that is turned on or off, else the follow-up."""
    if wish.add:
        return wish.add[0].path[:-1]
    return wish.emails[0].path if wish.emails else ask.at


def _check_state(ask: Ask, there: FollowUp) -> None:
    if there.is_cancelled:
        message = "The follow-up is cancelled and can no longer be changed."
        raise Refusal(user_error(UserErrorCode.CANCELLED, ask.at, message))
    if ask.expected_version is not None and ask.expected_version != there.version:
        message = "The follow-up was changed meanwhile (version {there}, not {expected}): look at it again, then save."
        raise Refusal(
            user_error(
                UserErrorCode.STALE_VERSION, ("expectedVersion",), message,
                there=there.version, expected=ask.expected_version,
            )
        )  # fmt: skip
