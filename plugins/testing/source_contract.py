"""The test class that an author derives from: one test a check."""

from collections.abc import Callable, Coroutine
from typing import Any, ClassVar, cast

from invito.plugins.source import Source
from invito.plugins.testing.checks import CHECKS, Check
from invito.plugins.testing.facts import Broken, Facts, NotChecked
from invito.plugins.testing.trial import Trial

RunOnLoop = Callable[[Coroutine[Any, Any, object]], Any]


class SourceContract:
    """Whether a source keeps what the contract promises, one test a promise; those that it cannot know are skipped.

    Give the source as the attribute `source`, or by a fixture `invito_source` of your own where it has to be opened;
    and likewise `facts`, or a fixture `invito_facts`. A test that is not to hold may be written anew under its name.
    """

    source: ClassVar[Source]
    facts: ClassVar[Facts] = Facts()


def _test_of(check: Check) -> Callable[[SourceContract, Trial, RunOnLoop], None]:
    def test(_: SourceContract, invito_trial: Trial, invito_loop: RunOnLoop) -> None:
        # Here alone: whoever runs no tests has no pytest.
        import pytest  # noqa: PLC0415

        try:
            invito_loop(cast("Coroutine[Any, Any, None]", check(invito_trial)))
        except NotChecked as reason:
            pytest.skip(str(reason))
        except Broken as problem:
            # The sentence says it all; where the kit stood when it found out is no help.
            pytest.fail(str(problem), pytrace=False)

    test.__name__ = f"test_{check.__name__}"
    test.__qualname__ = f"{SourceContract.__name__}.{test.__name__}"
    test.__doc__ = check.__doc__
    return test


for _check in CHECKS:
    setattr(SourceContract, f"test_{_check.__name__}", _test_of(_check))
