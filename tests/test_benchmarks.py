"""The benchmarks run: what they measure is still there. Their figures are no test's business."""

import pytest

from benchmarks import __main__ as benchmarks
from benchmarks.attack_table import measure_attacks
from benchmarks.data import Size
from benchmarks.page_table import measure_pages


async def test_every_measurement_gives_both_figures() -> None:
    results = await benchmarks.measure("SQLite", quick=True)

    assert next(label for label, _ in results) == "inviting 100, over HTTP"
    assert len(results) == 1 + 6 + 2
    assert all(pair.ours > 0 and pair.theirs > 0 for _, pair in results)


@pytest.mark.parametrize("kind", ["SQLite", "PostgreSQL"])
async def test_pages_are_measured_beside_those_of_others(kind: str) -> None:
    figures = await measure_pages(kind, Size(employees=2_000, persons=0, spans=5_000), quick=True)

    others = {"Invito", "bare", "Strawberry", "Ariadne"} | ({"Mercurius"} if kind == "PostgreSQL" else set())
    for by_size in (figures.medians, figures.rates):
        assert list(by_size) == [50, 500, 1_000]
        assert all(set(one) == others and min(one.values()) > 0 for one in by_size.values())


async def test_attacks_are_refused_and_measured_beside_a_small_query() -> None:
    beyond, at_the_limit = await measure_attacks(quick=True)

    assert {one.answer.partition(":")[0].partition(",")[0] for one in beyond} == {"LIMIT_EXCEEDED", "INVALID_INPUT"}
    assert {one.answer for one in at_the_limit} == {"answered"}
    assert all(min(one.attack, one.small, one.lag, one.small_lag) > 0 for one in [*beyond, *at_the_limit])


async def test_mails_go_out_with_one_worker_and_with_two() -> None:
    rates = await benchmarks.measure_mail("SQLite", quick=True)

    assert [rate.label for rate in rates] == [
        "1 worker, 10 mails sent before",
        "2 workers, 10 mails sent before",
        "1 worker, 1,000 mails sent before",
        "2 workers, 1,000 mails sent before",
    ]
    assert all(rate.ours > 0 and rate.theirs > 0 for rate in rates)


async def test_the_plugin_layer_is_measured_beside_bare_calls_and_healthy_plugins_beside_broken_ones() -> None:
    figures = await benchmarks.measure_plugins(quick=True)

    assert [call.label for call in figures.calls] == [
        "async, its answer not looked at",
        "async",
        "plain, through a thread",
    ]
    assert len(figures.besides) == 7
    assert all(one.beside > 0 and one.alone > 0 for one in figures.besides)
    assert figures.check_microseconds > 0
    assert figures.start_seconds > 0


async def test_answers_are_taken_in_with_one_worker_and_with_two() -> None:
    rates = await benchmarks.measure_answers("SQLite", quick=True)

    assert [rate.label for rate in rates] == [
        "1 worker, 10 mails taken in before",
        "2 workers, 10 mails taken in before",
        "1 worker, 1,000 mails taken in before",
        "2 workers, 1,000 mails taken in before",
    ]
    assert all(rate.ours > 0 and rate.theirs > 0 for rate in rates)


async def test_answers_are_seen_by_each_way_in() -> None:
    results = await benchmarks.measure_ways("SQLite", quick=True)

    assert [way for way, _ in results] == ["IMAP", "LMTP", "HTTP"]
    assert all(pair.ours > 0 and pair.theirs > 0 for _, pair in results)
