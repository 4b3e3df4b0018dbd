"""What one can look at: topics are the names that pokes go by."""

from invito.services.ids import FollowUpId


def follow_up_topic(follow_up: FollowUpId) -> str:
    return f"follow_up:{follow_up}"


def notification_topic(reference: str) -> str:
    return f"notification:{reference}"
