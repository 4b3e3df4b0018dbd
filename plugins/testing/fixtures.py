"""The kit's pytest plugin (entry point `pytest11`): fixtures that try a source, each to be replaced by yours.

A fixture that has to open something, such as a connection, does so by `invito_loop`, on the loop where the source is
asked; pytest alone is enough for that.
"""

import asyncio
from collections.abc import Callable, Iterator

import pytest

from invito.plugins.source import Source, SourceContext
from invito.plugins.testing.facts import Facts
from invito.plugins.testing.source_contract import RunOnLoop, SourceContract
from invito.plugins.testing.trial import Trial

_NO_SOURCE = "Say which source is tried: `source = …` in the class, or a fixture `invito_source`."


@pytest.fixture
def invito_loop() -> Iterator[RunOnLoop]:
    """Runs a coroutine to its end, on the one loop of the test."""
    with asyncio.Runner() as runner:
        yield runner.run


@pytest.fixture
def invito_source(request: pytest.FixtureRequest) -> Source:
    """The source that is tried: the attribute `source` of the test's class."""
    source = getattr(request.cls, "source", None)
    if not isinstance(source, Source):
        pytest.fail(_NO_SOURCE, pytrace=False)
    return source


@pytest.fixture
def invito_facts(request: pytest.FixtureRequest) -> Facts:
    """What is known of the source: the attribute `facts` of the test's class."""
    facts = getattr(request.cls, "facts", SourceContract.facts)
    assert isinstance(facts, Facts), "`facts` should be Facts(…)"
    return facts


@pytest.fixture
def invito_directory() -> object:
    """What `Directory.of(context)` hands to the source; nothing, for sources that do not ask for it."""
    return None


@pytest.fixture
def invito_trial(invito_source: Source, invito_facts: Facts, invito_directory: object) -> Iterator[Trial]:
    """The source, asked as a running Invito does."""
    trial = Trial(invito_source, invito_facts, invito_directory)
    yield trial
    trial.close()


@pytest.fixture
def invito_context(invito_trial: Trial) -> SourceContext:
    """A context for tests of your own that ask the source directly."""
    return invito_trial.context()


@pytest.fixture
def invito_ask(invito_trial: Trial, invito_loop: RunOnLoop) -> Callable[..., object]:
    """Asks a method, plain or async: `invito_ask(source.resolve, ["hotel:101"])`. The context is given by the kit."""

    def ask(method: Callable[..., object], *arguments: object) -> object:
        return invito_loop(trial_ask(method, *arguments))

    trial_ask = invito_trial.ask
    return ask
