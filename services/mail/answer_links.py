"""The address of the page that a mail's answer buttons link to (F18)."""

from invito.services.follow_ups.taking_up import last_moment_to_take_up
from invito.services.follow_ups.values import FollowUp
from invito.services.house import House
from invito.services.ids import ParticipantId


def answer_link(house: House, follow_up: FollowUp, participant: ParticipantId) -> str | None:
    """The address of a participant's answer page, None where people cannot reach this service.

    It is good as long as a declined invitation can be taken up.
    """
    base = house.rules.mail.public_url
    return None if base is None else f"{base}/answer/{house.keys.link(participant, last_moment_to_take_up(follow_up))}"
