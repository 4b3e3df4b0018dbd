"""The test mail: short, to one recipient, from an address with a tag as invitations come from one. Pure."""

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from uuid import uuid4

from invito.plugins.mail import OutgoingMail
from invito.services.addresses import tagged, wire_address

_TEXT = """\
This mail tests whether invitations from {address} go out, and whether answers to them arrive.

It was sent to {recipient} by `invito mail check`, and nobody has to answer it.
"""


@dataclass(frozen=True, slots=True)
class TrialAddresses:
    """The service's address, as servers take it, and the same with a tag that nobody used before."""

    plain: str
    tagged: str

    @classmethod
    def of(cls, address: str) -> "TrialAddresses":
        plain = wire_address(address) or address
        return cls(plain, tagged(plain, f"check-{uuid4().hex[:12]}"))

    def with_tag(self, tag: str) -> str:
        """What such an address looks like."""
        return tagged(self.plain, tag)

    @property
    def domain(self) -> str:
        """In ASCII and lower case, as DNS knows it."""
        return self.plain.rpartition("@")[2].lower()


def trial_mail(addresses: TrialAddresses, to: str, now: datetime) -> OutgoingMail:
    """The mail to one recipient, with its envelope."""
    recipient = wire_address(to) or to
    is_ascii = (addresses.tagged + recipient).isascii()
    message = EmailMessage(SMTP if is_ascii else SMTPUTF8)
    message["From"] = _address(addresses.tagged, "Invito")
    message["To"] = _address(recipient)
    message["Subject"] = "Invito: a test mail"
    message["Date"] = now
    message["Message-ID"] = f"<{uuid4()}@{addresses.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_TEXT.format(address=addresses.plain, recipient=recipient), cte="quoted-printable")
    return OutgoingMail(str(message["Message-ID"]), addresses.tagged, recipient, message.as_bytes())


def _address(address: str, name: str = "") -> Address:
    local, _, domain = address.rpartition("@")
    return Address(name, local, domain)
