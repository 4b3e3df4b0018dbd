"""How long a declined invitation can be taken up again (F22)."""

from datetime import datetime
from zoneinfo import ZoneInfo

from invito.services.errors import Path, Refusal, UserErrorCode, user_error
from invito.services.follow_ups.times import end_of_the_day_after
from invito.services.follow_ups.values import FollowUp, Participant, ParticipantStatus


def last_moment_to_take_up(follow_up: FollowUp) -> datetime:
    """The end of the day after the follow-up ends, an instant (F22)."""
    return end_of_the_day_after(follow_up.end, ZoneInfo(follow_up.time_zone))


def check_time(follow_up: FollowUp, there: Participant, status: ParticipantStatus, now: datetime, at: Path) -> None:
    """Declined ones can be taken up again until the end of the day after the follow-up ends (F22).

    :raises Refusal: INVALID_TIME.
    """
    takes_up = there.status is ParticipantStatus.DECLINED and status is not ParticipantStatus.DECLINED
    if takes_up and now >= last_moment_to_take_up(follow_up):
        message = "It is over: a declined invitation can be taken up until the end of the day after it."
        raise Refusal(user_error(UserErrorCode.INVALID_TIME, at, message))
