"""What administrators set."""

import strawberry

from invito.schema.inputs.participants import ParticipantInput


@strawberry.input(description="Whether an entry is available as a participant.")
class SetAvailableAsParticipantInput:
    participant: ParticipantInput = strawberry.field(description="Which entry.")
    is_available: bool = strawberry.field(description="False: it never shows, and cannot be invited.")


@strawberry.input(description="How a source is offered: a field left out keeps what is there.")
class UpdateParticipantSourceInput:
    key: str = strawberry.field(description="The source's key.")
    is_enabled: bool | None = strawberry.field(
        default=strawberry.UNSET,
        description="Whether it is offered; its entries still appear in other sources.",
    )
    position: int | None = strawberry.field(
        default=strawberry.UNSET, description="Its place in the order, from 0; the others move along."
    )
