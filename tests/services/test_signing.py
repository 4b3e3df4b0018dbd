"""What is signed is known again, and nothing else is."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invito.services.addresses import TAG_LETTERS
from invito.services.signing import Keyring, Purpose

OLD, NEW = "an old key of at least thirty-two characters", "a new key of at least thirty-two characters"
KEYS = Keyring([NEW, OLD])
UNTIL = datetime(2026, 12, 1, 12, tzinfo=UTC)
numbers = st.integers(0, 2**48 - 1)


@given(numbers, st.sampled_from([Purpose.FOLLOW_UP_TAG, Purpose.INVITEE_TAG]))
def test_a_tag_tells_its_number_to_whoever_asks_for_the_same_purpose(number: int, purpose: Purpose) -> None:
    tag = KEYS.tag(purpose, number)
    (other,) = {Purpose.FOLLOW_UP_TAG, Purpose.INVITEE_TAG} - {purpose}

    assert KEYS.number_in(purpose, tag) == KEYS.number_in(purpose, tag.upper()) == number
    assert KEYS.number_in(other, tag) is None
    assert len(tag) == TAG_LETTERS


@given(numbers, st.text(max_size=40))
def test_nothing_else_is_a_tag(number: int, text: str) -> None:
    tag = KEYS.tag(Purpose.FOLLOW_UP_TAG, number)

    assert KEYS.number_in(Purpose.FOLLOW_UP_TAG, text) is None
    assert KEYS.number_in(Purpose.FOLLOW_UP_TAG, tag[:-1] + ("a" if tag[-1] != "a" else "b")) is None


def test_a_tag_fits_into_a_local_part_and_survives_a_change_of_case() -> None:
    tag = KEYS.tag(Purpose.FOLLOW_UP_TAG, 2**48 - 1)

    assert len(tag) <= 26
    assert tag == tag.lower()
    assert tag.isalnum()


@given(numbers)
def test_a_link_tells_its_number_and_until_when_it_is_good(number: int) -> None:
    assert KEYS.number_of_link(KEYS.link(number, UNTIL)) == (number, UNTIL)


@given(numbers, st.text(max_size=60))
def test_a_link_whose_number_or_expiry_was_changed_is_none(number: int, text: str) -> None:
    one, other = KEYS.link(number, UNTIL), KEYS.link((number + 1) % 2**48, UNTIL + timedelta(days=1))

    assert KEYS.number_of_link(other[:17] + one[17:]) is None
    assert KEYS.number_of_link(text) is None


def test_what_an_earlier_key_signed_and_sealed_counts_as_long_as_it_is_among_the_keys() -> None:
    before, after = Keyring([OLD]), Keyring([NEW])
    tag, link, sealed = before.tag(Purpose.INVITEE_TAG, 7), before.link(7, UNTIL), before.seal("hemmelig")

    assert (KEYS.number_in(Purpose.INVITEE_TAG, tag), KEYS.number_of_link(link)) == (7, (7, UNTIL))
    assert KEYS.unseal(sealed) == "hemmelig"
    assert after.number_in(Purpose.INVITEE_TAG, tag) is None
    assert after.number_of_link(link) is None
    assert after.unseal(sealed) is None


def test_what_is_sealed_does_not_show() -> None:
    assert "hemmelig" not in KEYS.seal("hemmelig")


def test_without_a_secret_there_is_no_keyring() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Keyring([])
