"""Whether answers find a server."""

from __future__ import annotations

import pytest

from invito.services.deliverability.arrival import check_arrival
from invito.services.deliverability.findings import Finding, Outcome
from tests.services.deliverability.conftest import TableReader

HERE = "office.example"


async def said(dns: TableReader) -> Finding:
    (finding,) = await check_arrival(dns, HERE)
    return finding


@pytest.mark.parametrize(
    ("dns", "outcome", "words"),
    [
        (TableReader().mx(HERE, "20 b.example.", "10 a.example.").host("a.example", "b.example"), Outcome.GOOD,
         "goes to a.example, b.example."),
        (TableReader().mx(HERE, "0 ."), Outcome.WRONG, "null MX"),
        (TableReader().host(HERE), Outcome.DOUBTFUL, "no MX record"),
        (TableReader().txt(HERE, "x"), Outcome.WRONG, "neither MX records nor addresses"),
        (TableReader(), Outcome.WRONG, "neither MX records nor addresses"),
        (TableReader().mx(HERE, "10 gone.example."), Outcome.WRONG, "no server of office.example has an address"),
        (TableReader().mx(HERE, "10 a.example.", "20 gone.example.").host("a.example"), Outcome.DOUBTFUL,
         "gone.example"),
        (TableReader(failing=frozenset({HERE})), Outcome.WRONG, "does not answer"),
        (TableReader(failing=frozenset({"a.example"})).mx(HERE, "10 a.example."), Outcome.GOOD, "a.example"),
    ],
)  # fmt: skip
async def test_what_is_said_of_the_way_that_answers_take(dns: TableReader, outcome: Outcome, words: str) -> None:
    finding = await said(dns)

    assert finding.outcome is outcome
    assert words in finding.sentence
    assert (finding.to_do is None) == (outcome is Outcome.GOOD)
