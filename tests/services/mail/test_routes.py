"""Which transports the ways out keep, and for how long."""

import asyncio

import pytest

from invito.services.mail import routes
from invito.services.mail.routes import MailRoutes
from invito.services.mailboxes.reachable_hosts import reaching
from invito.services.mailboxes.servers import MailServer, Security

SERVER = MailServer("127.0.0.1", 25, Security.NONE, "kari", "secret")


async def test_mails_by_one_server_share_its_transport() -> None:
    ways = MailRoutes(None, reaching({"127.0.0.1"}, 5))

    assert await ways.transport_for(SERVER) is await ways.transport_for(SERVER)
    await ways.close()


async def test_a_server_that_nobody_sends_by_any_more_is_let_go_with_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(routes, "_UNUSED_SECONDS", 0)
    ways = MailRoutes(None, reaching({"127.0.0.1"}, 5))

    before = await ways.transport_for(SERVER)
    let_go = asyncio.Event()
    asyncio.get_running_loop().call_later(0, let_go.set)  # after what lets it go
    await let_go.wait()

    assert await ways.transport_for(SERVER) is not before
    await ways.close()
