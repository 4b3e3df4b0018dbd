"""Who may change anything at all, and who may change a follow-up (F2)."""

from invito.services.errors import Path, Refusal, UserErrorCode, user_error
from invito.services.follow_ups.values import FollowUp
from invito.services.follow_ups.visibility import owns
from invito.services.house import Caller


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


def check_is_employee(caller: Caller) -> None:
    """
    :raises Refusal: FORBIDDEN, for an address that no employee has.
    """
    if caller.employee is None:
        message = "No employee has your e-mail address: you may change nothing."
        raise Refusal(user_error(UserErrorCode.FORBIDDEN, (), message))


def check_administrator(caller: Caller) -> None:
    """
    :raises Refusal: FORBIDDEN, for whoever is no administrator.
    """
    if not caller.is_administrator:
        raise Refusal(user_error(UserErrorCode.FORBIDDEN, (), "Only administrators may change this."))
