"""From a use case to a payload: what it refused beside the object as it stands now."""

from collections.abc import Awaitable
from typing import TypeVar

from invito.schema.errors import UserError, user_errors
from invito.schema.follow_up import FollowUp
from invito.schema.operation import Info
from invito.schema.participant import Participant
from invito.schema.payloads import FollowUpPayload, ParticipantPayload
from invito.services.errors import Refusal
from invito.services.ids import FollowUpId, ParticipantId

T = TypeVar("T")


async def outcome_of(info: Info, use_case: Awaitable[T]) -> tuple[T | None, list[UserError]]:
    """What a use case answered, or why it was refused. What was loaded before it is forgotten."""
    try:
        return await use_case, []
    except Refusal as refusal:
        return None, user_errors(refusal.errors)
    finally:
        info.context.look_anew()


async def follow_up_payload(
    info: Info, use_case: Awaitable[FollowUpId], there: FollowUpId | None = None
) -> FollowUpPayload:
    """`there` is the follow-up that is shown where the use case was refused."""
    done, errors = await outcome_of(info, use_case)
    found = await info.context.loaders.follow_up(there if done is None else done)
    return FollowUpPayload(follow_up=None if found is None else FollowUp.of(found), errors=errors)


async def participant_payload(
    info: Info, use_case: Awaitable[ParticipantId], there: ParticipantId
) -> ParticipantPayload:
    """`there` is the participant that is shown where the use case was refused."""
    _, errors = await outcome_of(info, use_case)
    found = await info.context.loaders.participant(there)
    return ParticipantPayload(participant=None if found is None else Participant.of(found), errors=errors)
