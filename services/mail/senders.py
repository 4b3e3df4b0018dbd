"""Who a mail comes from: the owner's own mailbox, or the service's with the owner's name (ITIP.md, Out). Pure."""

from dataclasses import dataclass

from invito.services.addresses import tagged
from invito.services.follow_ups.values import FollowUp
from invito.services.ids import ParticipantId
from invito.services.mailboxes.servers import MailServer
from invito.services.mailboxes.values import Mailbox
from invito.services.rules import Rules
from invito.services.signing import Keyring, Purpose


@dataclass(frozen=True, slots=True)
class Sender:
    """`address` is ORGANIZER, From and Reply-To in one; `mail_from` is where bounces go (RFC 5321 §3.6.3).

    `server` is where the owner's own mailbox hands mail over, None for the service's way out.
    """

    name: str
    address: str
    mail_from: str
    server: MailServer | None = None


def sender_of(
    keys: Keyring, rules: Rules, mailbox: Mailbox | None, follow_up: FollowUp, invitee: ParticipantId
) -> Sender | None:
    """Who a mail about the follow-up to the invitee comes from, None where there is no mailbox for it."""
    if mailbox is not None and rules.goes_by_own(is_read=mailbox.imap is not None):
        # Untagged: a server lets its user send in the name of the plain address alone.
        return Sender(follow_up.owner.name, mailbox.address, mailbox.address, mailbox.smtp)
    if rules.mail_from is None:
        return None
    return Sender(
        follow_up.owner.name,
        tagged(rules.mail_from, keys.tag(Purpose.FOLLOW_UP_TAG, follow_up.id)),
        tagged(rules.mail_from, keys.tag(Purpose.INVITEE_TAG, invitee)),
    )
