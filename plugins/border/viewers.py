"""The answer of a plugin that knows who asks."""

from datetime import datetime

from invito.plugins.authentication import AuthenticatedViewer
from invito.plugins.border.reading import WrongAnswer, is_not
from invito.plugins.border.texts import check_text
from invito.plugins.texts import MOST_IN_ADDRESS


def authenticated_viewer(answer: object) -> AuthenticatedViewer | None:
    """
    :raises WrongAnswer: it is neither None nor a viewer with an address, a truth and an instant.
    """
    if answer is None:
        return None
    if type(answer) is not AuthenticatedViewer:
        raise is_not(answer, "an AuthenticatedViewer or None")
    check_text("email", answer.email, MOST_IN_ADDRESS)
    if "@" not in answer.email:
        raise WrongAnswer("email is no e-mail address", answer.email)
    if type(answer.is_administrator) is not bool:
        raise is_not(answer.is_administrator, "a bool").at("is_administrator")
    until: object = answer.until
    if until is not None and (not isinstance(until, datetime) or until.tzinfo is None):
        raise WrongAnswer("until is no datetime with an offset from UTC")
    return answer
