"""Which mails follow from a change of a follow-up: the table in ITIP.md, Out. Pure."""

from dataclasses import dataclass, replace
from enum import Enum

from invito.services.follow_ups.change import Change
from invito.services.follow_ups.values import EmailDelivery, Participant
from invito.services.mail.values import MailMethod


class MailAction(Enum):
    """What is done to the outbox for one participant."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"
    TAKE_BACK = "TAKE_BACK"


@dataclass(frozen=True, slots=True)
class MailStep:
    """TAKE_BACK deletes what waits unsent; a REQUEST or CANCEL stands in for what waits unsent."""

    action: MailAction
    participant: Participant

    @property
    def method(self) -> MailMethod:
        return MailMethod[self.action.name]


def mail_steps(change: Change) -> list[MailStep]:
    """At most one step a participant, so that one save never causes two mails (ITIP.md)."""
    return [
        MailStep(action, after)
        for before, after in change.pairs
        if (action := _action(change, before, after)) is not None
    ]


def with_delivery(participant: Participant, action: MailAction) -> Participant:
    """The participant with what is to be seen of the step beside the envelope."""
    if action is not MailAction.TAKE_BACK:
        return replace(participant, email_delivery=EmailDelivery.QUEUED)
    held = participant.email_sent_at is not None
    return replace(participant, email_delivery=EmailDelivery.SENT if held else EmailDelivery.NOT_SENT)


def _action(change: Change, before: Participant | None, after: Participant) -> MailAction | None:
    took_part = before is not None and before.removed_at is None
    # Who got a REQUEST holds it until a CANCEL takes it away.
    holds = took_part and after.email_sent_at is not None
    if (took_part and after.removed_at is not None) or (change.cancelled and after.removed_at is None):
        return MailAction.CANCEL if holds else _take_back(before)
    if after.removed_at is not None:
        return None
    if after.wants_email and (not took_part or (before is not None and not before.wants_email)):
        return MailAction.REQUEST
    if change.rearranged and (after.wants_email or holds):
        return MailAction.REQUEST
    if change.reworded and after.wants_email:
        return MailAction.REQUEST
    if before is not None and before.wants_email and not after.wants_email:
        # Who holds a REQUEST is still told of a changed time that waits (ITIP.md, e-mail turned off).
        return None if holds else _take_back(before)
    return None


def _take_back(before: Participant | None) -> MailAction | None:
    waits = before is not None and before.email_delivery is EmailDelivery.QUEUED
    return MailAction.TAKE_BACK if waits else None
