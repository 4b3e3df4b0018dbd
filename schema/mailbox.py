"""The mailbox that invitations go out from."""

from datetime import datetime
from typing import Self

import strawberry

from invito.schema.ids import global_id
from invito.services.mailboxes.reading import SeenMailbox
from invito.services.mailboxes.values import MailboxState


@strawberry.type(description="A mailbox that invitations go out from, and that answers to them come in to.")
class Mailbox:
    id: strawberry.ID = strawberry.field(description="Opaque, and unique over all types.")
    address: str = strawberry.field(description="The address that invitations come from.")
    is_service_mailbox: bool = strawberry.field(
        description="Whether it is the service's own, which all have who have not set up one of theirs."
    )
    state: MailboxState = strawberry.field(
        description="How the last look at it went; for the service's, what a worker last saw when it sent or read."
    )
    checked_at: datetime | None = strawberry.field(description="When that was.")
    last_error: str | None = strawberry.field(
        description="What failed then, in the viewer's language, to be shown as it is; null where all is well. "
        "What is wrong with the service's, administrators alone see."
    )

    @classmethod
    def of(cls, mailbox: SeenMailbox) -> Self:
        return cls(
            id=global_id("Mailbox", "service" if mailbox.id is None else mailbox.id),
            address=mailbox.address,
            is_service_mailbox=mailbox.id is None,
            state=mailbox.state,
            checked_at=mailbox.checked_at,
            last_error=mailbox.last_error,
        )
