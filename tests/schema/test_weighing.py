"""What is memoised weighs the same as what is written out."""

import tracemalloc
from dataclasses import astuple

from graphql import (
    FragmentDefinitionNode,
    OperationDefinitionNode,
    parse,
)
from graphql.language import print_ast
from hypothesis import given
from hypothesis import strategies as st

from invito.schema import build_schema
from invito.schema.scales import Scales
from invito.schema.weight import weight_of

SCHEMA = build_schema()._schema
_FRAGMENTS = 4


@st.composite
def selections(draw: st.DrawFn, lowest_fragment: int, depth: int = 3) -> str:
    """Selections on a FollowUp, which spread fragments of higher numbers alone."""
    parts = ["id", "a: title", "owner { name }", "b: owner { id }", "... @include(if: true) { title }"]
    parts += [f"...F{number}" for number in range(lowest_fragment, _FRAGMENTS)]
    chosen = draw(st.lists(st.sampled_from(parts), min_size=1, max_size=4))
    if depth and draw(st.booleans()):
        size = draw(st.integers(0, 500))
        inner = draw(selections(lowest_fragment, depth - 1))
        page = draw(st.sampled_from([f"(first: {size})", "(first: $n)", ""]))
        chosen.append(f"p{depth}: participants{page} {{ nodes {{ followUp {{ {inner} }} }} pageInfo {{ endCursor }} }}")
    return " ".join(chosen)


@st.composite
def documents(draw: st.DrawFn) -> str:
    fragments = [
        f"fragment F{number} on FollowUp {{ {draw(selections(number + 1, 1))} }}" for number in range(_FRAGMENTS)
    ]
    body = draw(selections(0))
    return f"query ($n: Int = 7) {{ followUps {{ nodes {{ {body} }} }} }} " + " ".join(fragments)


def written_out(document: str) -> str:
    """The document with an inline fragment in place of each spread."""
    tree = parse(document)
    fragments = {one.name.value: one for one in tree.definitions if isinstance(one, FragmentDefinitionNode)}
    (operation,) = (one for one in tree.definitions if isinstance(one, OperationDefinitionNode))
    text = print_ast(operation)
    while "...F" in text:
        for name, fragment in fragments.items():
            text = text.replace(f"...{name}", f"... on FollowUp {print_ast(fragment.selection_set)}")
    return text


@given(documents(), st.integers(0, 600))
def test_fragments_weigh_what_they_are_spread_as(text: str, size: int) -> None:
    tuples = []
    for one in (text, written_out(text)):
        document = parse(one)
        (operation,) = (node for node in document.definitions if isinstance(node, OperationDefinitionNode))
        tuples.append(astuple(weight_of(SCHEMA, document, operation, {"n": size}, 500)))

    assert tuples[0] == tuples[1]


@given(documents(), st.lists(st.integers(0, 600), min_size=2, max_size=4))
def test_what_is_kept_is_what_would_be_weighed(text: str, sizes: list[int]) -> None:
    scales, document = Scales(), parse(text)

    kept = [scales.weigh(SCHEMA, text, document, None, {"n": size}, 500) for size in sizes * 2]

    assert kept == [Scales().weigh(SCHEMA, text, document, None, {"n": size}, 500) for size in sizes * 2]


def test_of_a_long_document_little_is_kept() -> None:
    scales, document = Scales(), parse("{ followUps { totalCount } }")
    tracemalloc.start()

    for number in range(20):
        assert scales.weigh(SCHEMA, "{ followUps { totalCount } } #" + str(number) * 50_000, document, None, {}, 500)
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert taken < 50_000
