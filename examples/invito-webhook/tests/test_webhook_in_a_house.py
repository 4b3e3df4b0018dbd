"""The plugin in a running Invito: what is done in the dialog arrives, through a power cut too, and commands list it."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook
from starlette.responses import Response
from webhook_endpoints import SECRET, settled
from webhook_receivers import Receiver, never

from examples.conftest import Houses

EXAMPLE = "invito-webhook"
CREATE = """mutation ($reference: ID!) { createFollowUp(input: {
    type: APPOINTMENT, title: "canary-title", start: "2031-03-04T10:00",
    invitees: [{participant: {reference: $reference}}]
    }) { followUp { id uid participants { nodes { id reference role } } } errors { code message } } }"""
ANSWER = """mutation ($id: ID!) { respondToInvitation(input: {participantId: $id, status: DECLINED, reason: "canary"}) {
    errors { code message } } }"""
EMPLOYEES = """{ availableParticipants(source: "employees", first: 100) { nodes { reference name email } } }"""
Settings = dict[str, str]


@pytest.fixture
def settings(tmp_path: Path, receiver: Receiver) -> Settings:
    endpoint = {"name": "crm", "url": f"{receiver.url}/?token=canary-token", "secrets": [SECRET], "private": True}
    return {
        "INVITO_WEBHOOK_ENDPOINTS": json.dumps([endpoint]),
        "INVITO_WEBHOOK_DATABASE_URL": f"sqlite:///{tmp_path / 'webhook.sqlite3'}",
        "INVITO_WEBHOOK_REQUEST_SECONDS": "1",
        "INVITO_WEBHOOK_FIRST_PAUSE_SECONDS": "0.01",
    }


async def test_what_is_done_arrives_in_order_and_is_listed(
    houses: Houses, receiver: Receiver, settings: Settings
) -> None:
    receiver.answers["/"] = [Response(status_code=500)]

    with houses.serve(EXAMPLE, **settings) as server:
        colleague = await a_colleague(server)
        made = (await server.ask(CREATE, reference=colleague["reference"]))["createFollowUp"]
        assert made["errors"] == []
        follow_up = made["followUp"]
        (invitee,) = [one for one in follow_up["participants"]["nodes"] if one["reference"] == colleague["reference"]]
        answered = await server.ask(ANSWER, viewer=colleague["email"], id=invitee["id"])
        assert answered["respondToInvitation"]["errors"] == []
        came = [await receiver.next() for _ in range(4)]
        url = settings["INVITO_WEBHOOK_DATABASE_URL"]
        await settled(url, lambda found: [one.state for one in found] == ["delivered"] * 3)

    # The first was refused once.
    assert [one.content["type"] for one in came] == [
        "follow_up.changed",
        "follow_up.changed",
        "participants.invited",
        "status.changed",
    ]
    assert {one.content["data"]["follow_up_uid"] for one in came} == {follow_up["uid"]}
    assert Webhook(SECRET).verify(came[3].body, came[3].headers)["data"] == {
        "follow_up_uid": follow_up["uid"],
        "reference": colleague["reference"],
        "status": "DECLINED",
    }
    listed = houses.run("webhook", "deliveries", "--event", "status.changed", examples=(EXAMPLE,), **settings).stdout
    assert [line.split()[3:7] for line in listed.splitlines()[1:]] == [
        ["status.changed", follow_up["uid"], "crm", "delivered"]
    ]
    log = houses.log.read_text()
    assert "delivery put off" in log
    for private in ("canary", SECRET, colleague["reference"]):
        assert private not in log + listed


async def test_what_was_under_way_at_a_power_cut_arrives_after_it(
    houses: Houses, receiver: Receiver, settings: Settings
) -> None:
    receiver.answers["/"] = [never]

    with houses.serve(EXAMPLE, **settings) as server:
        made = (await server.ask(CREATE, reference=(await a_colleague(server))["reference"]))["createFollowUp"]
        cut_off = await receiver.next()
        await settled(settings["INVITO_WEBHOOK_DATABASE_URL"], lambda found: len(found) == 2)
        server.kill()
    with houses.serve(EXAMPLE, **settings):
        came = [await receiver.next() for _ in range(2)]

    assert came[0].id == cut_off.id
    assert [one.content["type"] for one in came] == ["follow_up.changed", "participants.invited"]
    assert came[1].content["data"]["follow_up_uid"] == made["followUp"]["uid"]


def test_commands_say_what_to_do(houses: Houses, settings: Settings) -> None:
    def run(*arguments: str, **values: str) -> tuple[str, int]:
        done = houses.run("webhook", *arguments, examples=(EXAMPLE,), **settings | values)
        return done.stdout + done.stderr, done.returncode

    assert run("endpoints")[0].split()[-5:] == ["1", "open", "0", "0", "0"]
    assert run("deliveries", "--event", "nothing")[0].startswith("There is no event nothing. Take one of email.sent,")
    assert run("retry") == (
        "Say which: IDs of `invito webhook deliveries`, or --failed for all that were given up.\n",
        1,
    )
    assert run("retry", "7") == ("0 to be posted anew.\nThere is no delivery 7.\n", 1)
    assert run("retry", "--failed") == ("0 to be posted anew.\n", 0)
    assert run("resume", "erp") == ("There is no endpoint erp. INVITO_WEBHOOK_ENDPOINTS has: crm.\n", 1)
    assert run("resume", "crm") == ("crm was posted to all the time.\n", 0)
    away = run("deliveries", INVITO_WEBHOOK_DATABASE_URL="sqlite:////nowhere/webhook.sqlite3")
    assert away[0].startswith("The deliveries cannot be read: ")
    assert away[0].endswith("Look at INVITO_WEBHOOK_DATABASE_URL.\n")


async def test_a_test_says_what_came_of_it(houses: Houses, receiver: Receiver, settings: Settings) -> None:
    receiver.answers["/"] = [Response(status_code=204), Response("what?", 400)]

    def run() -> tuple[str, int]:
        done = houses.run("webhook", "test", examples=(EXAMPLE,), **settings)
        return done.stdout, done.returncode

    taken = await asyncio.to_thread(run)
    refused = await asyncio.to_thread(run)

    assert taken == ("crm: answered 204\n", 0)
    assert refused == ("crm: answered 400 (what?)\n", 1)
    came = await receiver.next()
    assert Webhook(SECRET).verify(came.body, came.headers)["type"] == "webhook.test"


async def a_colleague(server: Any) -> dict[str, str]:
    """Somebody who can answer."""
    found = (await server.ask(EMPLOYEES))["availableParticipants"]["nodes"]
    return next(one for one in found if one["email"] and one["name"] != "Kari Nordmann")
