"""Counter-proposals for those who may see them: the owner all, whoever proposed their own."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from invito.services.house import House
from invito.services.ids import ParticipantId
from invito.services.proposals.repository import proposals_of_participants
from invito.services.proposals.values import Proposal


async def proposals(house: House, participants: Sequence[ParticipantId]) -> Mapping[ParticipantId, list[Proposal]]:
    """Theirs, the newest first. The caller is known to be the owner or the participant."""
    found: dict[ParticipantId, list[Proposal]] = defaultdict(list)
    async with house.database.read() as connection:
        for proposal in await proposals_of_participants(connection, participants):
            found[proposal.participant].append(proposal)
    return found
