"""The envelope beside a name, and the E-mail invitation button."""

from datetime import datetime
from typing import Self

import strawberry

from invito.services.follow_ups import envelopes
from invito.services.follow_ups.envelopes import EmailInvitationDisabledReason
from invito.services.follow_ups.values import EmailDelivery, EmailInvitationState, EmailUnavailableReason


@strawberry.type(
    description="The envelope icon. INACTIVE was turned off by hand; UNAVAILABLE cannot be turned on, and says why."
)
class EmailInvitation:
    state: EmailInvitationState = strawberry.field(description="Whether the participant gets the invitation by mail.")
    unavailable_reason: EmailUnavailableReason | None = strawberry.field(
        description="Why it cannot be turned on, where it is UNAVAILABLE."
    )
    delivery: EmailDelivery = strawberry.field(description="What became of the last mail.")
    last_sent_at: datetime | None = strawberry.field(description="When the last mail was handed over.")
    last_error: str | None = strawberry.field(
        description="Why the last mail could not be delivered: for the owner and the participant themself."
    )

    @classmethod
    def of(cls, envelope: envelopes.EmailInvitation, *, with_error: bool) -> Self:
        return cls(
            state=envelope.state,
            unavailable_reason=envelope.unavailable_reason,
            delivery=envelope.delivery,
            last_sent_at=envelope.sent_at,
            last_error=envelope.error if with_error else None,
        )


@strawberry.type(description="Whether the E-mail invitation button works, and if not, why.")
class EmailInvitationControl:
    is_enabled: bool = strawberry.field(description="Whether the button works.")
    disabled_reason: EmailInvitationDisabledReason | None = strawberry.field(description="Why it does not work.")
    message: str | None = strawberry.field(description="The reason in the viewer's language, to be shown as it is.")

    @classmethod
    def of(cls, control: envelopes.EmailControl) -> Self:
        return cls(is_enabled=control.is_enabled, disabled_reason=control.disabled_reason, message=control.message)
