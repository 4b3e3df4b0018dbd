"""What the hooks about mail are handed and answer: an invitation that is about to go, and another way to send it."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from invito.plugins.contract import Language


@dataclass(frozen=True, slots=True)
class InvitationMail:
    """What a mail is about. `method` is iTIP's (REQUEST, CANCEL, DECLINECOUNTER); `reference`, `name` and `address` are
    the invitee's, `language` and `time_zone` (an IANA name) those that the mail is written in.
    """

    follow_up_uid: str
    method: str
    reference: str
    name: str
    address: str
    language: Language
    time_zone: str


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """A mail to one recipient, with the envelope that servers go by (RFC 5321). `raw` has CRLF line ends.

    A repeat after a fault has the same `message_id`, so that whoever takes it can know it.
    """

    message_id: str
    mail_from: str
    rcpt_to: str
    raw: bytes


class MailRefused(Exception):
    """Raised by a transport that will never take this mail; what it says is shown to the follow-up's owner."""


class MailPutOff(Exception):
    """Raised by a transport that does not take the mail now, as every other exception is taken: it is tried again.

    `may_be_out`: whoever was handed the mail may have it, so that it is neither changed nor taken back meanwhile.
    """

    def __init__(self, words: str, *, may_be_out: bool = False) -> None:
        super().__init__(words)
        self.may_be_out = may_be_out


class MailTransport(ABC):
    """A way to send other than SMTP. Several mails are handed over at once."""

    @abstractmethod
    async def send(self, mail: OutgoingMail) -> str:
        """Hand the mail over; what was said when it was taken, for whoever looks later.

        :raises MailRefused: it will never be taken.
        :raises MailPutOff: it is not taken now.
        """

    async def close(self) -> None:
        """Let go of connections, once nothing is sent any more."""
        return
