"""Busy spans of a plugin."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from invito.plugins.border.reading import WrongAnswer, is_not, one_for_each, sequence_of
from invito.plugins.contract import Span

_MOST_SPANS_OF_ONE = 10_000


def busy_of_each(answer: object, asked: Sequence[str]) -> Sequence[Sequence[Span] | None]:
    """The spans of each reference asked for, None where nobody knows.

    :raises WrongAnswer: there are more or fewer, or something else.
    """
    found: list[Sequence[Span] | None] = []
    for place, spans in enumerate(one_for_each(answer, len(asked), "lists of spans or None")):
        found.append(None if spans is None else _spans_of(spans, place))
    return found


def busy_of_some(answer: object, asked: Sequence[str]) -> Mapping[str, Sequence[Span] | None]:
    """The spans of those references that the plugin knows of, None where it could not ask.

    :raises WrongAnswer: it is no dict, names others than those asked for, or holds something else.
    """
    if type(answer) is not dict:
        raise is_not(answer, "a dict of references and their spans or None")
    if len(answer) > len(asked):
        raise WrongAnswer(f"{len(answer):,} references, where {len(asked):,} were asked for")
    known = frozenset(asked)
    found: dict[str, Sequence[Span] | None] = {}
    for place, (reference, spans) in enumerate(answer.items()):
        if type(reference) is not str or reference not in known:
            raise WrongAnswer(f"reference {place} is none of those asked for", reference)
        found[reference] = None if spans is None else _spans_of(spans, place)
    return found


def _spans_of(answer: object, place: int) -> Sequence[Span]:
    try:
        spans = sequence_of(answer, _MOST_SPANS_OF_ONE, "spans")
        for number, span in enumerate(spans):
            _check_span(number, span)
    except WrongAnswer as wrong:
        raise wrong.at(f"reference {place}") from None
    return list(spans)


def _check_span(number: int, span: object) -> None:
    if type(span) is not Span:
        raise is_not(span, "a Span").at(f"span {number}")
    start, end = span.start, span.end
    # Who writes into a frozen span can give it anything.
    if type(start) is not datetime or type(end) is not datetime:
        raise is_not(start if type(start) is not datetime else end, "a datetime").at(f"span {number}")
    if start.tzinfo is not UTC or end.tzinfo is not UTC:
        raise WrongAnswer(f"span {number}: an instant is not in UTC")
    if end <= start:
        raise WrongAnswer(f"span {number}: the end does not come after the start")
