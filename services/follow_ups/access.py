"""Who may change a follow-up (F2)."""

from invito.services.access import check_is_employee
from invito.services.caller import Caller
from invito.services.errors import Path, Refusal, UserErrorCode, user_error
from invito.services.follow_ups.values import FollowUp
from invito.services.follow_ups.visibility import owns


def check_may_change(caller: Caller, follow_up: FollowUp | None, at: Path) -> FollowUp:
    """The follow-up, where the caller may change it (F2).

    :raises Refusal: FORBIDDEN for whoever is no employee, NOT_FOUND for who does not see it, NOT_OWNER.
    """
    check_is_employee(caller)
    if follow_up is None:
        raise Refusal(user_error(UserErrorCode.NOT_FOUND, at, "There is nothing of this id that you may see."))
    if not owns(caller, follow_up):
        raise Refusal(user_error(UserErrorCode.NOT_OWNER, at, "Only the owner changes a follow-up."))
    return follow_up
