"""What became of mails is found by address, and by name where there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from invito.services.follow_ups.commands import InviteeWish, TypedEmail
from invito.services.mail.history import mail_fates, mail_fates_by_name

if TYPE_CHECKING:
    from tests.services.conftest import Office


async def _invite(office: Office, name: str, address: str) -> None:
    await office.create(InviteeWish(TypedEmail(address, name), wants_email=True))


@pytest.mark.parametrize(
    ("sought", "found"),
    [
        ("haak han", ["Håkon Hansen", "Haakon Hansen"]),
        ("HANSEN", ["Håkon Hansen", "Haakon Hansen"]),
        ("akon", []),
        ("hansen nobody", []),
    ],
)
async def test_everybody_whose_name_is_meant_is_found_the_last_changed_first(
    office: Office, sought: str, found: list[str]
) -> None:
    await _invite(office, "Haakon Hansen", "one@kunde.example")
    office.clock.go_on(seconds=1)
    await _invite(office, "Håkon Hansen", "two@kunde.example")

    fates = await mail_fates_by_name(office.house.database, office.house.rules, sought, 10)

    assert [fate.participant.name for fate in fates] == found
    assert all(len(fate.mails) == 1 for fate in fates)


async def test_no_more_are_told_than_are_asked_for(office: Office) -> None:
    for number in range(3):
        await _invite(office, "Per Hansen", f"per{number}@kunde.example")
    database, rules = office.house.database, office.house.rules

    by_name = await mail_fates_by_name(database, rules, "per", 2)
    by_address = await mail_fates(database, rules, "PER1@kunde.example", 2)

    assert len(by_name) == 2
    assert [fate.participant.email for fate in by_address] == ["per1@kunde.example"]
