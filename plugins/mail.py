"""What the hooks about mail are handed and answer: a mail that is about to go."""

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
