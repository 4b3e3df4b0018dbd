"""Texts and times in the reader's language (F33)."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invito.plugins.contract import Language
from invito.services.language import clock_time, current_language, language_of, translate

EN, NB = Language.EN, Language.NB


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, EN),
        ("", EN),
        ("nb", NB),
        ("no", NB),
        ("nn-NO,nn;q=0.9", NB),
        ("NB-no", NB),
        ("en-GB,nb;q=0.8", EN),
        ("en, nb", EN),
        ("nb, en", NB),
        ("de, nb; q=0.5, en; q=0.4", NB),
        ("en;q=0.1,nb;q=0.9", NB),
        ("nb;q=0,en", EN),
        ("fr,de", EN),
        ("nb;q=many", EN),
    ],
)
def test_the_first_language_that_there_is_of_those_the_header_prefers(header: str | None, language: Language) -> None:
    assert language_of(header, EN) is language


def test_the_default_where_the_header_names_none_that_there_is() -> None:
    assert language_of("fr", NB) is NB


@given(st.text(max_size=60))
def test_whatever_the_header_says_there_is_a_language(header: str) -> None:
    assert language_of(header, NB) in Language


@pytest.mark.parametrize(
    ("zone", "text"), [("Europe/Oslo", "2. jan. 2027 00:30"), ("America/New_York", "1. jan. 2027 18:30")]
)
def test_a_time_is_told_as_clocks_of_its_zone_show_it(zone: str, text: str) -> None:
    assert clock_time(datetime(2027, 1, 1, 23, 30, tzinfo=UTC), zone, NB) == text


def test_a_message_is_in_the_language_asked_for_or_in_that_of_the_request() -> None:
    message = "A follow-up needs a title."

    asked = translate(message, NB)
    token = current_language.set(NB)
    try:
        of_the_request = translate(message)
    finally:
        current_language.reset(token)

    assert asked == of_the_request != message
    assert translate(message, EN) == message
