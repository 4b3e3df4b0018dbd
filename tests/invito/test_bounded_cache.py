"""A cache holds what was asked for last, and never more than its bounds."""

from hypothesis import given
from hypothesis import strategies as st

from invito.bounded_cache import BoundedCache

KEYS = st.integers(0, 5)
# A size to keep something with; None to ask for it.
STEPS = st.lists(st.tuples(KEYS, st.none() | st.integers(0, 12)), max_size=40)


@given(STEPS, st.integers(1, 4), st.integers(0, 10))
def test_the_longest_row_of_what_was_asked_for_last_is_kept_that_fits(
    steps: list[tuple[int, int | None]], most_entries: int, most_size: int
) -> None:
    cache: BoundedCache[int, tuple[int, int]] = BoundedCache(most_entries, most_size)
    # As the cache should be, from what was asked for the longest ago to what was last.
    expected: list[tuple[int, tuple[int, int]]] = []

    for number, (key, size) in enumerate(steps):
        known = dict(expected).get(key)
        expected = [one for one in expected if one[0] != key]
        if size is None:
            assert cache.get(key) == known
            expected += [] if known is None else [(key, known)]
        else:
            value = (number, size)
            assert cache.keep(key, value, size) == value
            expected += [(key, value)] if size <= most_size else []
        while len(expected) > most_entries or sum(kept for _, (_, kept) in expected) > most_size:
            expected.pop(0)

        assert held_by(cache) == expected


def test_what_is_larger_than_all_may_be_together_displaces_nothing() -> None:
    cache: BoundedCache[str, str] = BoundedCache(9, 9)
    cache.keep("small", "a", 9)

    cache.keep("large", "b", 10)

    assert held_by(cache) == [("small", "a")]


def held_by(cache: BoundedCache[str, str] | BoundedCache[int, tuple[int, int]]) -> list[tuple[object, object]]:
    """All that it holds, what was asked for last at the end, without asking for any of it."""
    return [(key, value) for key, (value, _) in cache._entries.items()]
