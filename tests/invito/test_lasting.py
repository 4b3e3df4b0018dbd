"""The garbage collector leaves alone what lasts."""

from __future__ import annotations

import gc

from invito.lasting import lasting


def test_what_is_there_is_not_looked_at_until_the_end() -> None:
    there = [object() for _ in range(3)]

    with lasting():
        is_looked_at = any(one is there for one in gc.get_objects())

    assert not is_looked_at
    assert any(one is there for one in gc.get_objects())
