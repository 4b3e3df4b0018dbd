"""A viewer's own mailbox."""

import strawberry

from invito.schema.left_out import named
from invito.services.mailboxes.wishes import MailboxWish

_FOLDER = "INBOX"


@strawberry.input(
    description="A mailbox. URLs as smtps://host:465, smtp://host:587 (STARTTLS), imaps://host:993. The password is "
    "write-only."
)
class SaveMailboxInput:
    address: str = strawberry.field(description="The address that invitations come from, and answers go to.")
    smtp_url: str = strawberry.field(description="The server that sends: smtps://host:465 or smtp://host:587.")
    imap_url: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The server that receives: imaps://host:993 or imap://host:143. Without it, Invito does not read "
        "the answers.",
    )
    username: str = strawberry.field(description="The user name at both servers.")
    password: str = strawberry.field(description="The password at both servers. It is kept encrypted, and never shown.")
    folder: str | None = strawberry.field(default=_FOLDER, description="The folder that answers arrive in.")

    def wish(self) -> MailboxWish:
        return MailboxWish(
            self.address.strip(),
            self.smtp_url.strip(),
            (named(self.imap_url) or "").strip() or None,
            self.username,
            self.password,
            _FOLDER if self.folder is None else self.folder,
        )
