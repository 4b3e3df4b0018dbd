"""The time of a change."""

from datetime import datetime

from invito.services.follow_ups.values import FollowUp
from invito.services.house import House


def time_of_change(house: House, held: FollowUp) -> datetime:
    """The present as a UTC instant, for a change of a follow-up that is held already.

    Read earlier, it would be from before the wait for other writers, and whoever polls by `updatedSince` would have
    passed it. It is never below the last change's, though another replica's clock may have been ahead.
    """
    return max(house.now(), held.updated_at)
