"""Which e-mail addresses are valid, and what makes two of them the same."""

from typing import NoReturn

import pytest
from email_validator import EmailNotValidError
from hypothesis import given, settings
from hypothesis import strategies as st

from invito.services import addresses
from invito.services.addresses import address_key, is_valid_address, normalised_address


@pytest.mark.parametrize(
    "address",
    [
        "kari@nordlys.example",
        "kari.nordmann+crm@nordlys.example",
        "øystein@ås.example",
        "a@b.test",
        "KARI@NORDLYS.EXAMPLE",
        f"{'x' * 64}@nordlys.example",
        f"{'ø' * 32}@nordlys.example",
    ],
)
def test_an_address_that_mail_can_go_to_is_valid(address: str) -> None:
    assert is_valid_address(address)


@pytest.mark.parametrize(
    "address",
    [
        None, "", " ", "kari", "kari@", "@nordlys.example", "kari at nordlys",
        "kari@nordlys.example, ola@nordlys.example",
        "Kari <kari@nordlys.example>", "kari@nordlys.example\nBcc: all@nordlys.example", "kari@[127.0.0.1]",
        "kari@nordlys.example\x00", "kari\u202e@nordlys.example",
        f"kari@{'x' * 250}.example", f"{'x' * 65}@nordlys.example", f"{'ø' * 32}x@nordlys.example",
        "alice@example.org)@evil.example",
    ],
)  # fmt: skip
def test_what_is_no_address_or_more_than_one_is_not(address: str | None) -> None:
    assert normalised_address(address) is None


@given(st.text(max_size=60))
def test_what_is_taken_for_an_address_has_one_at_and_no_blank_or_line_break(typed: str) -> None:
    address = normalised_address(typed)

    assert address is None or (address.count("@") == 1 and not any(letter.isspace() for letter in address))


def test_two_addresses_are_the_same_without_regard_to_case() -> None:
    assert address_key("Kari@Nordlys.Example") == address_key("kari@nordlys.example")


@settings(deadline=None)
@given(st.sampled_from(["x", "\u0315\u0300", "é", "@", '"', "x."]), st.integers(1, 300_000))
def test_nothing_longer_than_an_address_is_looked_at_or_kept(part: str, count: int) -> None:
    typed = f"a{part * count}@nordlys.example"
    looked_at: list[str] = []

    def remembering(address: str, **_: object) -> NoReturn:
        looked_at.append(address)
        raise EmailNotValidError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(addresses, "validate_email", remembering)
        addresses._normalised.cache_clear()
        address = normalised_address(typed)
        kept = addresses._normalised.cache_info().currsize
        addresses._normalised.cache_clear()

    assert address is None
    assert (max(map(len, looked_at), default=0) <= 320, kept) == (True, len(looked_at))
