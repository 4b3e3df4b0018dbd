"""Reading an answer within bounds: nothing is iterated that has no end, or more than was asked for."""

from collections.abc import Sequence
from itertools import islice
from typing import Any, Self

from invito.plugins.failures import class_name

# Whose text cannot be code of the plugin.
_PLAIN = (str, int, float, bool, bytes)


class WrongAnswer(Exception):
    """What a plugin answered is not what the contract says. The message holds nothing of the answer itself.

    `value` is what was wrong, as a short text, for logs at DEBUG alone.
    """

    def __init__(self, problem: str, value: object = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.value = repr(value)[:200] if type(value) in _PLAIN else class_name(value)

    def at(self, place: str) -> Self:
        """The same, with where it was found."""
        self.problem = f"{place}: {self.problem}"
        self.args = (self.problem,)
        return self


def is_not(value: object, expected: str) -> WrongAnswer:
    """The complaint that a value is of another kind."""
    kind = "None" if value is None else class_name(value)
    return WrongAnswer(f"{kind}, where {expected} is expected", value)


def sequence_of(answer: object, most: int, what: str) -> Sequence[Any]:
    """The items of a list, a tuple or another sequence, at most so many.

    :raises WrongAnswer: it is none (a text and a generator are none), or longer.
    """
    if type(answer) is list or type(answer) is tuple:
        if len(answer) > most:
            raise WrongAnswer(f"{len(answer):,} {what}, where at most {most:,} are expected")
        return answer
    if not isinstance(answer, Sequence) or isinstance(answer, str | bytes | bytearray):
        raise is_not(answer, f"a list or tuple of {what}")
    items = list(islice(iter(answer), most + 1))
    if len(items) > most:
        raise WrongAnswer(f"more than {most:,} {what}")
    return items


def one_for_each(answer: object, asked: int, what: str) -> Sequence[Any]:
    """
    :raises WrongAnswer: it is no sequence, or has more or fewer items than were asked for.
    """
    items = sequence_of(answer, asked, what)
    if len(items) != asked:
        raise WrongAnswer(f"{len(items):,} {what}, where {asked:,} were asked for")
    return items
