"""What the hooks about mail are handed and answer: a mail that is about to go, and another way to send it."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime

from invito.plugins.contract import Language


@dataclass(frozen=True, slots=True)
class InvitationMail:
    """What a mail is about. `method` is iTIP's (REQUEST, CANCEL, DECLINECOUNTER); `reference`, `name` and `address` are
    the invitee's, `language` and `time_zone` (an IANA name) those that the mail is written in. `start` and `end` are
    UTC instants, the end exclusive.
    """

    follow_up_uid: str
    method: str
    title: str
    start: datetime
    end: datetime
    place: str | None
    organizer: str
    reference: str
    name: str
    address: str
    language: Language
    time_zone: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file beside the invitation, such as a map. `content_type` is as in `application/pdf` (RFC 2045 §5.1)."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class MailMessage:
    """What of a mail can be changed: its subject, what it says as text and as HTML, further headers, further files.

    `headers` are names and values: those that begin with `X-` or `List-`, and Importance, Keywords, Organization and
    Priority. The iCalendar object, which answers go by, and whom the mail is from and to stay as they are.
    """

    subject: str
    text: str
    html: str
    headers: tuple[tuple[str, str], ...] = ()
    attachments: tuple[Attachment, ...] = ()


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
    """Raised by a transport that does not take the mail now: it is tried again.

    `may_be_out`: whoever was handed the mail may have it, so that it is neither changed nor taken back meanwhile. Every
    other exception is taken for one that may be.
    """

    def __init__(self, words: str, *, may_be_out: bool = False) -> None:
        super().__init__(words)
        self.may_be_out = may_be_out


class MailTransport(ABC):
    """A way to send other than SMTP. Several mails are handed over at once; what it keeps, `invito_shutdown` closes."""

    @abstractmethod
    def send(self, mail: OutgoingMail) -> str | Awaitable[str]:
        """Hand the mail over; what was said when it was taken, for whoever looks later. Plain or `async`.

        :raises MailRefused: it will never be taken.
        :raises MailPutOff: it is not taken now.
        """
