"""What the viewer is told, as the schema answers it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.schema.conftest import Office

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

OLA = "ola@office.example"


async def test_a_message_gives_the_time_in_the_viewers_zone(office: Office) -> None:
    await office.follow_up("employee:2", start="2027-03-01T10:00", timeZone="America/New_York")

    told = await office.answer("{ viewer { notifications { nodes { message } } } }", OLA)

    assert told["viewer"]["notifications"]["nodes"] == [{"message": "Kari invites you to “Budget”, 1 Mar 2027 16:00."}]
