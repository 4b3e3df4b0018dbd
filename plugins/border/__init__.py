"""What a plugin answers is looked at here, before anything of ours touches it.

Each check gives the answer back in a form of our own, or raises WrongAnswer, which says which entry and which field.
It runs where the plugin's own code does, within the call's time limit, since reading an answer may be code of theirs.
"""

from collections.abc import Callable

from invito.plugins.border.busy import busy_of_each, busy_of_some
from invito.plugins.border.entries import extended_entries, found_entries, resolved_entries
from invito.plugins.border.mail import mail_message, mail_transport, words_of_transport
from invito.plugins.border.pages import container_page, entry_page
from invito.plugins.border.reading import WrongAnswer
from invito.plugins.border.viewers import authenticated_viewer

Check = Callable[[object], object]

__all__ = [
    "Check",
    "WrongAnswer",
    "authenticated_viewer",
    "busy_of_each",
    "busy_of_some",
    "container_page",
    "entry_page",
    "extended_entries",
    "found_entries",
    "mail_message",
    "mail_transport",
    "resolved_entries",
    "words_of_transport",
]
