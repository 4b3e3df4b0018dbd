"""Whatever a text was, the border takes it once it is clean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invito.plugins import MOST_IN_ADDRESS, clean_address, clean_text
from invito.plugins.border.texts import check_text


@given(st.text(st.characters(codec=None)), st.integers(1, 20))
def test_what_is_left_of_any_text_is_taken_and_stays_as_it_is(text: str, most: int) -> None:
    clean = clean_text(text, most)

    if clean:
        check_text("name", clean, most)
    assert clean_text(clean, most) == clean


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        (" Kari\r\n\tNordmann ", "Kari Nordmann"),
        ("Kari\u2028Nordmann", "Kari Nordmann"),
        ("Kari \u202e\x07 Nordmann\ud800", "Kari Nordmann"),
        ("Åse\u00a0Ås 👩\u200d💻", "Åse Ås 👩\u200d💻"),
        ("\x00", ""),
    ],
)
def test_a_text_becomes_one_line_without_what_is_no_text(text: str, clean: str) -> None:
    assert clean_text(text, 300) == clean


def test_a_text_that_is_too_long_is_cut_and_ends_with_no_blank() -> None:
    assert clean_text("Kari Nordmann", 5) == "Kari"


@pytest.mark.parametrize("text", ["", "none", "a@b@c.example", "k ari@a.example", f"{'k' * MOST_IN_ADDRESS}@a.example"])
def test_what_is_no_address_is_not_made_one(text: str) -> None:
    assert clean_address(text) is None


def test_an_address_loses_what_stands_around_it() -> None:
    assert clean_address(" Kari@nordlys.example\u200e\n") == "Kari@nordlys.example"
