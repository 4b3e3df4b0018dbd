"""What a mail that came in did, in lines."""

from datetime import datetime
from zoneinfo import ZoneInfo

from invito.services.follow_ups.participant_repository import participant_there
from invito.services.follow_ups.repository import stored_follow_up
from invito.services.inbox.repository import Effect
from invito.services.inbox.texts import reason_text
from invito.services.itip.reasons import Reason
from invito.services.proposals.repository import proposals_of_participants
from invito.services.storage.database import Database


async def told(database: Database, effect: Effect, zone: str) -> list[str]:
    """What was decided and why, about whom and what, and how they stand now; times in an IANA zone."""
    lines = [f"{effect.outcome.value}: {reason_text(effect.reason, effect.reason_values)}"]
    async with database.read() as connection:
        follow_up = None if effect.follow_up is None else await stored_follow_up(connection, effect.follow_up)
        participant = None if effect.participant is None else await participant_there(connection, effect.participant)
        proposals = (
            [] if effect.participant is None else await proposals_of_participants(connection, [effect.participant])
        )
    if follow_up is not None:
        lines.append(f"About     “{follow_up.title}” of {follow_up.owner.name}, {_at(follow_up.start, zone)}")
    if participant is not None:
        address = f" <{participant.email}>" if participant.email else ""
        lines.append(f"From      {participant.name}{address}")
        if effect.status is not None:
            lines.append(f"Answered  {effect.status.value}")
        lines.append(f"Stands    {participant.status.value}")
    if effect.reason == Reason.PROPOSED_TIME.name and proposals:
        newest = proposals[0]
        lines.append(f"Proposed  {_at(newest.start, zone)} to {_at(newest.end, zone)}")
    return lines


def _at(instant: datetime, zone: str) -> str:
    return instant.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")
