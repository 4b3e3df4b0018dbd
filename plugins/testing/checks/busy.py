"""Who is busy when, for sources that know."""

from datetime import timedelta

from invito.plugins.border import WrongAnswer, busy_of_each
from invito.plugins.contract import Span
from invito.plugins.source import Source
from invito.plugins.testing.facts import Broken, NotChecked, expect, given, shown
from invito.plugins.testing.trial import Trial

_GIVE = "somebody and a span in which they are busy: Facts(busy=(reference, span))"
_HOUR = timedelta(hours=1)


async def busy_answers_for_each_reference(trial: Trial) -> None:
    """`busy` answers for each reference in order: spans, an empty list for who is free, None where nobody knows."""
    reference, span = _known(trial)
    asked = ["nobody:1", reference, "nobody:2", reference]
    answers = await trial.busy(asked, span)

    expect(bool(answers[1]), f"{reference!r} is busy within {shown(span)}, and {shown(answers[1])} was answered.")
    expect(answers[1] == answers[3], "The same reference, asked for twice, has two answers.")
    expect(not answers[0] and not answers[2], "Somebody whom the source does not know is busy.")
    expect(len(await trial.busy([], span)) == 0, "Nobody was asked for, and somebody is busy.")


async def busy_spans_are_in_utc(trial: Trial) -> None:
    """Busy spans are Spans between two UTC instants."""
    reference, span = _known(trial)
    try:
        busy_of_each(await trial.busy([reference], span), [reference])
    except WrongAnswer as wrong:
        raise Broken(f"Invito would refuse an answer: {wrong} ({wrong.value}).") from wrong


async def busy_spans_are_half_open(trial: Trial) -> None:
    """Busy spans are half-open: whoever is busy until noon is free from noon on, and until it begins."""
    reference, span = _known(trial)
    for one in (await trial.busy([reference], span))[0] or ():
        for beside in (Span(one.end, one.end + _HOUR), Span(one.start - _HOUR, one.start)):
            answered = (await trial.busy([reference], beside))[0] or ()
            expect(one not in answered, f"{shown(one)} is back to back with {shown(beside)}, and answered for it.")


async def busy_spans_are_of_the_time_asked_for(trial: Trial) -> None:
    """Busy spans overlap the time that was asked for, and nothing else is answered."""
    reference, span = _known(trial)
    for asked in (span, Span(span.start, span.start + (span.end - span.start) / 2)):
        for one in (await trial.busy([reference], asked))[0] or ():
            expect(one.overlaps(asked), f"{shown(one)} does not overlap {shown(asked)}, which was asked for.")


def _known(trial: Trial) -> tuple[str, Span]:
    if type(trial.source).busy is Source.busy:
        raise NotChecked("The source knows no calendars (`busy`).")
    return given(trial.facts.busy, _GIVE)
