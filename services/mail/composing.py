"""The mail itself: headers, text, HTML and the iCalendar object (ITIP.md, Out; RFC 5322, 2045, 6047). Pure."""

import re
from email.headerregistry import Address, HeaderRegistry, MessageIDHeader
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8

from invito.services.addresses import wire_address
from invito.services.itip.invitation import (
    Issue,
    Organizer,
    cancel_object,
    declined_counter_object,
    request_object,
    withdrawal_object,
)
from invito.services.itip.lines import one_line
from invito.services.mail.letters import Letter, Occasion
from invito.services.mail.wording import html_of, plain_text_of, subject_of

# Python writes long ids that it does not know as such as encoded words, which nobody reads as ids.
_HEADERS = HeaderRegistry()
for _name in ("In-Reply-To", "References"):
    _HEADERS.map_to_type(_name, MessageIDHeader)  # type: ignore[arg-type]  # a mixin, which the registry completes
# Some versions of Python lose the quotes around these where a long name is folded (CVE-2025-1795).
_QUOTED = re.compile(r'[()<>@,;:\\"\[\]\s]+')
_MOST_IN_NAME = 100


class NoAddress(ValueError):
    """Whom the mail is to has no valid e-mail address."""


def compose(letter: Letter) -> EmailMessage:
    """The mail: multipart/mixed(multipart/alternative(text, HTML, text/calendar), application/ics).

    Without Auto-Submitted: servers discard invitations that have it (ITIP.md).

    :raises NoAddress: the invitee's address is none.
    """
    recipient = recipient_of(letter)
    sender = wire_address(letter.sender.address) or letter.sender.address
    is_ascii = (sender + recipient).isascii()
    message = EmailMessage((SMTP if is_ascii else SMTPUTF8).clone(header_factory=_HEADERS))
    message["From"] = message["Reply-To"] = _address(letter.sender.name, sender)
    message["To"] = _address(letter.mail.to_name, recipient)
    # What looks like an encoded word would be decoded, to anything at all.
    message["Subject"] = subject_of(letter).replace("=?", "= ?")
    message["Date"] = letter.sent_at
    message["Message-ID"] = letter.mail.message_id
    if letter.thread is not None:
        message["In-Reply-To"] = message["References"] = letter.thread
    _add_parts(message, letter)
    return message


def recipient_of(letter: Letter) -> str:
    """The address that the mail is to, as servers take it.

    :raises NoAddress: it is none.
    """
    recipient = wire_address(letter.mail.to_address)
    if recipient is None:
        raise NoAddress(f"{letter.mail.to_address!r} is no e-mail address")
    return recipient


def calendar_of(letter: Letter) -> str:
    """The iCalendar object, of the revision that the outbox says."""
    mail = letter.mail
    organizer = Organizer(letter.sender.address, letter.sender.name)
    issue = Issue(mail.sequence, mail.stamped_at, organizer, mail.comment, mail.occurrence)
    match letter.occasion:
        case Occasion.INVITED | Occasion.CHANGED:
            return request_object(letter.follow_up, letter.participants, issue)
        case Occasion.CANCELLED:
            return cancel_object(letter.follow_up, letter.participants, issue)
        case Occasion.WITHDRAWN:
            return withdrawal_object(letter.follow_up, letter.invitee, issue)
        case Occasion.PROPOSAL_DECLINED:
            return declined_counter_object(letter.follow_up, letter.invitee, issue)


def _add_parts(message: EmailMessage, letter: Letter) -> None:
    calendar = calendar_of(letter)
    message.set_content(plain_text_of(letter), cte="quoted-printable")
    message.add_alternative(html_of(letter), subtype="html", cte="quoted-printable")
    # In base64, since lines that are folded inside of it have to arrive as they are.
    message.add_alternative(calendar, subtype="calendar", params={"method": letter.mail.method.value}, cte="base64")
    message.add_attachment(
        calendar.encode(), maintype="application", subtype="ics", filename="invite.ics", cte="base64"
    )


def _address(name: str, address: str) -> Address:
    local, _, domain = address.rpartition("@")
    shown = _QUOTED.sub(" ", one_line(name)).replace("=?", "= ?").strip()[:_MOST_IN_NAME]
    return Address(shown, local, domain)
