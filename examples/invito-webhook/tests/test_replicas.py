"""Several processes on one outbox, of which each delivery is made by one."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from invito_webhook.messages import message_of
from invito_webhook.outbox import put_in
from invito_webhook.outbox_database import OutboxDatabase
from invito_webhook.outbox_tables import DeliveryState
from webhook_endpoints import SECRET, changed, settled
from webhook_receivers import Receiver

HERE = Path(__file__).parent
FOLLOW_UPS, REVISIONS = 50, 4


async def test_two_processes_post_each_once_and_those_of_a_follow_up_in_order(
    postgres_url: str, receiver: Receiver
) -> None:
    database = OutboxDatabase(postgres_url)
    await database.make_tables()
    async with database.transaction() as connection:
        for revision in range(REVISIONS):
            for number in range(FOLLOW_UPS):
                event = changed(revision, f"{number}@nordlys.example")
                await put_in(connection, message_of(event), ["crm"])
    await database.close()

    with at_work(postgres_url, receiver.url), at_work(postgres_url, receiver.url):
        came = [await receiver.next() for _ in range(FOLLOW_UPS * REVISIONS)]
        await settled(postgres_url, lambda found: all(one.state is DeliveryState.DELIVERED for one in found))

    assert receiver.left() == []
    assert len({one.id for one in came}) == FOLLOW_UPS * REVISIONS
    revisions: dict[str, list[int]] = {}
    for one in came:
        revisions.setdefault(one.content["data"]["follow_up_uid"], []).append(one.content["data"]["revision"])
    assert list(revisions.values()) == [list(range(REVISIONS))] * FOLLOW_UPS


@contextmanager
def at_work(database_url: str, receiver_url: str) -> Iterator[None]:
    endpoint = {"name": "crm", "url": receiver_url, "secrets": [SECRET], "private": True}
    settings = {"database_url": database_url, "endpoints": [endpoint], "requests_at_once": 4}
    places = [str(HERE.parent / "src"), str(HERE.parents[2])]
    process = subprocess.Popen(
        [sys.executable, HERE / "webhook_process.py", json.dumps(settings)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(places)},
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait()
