"""A notification as a value."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import NewType

from invito.services.ids import FollowUpId, ParticipantId

NotificationId = NewType("NotificationId", int)


class NotificationKind(Enum):
    """What somebody is told: the first four are for invitees, the others for owners."""

    INVITED = "INVITED"
    CHANGED = "CHANGED"
    CANCELLED = "CANCELLED"
    REMOVED = "REMOVED"
    ACCEPTED = "ACCEPTED"
    TENTATIVE = "TENTATIVE"
    DECLINED = "DECLINED"
    PROPOSED_TIME = "PROPOSED_TIME"
    EMAIL_FAILED = "EMAIL_FAILED"
    UNVERIFIED_ANSWER = "UNVERIFIED_ANSWER"
    OUTDATED_ANSWER = "OUTDATED_ANSWER"
    UNINVITED_ANSWER = "UNINVITED_ANSWER"


@dataclass(frozen=True, slots=True)
class Notification:
    """`actor` is who did it, `start` the follow-up's as a UTC instant at that time, meant in `time_zone`.

    Of what lasts all day (`is_all_day`), the day in that zone is meant, wherever it is read.
    """

    id: NotificationId
    kind: NotificationKind
    follow_up_id: FollowUpId
    participant_id: ParticipantId | None
    actor: str
    title: str
    comment: str | None
    start: datetime
    time_zone: str
    is_all_day: bool
    created_at: datetime
    acknowledged_at: datetime | None
