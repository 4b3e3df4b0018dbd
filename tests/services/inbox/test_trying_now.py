"""A mail that somebody has understood anew costs one process at a time, however many ask (TRUST.md)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from invito.services.inbox import trying_now
from invito.services.inbox.applying import retry_inbound_message
from invito.services.inbox.reading import inbound_page
from invito.services.inbox.understanding_pool import UnderstandingPool
from invito.services.itip.understanding import understand
from invito.services.itip.understood import UnderstoodMail
from invito.services.paging import PageAsk

if TYPE_CHECKING:
    from tests.services.conftest import Office
    from tests.services.inbox.conftest import Post


async def test_many_who_ask_at_once_take_turns(office: Office, post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    open_now, most = 0, 0

    class Counted(UnderstandingPool):
        """Reads in this process, and counts how many are open."""

        def __init__(self) -> None:
            nonlocal open_now, most
            open_now += 1
            most = max(most, open_now)

        async def understand(self, raw: bytes) -> UnderstoodMail:
            await asyncio.sleep(0)  # lets the others come in
            return understand(raw)

        def close(self) -> None:
            nonlocal open_now
            open_now -= 1

    monkeypatch.setattr(trying_now, "UnderstandingPool", Counted)
    await post.brings(b"From: a@b.example\r\nSubject: Hei\r\n\r\nHei")
    (message,) = (await inbound_page(office.house, office.admin, None, None, PageAsk(10))).items

    await asyncio.gather(*(retry_inbound_message(office.house, office.admin, message.id) for _ in range(5)))

    assert (open_now, most) == (0, 1)
