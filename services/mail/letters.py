"""A mail with all that it says and how: what composing and wording read. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from invito.plugins.contract import Language
from invito.services.follow_ups.values import FollowUp, Participant
from invito.services.mail.senders import Sender
from invito.services.mail.values import ClaimedMail, MailMethod


class Occasion(Enum):
    """Why somebody gets a mail, which its subject and its first sentence say."""

    INVITED = "INVITED"
    CHANGED = "CHANGED"
    CANCELLED = "CANCELLED"
    WITHDRAWN = "WITHDRAWN"
    PROPOSAL_DECLINED = "PROPOSAL_DECLINED"


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail to one invitee, in their language and time zone.

    `participants` are those who take part, the invitee among them. `answer_url` is their own answer page; `thread` the
    Message-ID of the first mail that they got about the follow-up. `sent_at` is a UTC instant.
    """

    mail: ClaimedMail
    follow_up: FollowUp
    participants: tuple[Participant, ...]
    invitee: Participant
    sender: Sender
    language: Language
    time_zone: str
    answer_url: str | None
    thread: str | None
    sent_at: datetime

    @property
    def occasion(self) -> Occasion:
        match self.mail.method:
            case MailMethod.DECLINECOUNTER:
                return Occasion.PROPOSAL_DECLINED
            case MailMethod.CANCEL:
                # Whoever was removed before is told of that alone.
                is_for_all = self.follow_up.is_cancelled and self.invitee.removed_at is None
                return Occasion.CANCELLED if is_for_all else Occasion.WITHDRAWN
            case MailMethod.REQUEST:
                return Occasion.INVITED if self.invitee.held_sequence is None else Occasion.CHANGED
