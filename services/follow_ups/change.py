"""A change as before and after, and all that follows from it: sequence, version, revision, mails, notices (F4, F19).

Pure: nothing is read or written here.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from invito.services.busy.calendars import KINDS_WITH_A_CALENDAR
from invito.services.follow_ups.fields import has_moved, has_new_place, has_new_text
from invito.services.follow_ups.values import FollowUp, Participant, ParticipantStatus, ShowAs
from invito.services.ids import ReferenceId


@dataclass(frozen=True)
class Change:
    """A follow-up and everyone who takes part or once did, before and after; new participants come last in `after`.

    `before` is None for a follow-up that is new. Participants of both sides stand at the same places. Nobody is told of
    a change that `is_quiet`.
    """

    before: FollowUp | None
    after: FollowUp
    participants_before: tuple[Participant, ...]
    participants: tuple[Participant, ...]
    is_quiet: bool = False

    @cached_property
    def moved(self) -> bool:
        return self.before is not None and has_moved(self.before, self.after)

    @cached_property
    def rearranged(self) -> bool:
        """Whether time or place changed, which every invitee is told."""
        return self.moved or (self.before is not None and has_new_place(self.before, self.after))

    @cached_property
    def reworded(self) -> bool:
        return self.before is not None and has_new_text(self.before, self.after)

    @cached_property
    def cancelled(self) -> bool:
        return self.before is not None and self.after.is_cancelled and not self.before.is_cancelled

    @cached_property
    def pairs(self) -> list[tuple[Participant | None, Participant]]:
        """Each participant before (None where new) and after."""
        missing = len(self.participants) - len(self.participants_before)
        return list(zip((*self.participants_before, *(None for _ in range(missing))), self.participants, strict=True))

    @cached_property
    def invited(self) -> list[Participant]:
        """Those who take part now and did not before."""
        return [after for before, after in self.pairs if _takes_part(after) and not _takes_part(before)]

    @cached_property
    def removed(self) -> list[Participant]:
        return [after for before, after in self.pairs if _takes_part(before) and not _takes_part(after)]

    @cached_property
    def invited_again(self) -> bool:
        """Whether somebody comes back who was removed earlier, which raises SEQUENCE (ITIP.md, Out)."""
        return any(before is not None and before.removed_at is not None for before, after in self.pairs
                   if _takes_part(after))  # fmt: skip

    @cached_property
    def staying(self) -> list[Participant]:
        """Those who took part before and still do."""
        return [after for before, after in self.pairs if _takes_part(before) and _takes_part(after)]

    @cached_property
    def answered(self) -> list[Participant]:
        """Those whose status changed, of those who stay."""
        return [
            after for before, after in self.pairs
            if before is not None and _takes_part(before) and _takes_part(after) and before.status is not after.status
        ]  # fmt: skip

    @cached_property
    def is_nothing(self) -> bool:
        return self.before == self.after and self.participants_before == self.participants

    @cached_property
    def is_the_owners(self) -> bool:
        """Whether fields, the list or an e-mail choice changed, which makes older versions stale.

        Of a settled change too, whose revision rose whatever changed.
        """
        return (
            self.before is None
            or self.before != replace(self.after, revision=self.before.revision, updated_at=self.before.updated_at)
            or bool(self.invited or self.removed)
            or any(before is not None and before.wants_email != after.wants_email for before, after in self.pairs)
        )

    @property
    def busy_before(self) -> set[ReferenceId]:
        return set() if self.before is None else _busy(self.before, self.participants_before)

    @property
    def busy_after(self) -> set[ReferenceId]:
        return _busy(self.after, self.participants)


def settle(change: Change, now: datetime) -> Change:
    """The change with all that follows for its own values: SEQUENCE, DTSTAMP, version, revision."""
    if change.before is None or change.is_nothing:
        return change
    raises_sequence = change.rearranged or change.cancelled or change.removed or change.invited_again
    after = change.after
    sequence = after.sequence + (1 if raises_sequence else 0)
    settled = replace(
        after,
        sequence=sequence,
        moved_sequence=sequence if change.moved else after.moved_sequence,
        rearranged_sequence=sequence if change.rearranged else after.rearranged_sequence,
        stamped_at=now if raises_sequence or change.reworded else after.stamped_at,
        version=after.version + (1 if change.is_the_owners else 0),
        revision=after.revision + 1,
        updated_at=now,
    )
    return replace(change, after=settled)


def _takes_part(participant: Participant | None) -> bool:
    return participant is not None and participant.removed_at is None


def _busy(follow_up: FollowUp, participants: tuple[Participant, ...]) -> set[ReferenceId]:
    """Who is busy with it: whose calendar is kept here and who has not declined (DESIGN, Time)."""
    if follow_up.is_cancelled or follow_up.show_as is ShowAs.FREE:
        return set()
    return {
        one.identity for one in participants
        if _takes_part(one) and one.status is not ParticipantStatus.DECLINED and one.kind in KINDS_WITH_A_CALENDAR
    }  # fmt: skip
