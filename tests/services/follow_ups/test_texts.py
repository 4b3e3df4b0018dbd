"""Texts that people type: trimmed, bounded, without characters that could deceive a reader."""

import re
import sys
import unicodedata
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invito.services.errors import Refusal, UserErrorCode
from invito.services.follow_ups import texts
from invito.services.follow_ups.texts import MOST_IN_TITLE, read_optional_text, read_text, read_title

# Characters that belong to the letter before them. The first is one by what it is composed of alone.
MARKS = "\u0f73\u0315\u0300\u0323\u05b0"


@given(st.text(max_size=40))
def test_what_is_kept_has_no_controls_no_turns_of_direction_and_no_line_breaks(typed: str) -> None:
    try:
        kept = read_text(typed, 100, ("title",))
    except Refusal as refusal:
        assert [(one.code, one.path) for one in refusal.errors] == [(UserErrorCode.INVALID_INPUT, ("title",))]
        return

    assert not any(unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") for letter in kept)
    assert not any("\u202a" <= letter <= "\u202e" or "\u2066" <= letter <= "\u2069" for letter in kept)
    assert kept == kept.strip()
    assert read_text(kept, 100, ()) == kept


@given(st.text(st.characters(whitelist_categories=["L", "N", "P", "S"]), max_size=40))
def test_letters_digits_and_signs_of_any_script_are_kept(typed: str) -> None:
    assert read_text(typed, 200, ()) == unicodedata.normalize("NFC", typed)


def test_lines_and_tabs_are_kept_where_a_text_has_several_lines() -> None:
    assert read_optional_text("one\r\n\ttwo", 100, (), one_line=False) == "one\r\n\ttwo"


INVISIBLE = [" \u00a0\u200b ", "\u2060", "\ufeff\u00ad", "\u3164", "\u2800", "\u0301", "\u200d\ufe0f"]


@pytest.mark.parametrize("typed", ["", "   ", None, *INVISIBLE])
def test_a_title_cannot_be_empty(typed: str | None) -> None:
    with pytest.raises(Refusal):
        read_title(typed, ("title",))


def test_a_text_may_be_as_long_as_its_field_and_no_longer() -> None:
    assert read_title("x" * MOST_IN_TITLE, ()) == "x" * MOST_IN_TITLE
    with pytest.raises(Refusal, match="301"):
        read_title("x" * (MOST_IN_TITLE + 1), ())


@pytest.mark.parametrize("typed", [" \t ", *INVISIBLE])
def test_an_optional_text_of_blanks_is_none(typed: str) -> None:
    assert read_optional_text(typed, 10, (), one_line=False) is None


@pytest.mark.parametrize("typed", ["7", "?", "🧑\u200d🚀", "ก็", "한", "\ue000"])
def test_a_single_sign_that_shows_is_a_title(typed: str) -> None:
    assert read_title(typed, ()) == typed


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["a", "한", " ", *MARKS]), st.integers(1, 500_000)), min_size=1, max_size=4),
    st.sampled_from([255, 300, 10_000]),
)
def test_what_costs_more_the_longer_a_text_is_meets_none_that_is_longer_than_it_may_be(
    parts: list[tuple[str, int]], most: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        composed = [""]
        patch.setattr(texts, "unicodedata", Composing(composed))
        with suppress(Refusal):
            read_text("".join(letter * count for letter, count in parts), most, ("title",))

    assert len(composed[-1]) <= 4 * most
    assert max(map(len, re.findall(f"[{MARKS}]+", composed[-1])), default=0) <= 30


@pytest.mark.parametrize("mark", MARKS)
def test_a_letter_has_so_many_accents_and_no_more(mark: str) -> None:
    assert read_title("a" + mark * 30, ())
    with pytest.raises(Refusal, match="accents"):
        read_title("a" + mark * 31, ())


def test_a_text_may_be_longer_as_it_is_typed_than_as_it_is_kept() -> None:
    assert read_title("\u03b1\u0313\u0300\u0345" * MOST_IN_TITLE, ()) == "\u1f82" * MOST_IN_TITLE


def test_every_character_that_begins_with_a_mark_counts_as_one() -> None:
    marks = [
        letter
        for letter in map(chr, range(sys.maxunicode + 1))
        if unicodedata.combining(unicodedata.normalize("NFD", letter)[0])
    ]

    assert [letter for letter in marks if not texts._is_mark(letter)] == []


class Composing:
    """`unicodedata` that writes down what it composes."""

    combining = staticmethod(unicodedata.combining)

    def __init__(self, composed: list[str]) -> None:
        self._composed = composed

    def normalize(self, form: str, text: str) -> str:
        self._composed.append(text)
        # Not here, where nothing bounds it.
        return text
