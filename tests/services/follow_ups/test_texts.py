"""Texts that people type: trimmed, bounded, without characters that could deceive a reader."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invito.services.errors import Refusal, UserErrorCode
from invito.services.follow_ups.texts import MOST_IN_TITLE, read_optional_text, read_text, read_title


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


@pytest.mark.parametrize("typed", ["", "   ", None])
def test_a_title_cannot_be_empty(typed: str | None) -> None:
    with pytest.raises(Refusal):
        read_title(typed, ("title",))


def test_a_text_may_be_as_long_as_its_field_and_no_longer() -> None:
    assert read_title("x" * MOST_IN_TITLE, ()) == "x" * MOST_IN_TITLE
    with pytest.raises(Refusal, match="301"):
        read_title("x" * (MOST_IN_TITLE + 1), ())


def test_an_optional_text_of_blanks_is_none() -> None:
    assert read_optional_text(" \t ", 10, (), one_line=False) is None
