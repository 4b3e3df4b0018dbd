"""Global ids are opaque, and read strictly: the right type, and only as they were given."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invito.schema.ids import global_id, number_in, split, text_in


@given(st.integers(min_value=1, max_value=10**18 - 1))
def test_a_number_comes_back_from_its_id(number: int) -> None:
    assert number_in("FollowUp", global_id("FollowUp", number)) == number


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1))
def test_a_text_comes_back_from_its_id(own: str) -> None:
    assert text_in("Employee", global_id("Employee", own)) == own


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_is_read_as_an_id_or_as_nothing(text: str) -> None:
    type_name, own = split(text)

    assert (type_name, own) == ("", "") or global_id(type_name, own) == text


def test_an_id_of_another_type_is_nothing() -> None:
    assert number_in("FollowUp", global_id("Participant", 1)) == 0


@pytest.mark.parametrize("own", ["0", "01", "-1", "+1", " 1", "1 ", "1.0", "٣", "", "9" * 19])
def test_what_is_no_number_is_nothing(own: str) -> None:
    assert number_in("FollowUp", global_id("FollowUp", own)) == 0


def test_an_id_with_what_no_database_keeps_is_nothing() -> None:
    assert text_in("Employee", global_id("Employee", "employee:\0")) == ""


def test_an_id_that_was_written_otherwise_is_nothing() -> None:
    given_out = global_id("FollowUp", 1)

    assert number_in("FollowUp", f"{given_out}=") == 0
    assert number_in("FollowUp", f" {given_out}") == 0
