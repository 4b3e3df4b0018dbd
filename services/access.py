"""Who may change anything at all."""

from invito.services.caller import Caller
from invito.services.errors import Refusal, UserErrorCode, user_error


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
