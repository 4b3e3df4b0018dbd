"""A counter-proposal."""

from datetime import datetime
from typing import Self

import strawberry

from invito.schema.ids import global_id, number_in
from invito.services.proposals.values import Proposal, ProposalId


@strawberry.type(description="Another time that a participant asked for from their mail program (F28).")
class TimeProposal:
    id: strawberry.ID = strawberry.field(description="By which the owner takes or refuses it.")
    start: datetime = strawberry.field(description="When it would begin.")
    end: datetime = strawberry.field(description="When it would be over: exclusive.")
    comment: str | None = strawberry.field(description="What the participant wrote.")
    received_at: datetime = strawberry.field(description="When the proposal arrived.")
    is_open: bool = strawberry.field(
        description="Whether it can still be taken: not refused, and the follow-up's time has not changed since."
    )

    @classmethod
    def of(cls, proposal: Proposal) -> Self:
        return cls(
            id=global_id("TimeProposal", proposal.id),
            start=proposal.start,
            end=proposal.end,
            comment=proposal.comment,
            received_at=proposal.received_at,
            is_open=proposal.is_open,
        )


def proposal_number(id_: str) -> ProposalId:
    return ProposalId(number_in("TimeProposal", id_))
