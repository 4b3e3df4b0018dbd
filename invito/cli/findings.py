"""Findings as lines: how each turned out, the sentence, and below it what to do."""

from rich.console import Console

from invito.services.deliverability.findings import Finding, Outcome

_SHOWN = {Outcome.GOOD: "[green]good [/]", Outcome.DOUBTFUL: "[yellow]look [/]", Outcome.WRONG: "[red]wrong[/]"}
_INDENTED = " " * 6


def findings_console() -> Console:
    return Console(soft_wrap=True, highlight=False)


def show(console: Console, finding: Finding) -> None:
    console.print(_SHOWN[finding.outcome], end=" ")
    console.print(finding.sentence, markup=False)
    if finding.to_do is not None:
        console.print(f"{_INDENTED}{finding.to_do}", markup=False)
