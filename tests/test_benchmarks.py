"""The benchmarks run: what they measure is still there. Their figures are no test's business."""

from benchmarks import __main__ as benchmarks


async def test_every_measurement_gives_both_figures() -> None:
    results = await benchmarks.measure("SQLite", quick=True)

    assert [label for label, _ in results][:4] == [
        "page of 50, over HTTP",
        "page of 500, over HTTP",
        "page of 1,000, over HTTP",
        "inviting 100, over HTTP",
    ]
    assert len(results) == 4 + 6 + 2
    assert all(pair.ours > 0 and pair.theirs > 0 for _, pair in results)
