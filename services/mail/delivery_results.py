"""What became of a mail that was claimed, and what the envelope of its invitee shows then (F23). Pure."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Self

from invito.services.follow_ups.values import EmailDelivery
from invito.services.itip.plain_text import one_line
from invito.services.mail.transports import TemporaryFailure
from invito.services.mail.values import ClaimedMail, MailMethod

_MOST_WORDS = 1_000
UNRECORDED = "it could not be written down what became of the mail"


class Fate(Enum):
    """SENT: it was handed over. DELAYED: it is tried again later. FAILED: it is given up, and the owner is told.

    DROPPED: it is forgotten, since what it says is so no longer.
    """

    SENT = "SENT"
    DELAYED = "DELAYED"
    FAILED = "FAILED"
    DROPPED = "DROPPED"


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """`words` are the server's, or say what went wrong, in one line. `may_be_out`: nobody knows whether it took it.

    Such a mail stays claimed, so that it is sent again as it is, and never changed or taken back.
    """

    mail: ClaimedMail
    fate: Fate
    words: str | None = None
    may_be_out: bool = False

    def __post_init__(self) -> None:
        """A server or a plugin may say anything, and what no database takes would keep the mail from ever ending."""
        if self.words is not None:
            object.__setattr__(self, "words", one_line(self.words, _MOST_WORDS))

    @classmethod
    def outdated(cls, mail: ClaimedMail) -> Self:
        """Of a mail that nobody sends any more. One that may be out counts as held: it is to be taken back."""
        is_held = mail.method is MailMethod.REQUEST and mail.may_be_out
        return cls(mail, Fate.SENT if is_held else Fate.DROPPED)

    @classmethod
    def failed(cls, mail: ClaimedMail, words: str, *, may_be_out: bool = False) -> Self:
        return cls(mail, Fate.FAILED, words, mail.may_be_out or may_be_out)

    @classmethod
    def unwritable(cls, result: Self) -> Self:
        """In place of a result that cannot be written down: it is given up, in words that any database takes."""
        return cls.failed(result.mail, UNRECORDED, may_be_out=result.fate is Fate.SENT or result.may_be_out)

    @classmethod
    def delayed(cls, mail: ClaimedMail, failure: TemporaryFailure) -> Self:
        return cls(mail, Fate.DELAYED, failure.words, mail.may_be_out or failure.may_be_out)


@dataclass(frozen=True, slots=True)
class InviteeMailState:
    """What a participant's row keeps of the mails to them; the names are those of its columns."""

    email_delivery: EmailDelivery
    email_sent_at: datetime | None
    email_error: str | None
    held_sequence: int | None


def mail_state_after(
    result: DeliveryResult, there: InviteeMailState, now: datetime, *, more_waits: bool
) -> InviteeMailState:
    """The invitee's envelope then. `more_waits`: there is another mail that can still be taken back."""
    after = _told(result, there, now)
    if more_waits and result.fate is not Fate.DELAYED:
        # Of several mails the envelope shows the last.
        return replace(after, email_delivery=EmailDelivery.QUEUED)
    return after


def _told(result: DeliveryResult, there: InviteeMailState, now: datetime) -> InviteeMailState:
    match result.fate:
        case Fate.SENT:
            return InviteeMailState(EmailDelivery.SENT, now, None, _held_after(result.mail, there))
        case Fate.DELAYED:
            return replace(there, email_delivery=EmailDelivery.DELAYED, email_error=result.words)
        case Fate.FAILED:
            after = replace(there, email_delivery=EmailDelivery.FAILED, email_error=result.words)
            is_held = result.mail.method is MailMethod.REQUEST and result.may_be_out
            return replace(after, held_sequence=result.mail.sequence) if is_held else after
        case Fate.DROPPED if result.mail.method is MailMethod.REQUEST:
            delivery = EmailDelivery.NOT_SENT if there.held_sequence is None else EmailDelivery.SENT
            return replace(there, email_delivery=delivery, email_error=None)
        case Fate.DROPPED:
            # Nothing was sent, for the reason that an earlier mail was refused for where there was one.
            failed = there.email_error is not None
            return replace(there, email_delivery=EmailDelivery.FAILED if failed else EmailDelivery.NOT_SENT)


def _held_after(mail: ClaimedMail, there: InviteeMailState) -> int | None:
    match mail.method:
        case MailMethod.REQUEST:
            return mail.sequence
        case MailMethod.CANCEL:
            return None
        case MailMethod.DECLINECOUNTER:
            return there.held_sequence
