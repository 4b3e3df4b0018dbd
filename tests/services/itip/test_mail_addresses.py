"""Whom From names, read so that nobody can be two (TRUST.md, address confusion)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invito.services.itip.mail_addresses import recipient_addresses, sender_addresses
from invito.services.itip.understanding import understand

if TYPE_CHECKING:
    from tests.services.itip.conftest import Letters


@pytest.mark.parametrize(
    "written",
    [
        "ole@kunde.example",
        "Ole Olsen <ole@kunde.example>",
        '"Olsen, Ole" <ole@kunde.example>',
        '"kari@nordlys.example" <ole@kunde.example>',
        "ole@kunde.example <ole@kunde.example>",
        "=?utf-8?q?kari=40nordlys.example?= <ole@kunde.example>",
        "=?utf-8?q?O=0Ale?= <ole@kunde.example>",
        "ole@kunde.example (Ole)",
        "[Ole] O. Olsen <ole@kunde.example>",
        "<ole@kunde.example",
        "Ole\r\n\t<ole@kunde.example>",
    ],
)
def test_a_sender_is_who_is_in_angle_brackets_whatever_the_name_says(letters: Letters, written: str) -> None:
    assert understand(letters.mail("", sender=written)).sender == "ole@kunde.example"


@pytest.mark.parametrize(
    "written",
    [
        "kari@nordlys.example, ole@kunde.example",
        "kari@nordlys.example <ole@kunde.example>",
        "<kari@nordlys.example><ole@kunde.example>",
        "kari@nordlys.example (<ole@kunde.example>)",
        "Group: kari@nordlys.example, ole@kunde.example;",
        '"a\\" <ole@kunde.example> " <kari@nordlys.example>',
        '"x\\" " <kari@nordlys.example> " <ole@kunde.example>"',
        "ole@kunde.example\r\nFrom: kari@nordlys.example",
    ],
)
def test_two_who_could_be_meant_are_no_sender(letters: Letters, written: str) -> None:
    mail = understand(letters.mail("", sender=written))

    assert mail.sender is None
    assert set(mail.from_addresses) == {"kari@nordlys.example", "ole@kunde.example"}


@pytest.mark.parametrize(
    "written",
    [
        "",
        "Ole",
        "ole\\@kunde.example",
        "=?utf-8?q?ole=40kunde.example?=",
        "ole@kunde.example <ole@[127.0.0.1]>",
        "ole@kunde.example <\u202eole@kunde.example>",
        "ole@kunde.example@nordlys.example",
        "ole@kunde.example " + "x" * 5_000,
    ],
)
def test_a_sender_that_cannot_be_read_is_none(letters: Letters, written: str) -> None:
    assert understand(letters.mail("", sender=written)).from_addresses == ()


@given(st.text(st.sampled_from('<>(),;:"\\@. ae=?_-') | st.characters(), max_size=80))
def test_a_sender_is_always_in_the_text_as_a_whole(written: str) -> None:
    for address in sender_addresses([f"{written} <ole@kunde.example>"]):
        assert address.count("@") == 1
        assert not any(letter in address for letter in '<>(),;:"\\ ')


def test_recipients_come_in_the_order_of_the_delivery_each_once(letters: Letters) -> None:
    raw = letters.mail(
        "",
        "To: Kari <kari@nordlys.example>, Eva <eva@kunde.example>",
        "Delivered-To: invito+tag@nordlys.example",
        "X-Original-To: invito+TAG@nordlys.example",
        "Cc: KARI@nordlys.example",
    )

    assert understand(raw).recipients == ("invito+tag@nordlys.example", "kari@nordlys.example", "eva@kunde.example")


def test_no_more_recipients_are_read_than_a_tag_could_be_in() -> None:
    assert len(recipient_addresses([",".join(f"a{number}@kunde.example" for number in range(200))])) == 50
