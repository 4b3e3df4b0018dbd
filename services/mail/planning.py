"""Which mails follow from a change of a follow-up: the table in ITIP.md, Out. Pure."""

from dataclasses import dataclass, replace
from enum import Enum

from invito.services.follow_ups.change import Change
from invito.services.follow_ups.values import EmailDelivery, Participant
from invito.services.mail.values import MailMethod


class MailAction(Enum):
    """What is done to the outbox for one participant.

    TAKE_BACK deletes what waits unsent; a REQUEST or CANCEL stands in for it. WITHDRAW takes back an invitation that
    never went out, and becomes a CANCEL where it is just going out.
    """

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"
    WITHDRAW = "WITHDRAW"
    TAKE_BACK = "TAKE_BACK"


_METHOD = {MailAction.REQUEST: MailMethod.REQUEST, MailAction.CANCEL: MailMethod.CANCEL}


@dataclass(frozen=True, slots=True)
class MailStep:
    """One action for one participant; `method` is None where nothing is sent."""

    action: MailAction
    participant: Participant

    @property
    def method(self) -> MailMethod | None:
        return _METHOD.get(self.action)

    @property
    def invites(self) -> bool:
        """Whether it is the first that the participant hears, and no change of what they hold."""
        return self.action is MailAction.REQUEST and self.participant.held_sequence is None


def mail_steps(change: Change, *, can_send: bool = True) -> list[MailStep]:
    """At most one step a participant, so that one save never causes two mails (ITIP.md).

    Where there is no mailbox to send from, a change is as quiet as one that is meant to be.
    """
    is_quiet = change.is_quiet or not can_send
    return [
        MailStep(action, after)
        for before, after in change.pairs
        if (action := _spoken(is_quiet, before, _action(change, before, after))) is not None
    ]


def with_delivery(participant: Participant, action: MailAction) -> Participant:
    """The participant with what is to be seen of the step beside the envelope."""
    if action in _METHOD:
        return replace(participant, email_delivery=EmailDelivery.QUEUED, email_error=None)
    held = participant.held_sequence is not None
    return replace(participant, email_delivery=EmailDelivery.SENT if held else EmailDelivery.NOT_SENT)


def _spoken(is_quiet: bool, before: Participant | None, action: MailAction | None) -> MailAction | None:
    """A quiet change sends nothing, and keeps no invitation waiting that it takes away."""
    if not is_quiet or action in (None, MailAction.TAKE_BACK):
        return action
    return None if action is MailAction.REQUEST else _if_waiting(before, MailAction.TAKE_BACK)


def _action(change: Change, before: Participant | None, after: Participant) -> MailAction | None:
    took_part = before is not None and before.removed_at is None
    # Who got a REQUEST holds it until a CANCEL takes it away.
    holds = took_part and after.held_sequence is not None
    if (took_part and after.removed_at is not None) or (change.cancelled and after.removed_at is None):
        return MailAction.CANCEL if holds else _if_waiting(before, MailAction.WITHDRAW)
    if after.removed_at is not None:
        return MailAction.CANCEL if before is not None and _is_still_invited(change, after) else None
    if after.wants_email and (not took_part or (before is not None and not before.wants_email)):
        return MailAction.REQUEST
    if change.rearranged and (after.wants_email or holds):
        return MailAction.REQUEST
    if change.reworded and after.wants_email:
        return MailAction.REQUEST
    if change.is_the_owners and _missed_a_quiet_change(change, after):
        return MailAction.REQUEST
    if before is not None and before.wants_email and not after.wants_email and not _is_behind(change, after):
        # What waits is new text, or an invitation that never went out; a changed time still reaches who holds one.
        return _if_waiting(before, MailAction.TAKE_BACK)
    return None


def _is_behind(change: Change, after: Participant) -> bool:
    """Whether time or place changed since the REQUEST that this one holds."""
    return after.held_sequence is not None and after.held_sequence < change.after.rearranged_sequence


def _missed_a_quiet_change(change: Change, after: Participant) -> bool:
    """A later change carries along what an earlier one told nobody."""
    if after.email_delivery is EmailDelivery.SENT:
        return _is_behind(change, after)
    return after.wants_email and after.email_delivery is EmailDelivery.NOT_SENT


def _is_still_invited(change: Change, removed: Participant) -> bool:
    """Whether somebody who was removed holds a REQUEST that no mail takes away: they were removed quietly.

    A CANCEL that was refused is tried again with what every invitee is told, as a REQUEST is.
    """
    if removed.held_sequence is None or _waits(removed):
        return False
    is_told = change.is_the_owners and removed.email_delivery is EmailDelivery.SENT
    return is_told or change.rearranged or change.cancelled


def _if_waiting(before: Participant | None, action: MailAction) -> MailAction | None:
    return action if before is not None and _waits(before) else None


def _waits(participant: Participant) -> bool:
    return participant.email_delivery in (EmailDelivery.QUEUED, EmailDelivery.DELAYED)
