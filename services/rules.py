"""What an operator sets."""

from dataclasses import dataclass, field

from invito.plugins.contract import Language
from invito.services.mail_rules import MailRules


@dataclass(frozen=True, slots=True)
class Rules:
    """`mail_from` is the service's address, None where it has none (F16).

    `follow_up_url` is a template with {id}, the follow-up's page in the application.
    """

    mail_from: str | None = None
    mail: MailRules = field(default_factory=MailRules)
    follow_up_url: str | None = None
    time_zone: str = "Europe/Oslo"
    language: Language = Language.EN
    most_invitees_a_call: int = 1_000
    most_participants: int = 10_000
    most_on_a_page: int = 500

    def can_send(self, *, has_mailbox: bool) -> bool:
        """Whether there is a mailbox for what somebody owns: their own, or the service's (F16)."""
        return has_mailbox or self.mail_from is not None

    def goes_by_own(self, *, is_read: bool) -> bool:
        """Whether mail goes out by its owner's own mailbox, which is read here or is not.

        It comes first where its answers are read, since answers go where the mail came from.
        """
        return is_read or self.mail_from is None
