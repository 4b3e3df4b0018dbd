"""What is told of an operation that took too long."""

import pytest

from invito.plugins.contract import Language
from invito.schema.errors import took_too_long
from invito.services.language import current_language


@pytest.mark.parametrize(
    ("limit", "took", "told"),
    [
        (0.001, 0.0432101, (0.001, 0.044)),
        (0.0004, 0.0004001, (0.0004, 0.001)),
        (10.0, 10.0, (10, 10)),
        # Two clocks measure, and one may be a little ahead.
        (10.0, 9.9981, (10, 10)),
    ],
)
def test_the_seconds_are_told_as_they_were_set_and_as_they_were(
    limit: float, took: float, told: tuple[float, float]
) -> None:
    error = took_too_long(limit, took)

    extensions = error.extensions or {}
    assert repr((extensions["limit"], extensions["value"])) == repr(told)
    assert f"longer than {told[0]} s and" in error.message


def test_the_seconds_are_told_in_norwegian_too() -> None:
    token = current_language.set(Language.NB)

    error = took_too_long(0.5, 0.6)
    current_language.reset(token)

    assert "mer enn 0.5 s og" in error.message
