"""What clients may change."""

import strawberry

from invito.schema.mutations.administration import AdministrationMutations
from invito.schema.mutations.follow_ups import FollowUpMutations
from invito.schema.mutations.inbound import InboundMutations
from invito.schema.mutations.invitations import InvitationMutations
from invito.schema.mutations.mailboxes import MailboxMutations
from invito.schema.mutations.participants import ParticipantMutations
from invito.schema.mutations.proposals import ProposalMutations
from invito.schema.mutations.viewer import ViewerMutations


@strawberry.type(
    description="What clients may change. A mutation does all of it or nothing, and answers with the object as it "
    "stands now and with what a person can mend."
)
class Mutation(
    FollowUpMutations,
    ParticipantMutations,
    InvitationMutations,
    ProposalMutations,
    InboundMutations,
    ViewerMutations,
    MailboxMutations,
    AdministrationMutations,
):
    """All mutations."""


__all__ = ["Mutation"]
