"""The mail itself: headers, text, HTML and the iCalendar object (ITIP.md, Out; RFC 5322, 2045, 6047). Pure."""

from functools import lru_cache

from invito.plugins.mail import Attachment, InvitationMail, MailMessage
from invito.services.addresses import wire_address
from invito.services.itip.invitation import (
    Issue,
    Organizer,
    cancel_object,
    declined_counter_object,
    request_object,
    withdrawal_object,
)
from invito.services.mail.header_lines import address_line, header_line
from invito.services.mail.letters import Letter, Occasion
from invito.services.mail.mime_parts import base64_part, multipart, text_part
from invito.services.mail.values import MailMethod
from invito.services.mail.wording import html_of, plain_text_of, subject_of

# Whoever is invited together gets the same object: with a thousand of them, it is most of the mail.
_KEPT = 32


class NoAddress(ValueError):
    """Whom the mail is to has no valid e-mail address."""


def message_of(letter: Letter) -> MailMessage:
    """What the mail says to whoever reads it."""
    return MailMessage(subject_of(letter), plain_text_of(letter), html_of(letter))


def invitation_of(letter: Letter) -> InvitationMail:
    """What plugins are told of the mail."""
    follow_up, mail = letter.follow_up, letter.mail
    return InvitationMail(
        follow_up_uid=follow_up.uid,
        method=mail.method.value,
        title=follow_up.title,
        start=follow_up.start,
        end=follow_up.end,
        place=follow_up.location,
        organizer=follow_up.owner.name,
        reference=letter.invitee.reference,
        name=mail.to_name,
        address=mail.to_address,
        language=letter.language,
        time_zone=letter.time_zone,
    )


def compose(letter: Letter, message: MailMessage | None = None) -> bytes:
    """The mail: multipart/mixed(multipart/alternative(text, HTML, text/calendar), application/ics, further files).

    `message` is what it says, where a plugin changed that. Without Auto-Submitted: servers discard invitations that
    have it (ITIP.md).

    :raises NoAddress: the invitee's address is none.
    """
    message = message or message_of(letter)
    calendar, file = _calendar_parts(calendar_of(letter), letter.mail.method)
    texts = text_part("plain", message.text), text_part("html", message.html)
    body = multipart("mixed", multipart("alternative", *texts, calendar), file, *map(_attached, message.attachments))
    return b"".join((*_header_lines(letter, message), b"MIME-Version: 1.0\r\n", body))


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


def _header_lines(letter: Letter, message: MailMessage) -> list[bytes]:
    recipient = recipient_of(letter)
    sender = wire_address(letter.sender.address) or letter.sender.address
    utf8 = not (sender + recipient).isascii()
    thread = () if letter.thread is None else (("In-Reply-To", letter.thread), ("References", letter.thread))
    return [
        address_line("From", letter.sender.name, sender, utf8=utf8),
        address_line("Reply-To", letter.sender.name, sender, utf8=utf8),
        address_line("To", letter.mail.to_name, recipient, utf8=utf8),
        header_line("Subject", _not_encoded(message.subject), utf8=utf8),
        header_line("Date", letter.sent_at),
        header_line("Message-ID", letter.mail.message_id, utf8=utf8),
        *(header_line(name, first, utf8=utf8) for name, first in thread),
        *(header_line(name, _not_encoded(value), utf8=utf8) for name, value in message.headers),
    ]


def _not_encoded(text: str) -> str:
    """What looks like an encoded word would be decoded, to anything at all."""
    return text.replace("=?", "= ?")


def _attached(file: Attachment) -> bytes:
    name = file.name.replace("\\", "").replace('"', "'")
    disposition = header_line("Content-Disposition", f'attachment; filename="{name}"')
    return base64_part(f"Content-Type: {file.content_type}\r\n{disposition.decode()}", file.content)


@lru_cache(_KEPT)
def _calendar_parts(calendar: str, method: MailMethod) -> tuple[bytes, bytes]:
    """The object as a part for programs that answer it, and as a file for all others.

    In base64, since lines that are folded inside of it have to arrive as they are.
    """
    content = calendar.encode()
    shown = base64_part(f'Content-Type: text/calendar; charset="utf-8"; method="{method.value}"\r\n', content)
    kept = 'Content-Type: application/ics\r\nContent-Disposition: attachment; filename="invite.ics"\r\n'
    return shown, base64_part(kept, content)
