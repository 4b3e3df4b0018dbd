"""What plugin authors read is so: the tutorial's source keeps its promises at each step, and the reference is fresh."""

import asyncio
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from graphql import build_schema, parse, validate

from invito.cli.plugins.reference_pages import reference
from invito.plugins.testing import Facts, Finding, Trial, Verdict, findings

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs" / "plugins"
PAGES = sorted(DOCS.glob("*.md"))
TUTORIAL = (DOCS / "tutorial.md").read_text()
STEPS = re.findall(r"```python\n(.*?)```", TUTORIAL, re.DOTALL)
CLASS = "class Speakers(Source):\n"
# What is known of the source after each step, as the page says.
FACTS = ["reference", "container", "address", "busy"]
# Which promises each further step brings into play.
SAID = [
    "a_page_is_as_long_as_asked_for",
    "all_is_the_union_of_the_containers",
    "addresses_are_found_whatever_their_capitals",
    "busy_spans_are_half_open",
]


def module(name: str, code: str) -> Any:
    made = ModuleType(name)
    exec(code, made.__dict__)
    return made


async def all_findings(source: Any, facts: Facts) -> list[Finding]:
    trial = Trial(source, facts)
    found = [one async for one in findings(trial)]
    trial.close()
    return found


def test_the_reference_is_what_the_code_says() -> None:
    assert (DOCS / "reference.md").read_text() == reference(), "stale: run `make docs`"


@pytest.mark.parametrize("steps", range(1, len(STEPS)))
def test_the_tutorials_source_keeps_every_promise_after_each_step(steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    first, *later = STEPS[:steps]
    # Each further step shows the class again, with the methods that join or replace those of before.
    speakers = module("speakers", first + "".join(step.removeprefix(CLASS) for step in later))
    monkeypatch.setitem(sys.modules, "speakers", speakers)
    whole = module("test_speakers", STEPS[-1]).TestSpeakers.facts
    facts = Facts(**{name: getattr(whole, name) for name in FACTS[:steps]})

    (source,) = speakers.invito_participant_sources()
    found = asyncio.run(all_findings(source, facts))

    assert [(one.name, one.reason) for one in found if one.verdict is Verdict.BROKEN] == []
    assert set(SAID[:steps]) <= {one.name for one in found if one.verdict is Verdict.KEPT}


def test_the_tutorial_says_which_facts_each_step_makes_so() -> None:
    said = re.findall(r"`(\w+)`(?:\s+too)?\s+after step (\d)", TUTORIAL)

    assert said == [(fact, str(step)) for step, fact in enumerate(FACTS, 1)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_query_is_one_that_the_schema_has(page: Path) -> None:
    schema = build_schema((ROOT / "schema" / "schema.graphql").read_text())

    for query in re.findall(r"```graphql\n(.*?)```", page.read_text(), re.DOTALL):
        assert validate(schema, parse(query)) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", page.read_text()):
        file, _, heading = target.partition("#")
        there = (DOCS / file) if file else page
        assert there.is_file(), target
        headings = [re.sub(r"[^a-z0-9 -]", "", one.lower()).replace(" ", "-") for one in _headings(there)]
        assert not heading or heading in headings, target


@pytest.mark.parametrize("page", [page for page in PAGES if page.name != "reference.md"], ids=lambda page: page.name)
def test_every_piece_of_python_can_be_read(page: Path) -> None:
    for code in re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL):
        compile(code, page.name, "exec")


def test_the_promises_that_the_docs_speak_of_are_so_many() -> None:
    count = (DOCS / "reference.md").read_text().count("- `test_")

    assert 55 <= count <= 65, "the tutorial says that there are some sixty"


def _headings(page: Path) -> list[str]:
    return re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)


def test_the_readmes_source_has_twenty_lines() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)

    assert sum(1 for line in code.splitlines() if line.strip()) == 20
