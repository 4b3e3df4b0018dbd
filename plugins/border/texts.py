"""Texts of a plugin: plain ones, bounded, without characters that no name has."""

from invito.plugins.border.reading import WrongAnswer, is_not
from invito.plugins.failures import class_name
from invito.plugins.texts import NO_TEXT


def check_text(field: str, text: object, most: int) -> None:
    """Look closely at a text that is not plainly good.

    :raises WrongAnswer: it is no `str`, empty, too long, or has characters that are no text.
    """
    if type(text) is not str:
        if isinstance(text, str):
            raise WrongAnswer(f"{field} is {class_name(text)}, which is more than a str: give str(…)", text)
        raise is_not(text, "a str").at(field)
    if not text:
        raise WrongAnswer(f"{field} is empty")
    if len(text) > most:
        raise WrongAnswer(f"{field} has {len(text):,} characters, at most {most:,} are kept", text)
    found = NO_TEXT.search(text)
    if found is not None:
        raise WrongAnswer(f"{field} has a character that is no text: U+{ord(found[0]):04X} at {found.start()}", text)
