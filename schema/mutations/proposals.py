"""Counter-proposals: taking and refusing them."""

from typing import Annotated

import strawberry

from invito.schema.fields import mutation
from invito.schema.mutations.outcome import follow_up_payload
from invito.schema.operation import Info
from invito.schema.payloads import FollowUpPayload
from invito.schema.time_proposal import proposal_number
from invito.services.proposals import deciding

ProposalId = Annotated[strawberry.ID, strawberry.argument(description="Which proposal.")]


@strawberry.type
class ProposalMutations:
    @mutation(
        description="The follow-up takes place at the proposed time: everyone is told and asked anew, as of any "
        "changed time."
    )
    async def accept_proposal(self, info: Info, proposal_id: ProposalId) -> FollowUpPayload:
        context, number = info.context, proposal_number(proposal_id)
        there = await deciding.follow_up_of_proposal(context.house, number)
        return await follow_up_payload(info, deciding.accept_proposal(context.house, context.caller, number), there)

    @mutation(description="The time stays as it is, and whoever proposed is told by mail.")
    async def decline_proposal(self, info: Info, proposal_id: ProposalId) -> FollowUpPayload:
        context, number = info.context, proposal_number(proposal_id)
        there = await deciding.follow_up_of_proposal(context.house, number)
        return await follow_up_payload(info, deciding.decline_proposal(context.house, context.caller, number), there)
