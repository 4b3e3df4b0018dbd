"""What was typed to search by, before anybody is asked."""

from invito.plugins.names import search_terms
from invito.services.errors import Unanswerable, UnanswerableCode
from invito.services.language import translate

MOST_IN_SEARCH = 200


def search_text(typed: str | None) -> str:
    """
    :raises Unanswerable: LIMIT_EXCEEDED, where it is longer than anybody types.
    """
    wanted = (typed or "").strip()
    if len(wanted) > MOST_IN_SEARCH:
        message = translate("A search has at most {most} characters.").format(most=MOST_IN_SEARCH)
        raise Unanswerable(
            UnanswerableCode.LIMIT_EXCEEDED, message, ("search",), limit=MOST_IN_SEARCH, value=len(wanted)
        )
    return wanted


def finds_nothing(search: str) -> bool:
    """Whether something was typed that holds no word: it is the prefix of no name."""
    return bool(search) and not search_terms(search)
