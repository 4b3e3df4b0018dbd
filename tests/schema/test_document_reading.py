"""A document is measured as it is written, before anything is done with it, and says where its mistakes are."""

import pytest
from graphql import Source, build_schema, parse
from hypothesis import given
from hypothesis import strategies as st

from invito.schema.document_reading import mistakes_in, read_document
from invito.schema.document_shape import Shape, shape_of
from invito.schema.lined_source import LinedSource
from invito.schema.operation_limits import OperationLimits

SCHEMA = build_schema("type Query { one: Int }")


@given(st.lists(st.sampled_from(["\r\n", "\n", "\r", " ", "a"]), max_size=30))
def test_places_are_those_of_the_library(parts: list[str]) -> None:
    text, positions = "".join(parts), [len("".join(parts[:end])) for end in range(len(parts) + 1)]
    # What comes together by chance is one newline.
    places = [one for one in positions if text[max(one - 1, 0) : one + 1] != "\r\n"]

    assert [*map(LinedSource(text).get_location, places)] == [*map(Source(text).get_location, places)]


@pytest.mark.parametrize(
    ("document", "fields", "levels"),
    [
        ("{ a b { c } }", 3, 2),
        ("{ ... { ... @skip(if: true) { a } } }", 1, 3),
        ("{ ...F ...F } fragment F on Query { a b { c } }", 3, 3),
        ("{ a { ...F } } fragment F on A { ...G } fragment G on A { b { c } }", 3, 5),
        ("{ a { b { c } } } query B { ...F } fragment F on Query { d }", 4, 3),
        ("{ ...Missing }", 0, 1),
        ("{ ...F } fragment F on Query { a ...F }", 1, 2),
        ("fragment F on Query { ...G } fragment G on Query { ...F a { b } }", 2, 3),
        ("type A { b: Int }", 0, 0),
    ],
)
def test_fragments_are_wide_once_and_deep_wherever_they_are_spread(document: str, fields: int, levels: int) -> None:
    assert shape_of(parse(document)) == Shape(fields, levels)


@pytest.mark.parametrize("length", [50, 51, 10_000])
def test_a_chain_of_fragments_is_followed_one_level_beyond_the_limit_at_most(length: int) -> None:
    chain = " ".join(f"fragment F{one} on Query {{ ...F{one + 1} }}" for one in range(1, length))

    shape = shape_of(parse(f"{chain} fragment F{length} on Query {{ one }}"))

    assert shape == Shape(1, min(length, 51))


def test_nothing_is_validated_that_is_too_wide() -> None:
    limits = OperationLimits(fields=1)

    (error,) = mistakes_in(SCHEMA, "{ wrong wronger }", limits)

    assert error.extensions == {"code": "LIMIT_EXCEEDED", "path": [], "limit": 1, "value": 2}


def test_documents_are_kept_up_to_a_size() -> None:
    limits = OperationLimits(characters=2_000_000)
    long = "{ one # " + "x" * 1_000_000 + "%d\n}"
    first = read_document(long % 0, limits)

    assert read_document(long % 0, limits) is first
    for number in range(1, 16):
        read_document(long % number, limits)

    assert read_document(long % 0, limits) is not first
