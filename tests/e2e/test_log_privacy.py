"""Nothing private is logged: no secret, title, name, address or reason stands in any line of a day's work."""

import json
from pathlib import Path

import httpx2
from gql.transport.exceptions import TransportError

from tests.e2e.conftest import KARI, Server, request, served
from tests.free_ports import free_port

SECRET, TITLE, NAME, REASON, ADDRESS = "canary-secret", "canary-title", "canary-name", "canary-reason", "canary-address"
PEER = f"{ADDRESS}@customer.example"
INVITE = """mutation ($title: String!, $to: String!, $name: String!) { createFollowUp(input: {
    type: APPOINTMENT, title: $title, description: $title, location: $title, start: "2027-05-18T10:00",
    emailInvitations: true, invitees: [{participant: {email: {address: $to, name: $name}}},
    {participant: {reference: "employee:20"}}]}) {
    followUp { id participants { nodes { id name } } } errors { code } } }"""
DECLINE = """mutation ($id: ID!, $reason: String!) { respondToInvitation(input: {participantId: $id, status: DECLINED,
    reason: $reason}) { errors { code } } }"""
SAVE_MAILBOX = """mutation ($address: String!, $url: String!, $password: String!) { saveMailbox(input: {
    address: $address, smtpUrl: $url, username: $address, password: $password}) { errors { code } } }"""
WATCH = "subscription ($id: ID!) { followUpChanged(id: $id) { title } }"


async def test_what_is_private_is_in_no_line_of_the_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    nobody = f"127.0.0.1:{free_port()}"
    with served(
        f"sqlite:///{tmp_path}/office.sqlite3",
        log,
        INVITO_JWT_SECRET=SECRET * 3,
        INVITO_JWT_AUDIENCE="invito",
        INVITO_JWT_ISSUER="test",
        INVITO_SECRET_KEYS=SECRET * 4,
        INVITO_INBOUND_SECRET=SECRET * 3,
        INVITO_SMTP_URL=f"smtp+plain://invito:{SECRET}@{nobody}",
        INVITO_IMAP_URL=f"imap+plain://invito:{SECRET}@{nobody}",
        INVITO_MAIL_DELAY_SECONDS="0",
        INVITO_MAIL_FOLDER="",
    ) as invito:
        await a_days_work(invito, nobody)
        await mistakes(invito)

    lines = log.read_text().splitlines()
    events = {json.loads(line)["event"] for line in lines if line.startswith("{")}
    assert "mail put off" in events, lines
    for private in (SECRET, TITLE, NAME, REASON, ADDRESS, "hakon.johansen", "Håkon", "Kari Nordmann"):
        # What is printed at the start names the viewer whom the README speaks of.
        found = [line for line in lines if private.lower() in line.lower() and line.startswith("{")]
        assert not found, private


async def a_days_work(invito: Server, nobody: str) -> None:
    made = await invito.ask(INVITE, title=TITLE, to=PEER, name=NAME)
    follow_up = made["createFollowUp"]["followUp"]
    haakon = next(one["id"] for one in follow_up["participants"]["nodes"] if one["name"] == "Håkon Johansen")
    async with invito.live() as session:
        events = session.subscribe(request(WATCH, id=follow_up["id"]))
        await anext(events)
        await invito.ask(DECLINE, "hakon.johansen@nordlys.example", id=haakon, reason=REASON)
        await anext(events)
    await invito.ask(SAVE_MAILBOX, address=PEER, url=f"smtp+plain://{nobody}", password=SECRET)


async def mistakes(invito: Server) -> None:
    """Requests of each kind that is refused, each with something private in it."""
    site = f"http://127.0.0.1:{invito.port}"
    as_kari = {"X-Invito-Viewer": KARI}
    async with httpx2.AsyncClient() as client:
        for headers in ({"Authorization": f"Bearer {SECRET}"}, {"X-Invito-Viewer": f"{ADDRESS}@"}, as_kari):
            await client.post(f"{site}/graphql", json={"query": f'{{ {TITLE} (a: "{NAME}") }}'}, headers=headers)
            await client.post(f"{site}/graphql", content=f'{{"query": "{TITLE}', headers=headers)
        await client.get(f"{site}/answer/{SECRET}?reason={REASON}")
        await client.post(f"{site}/answer/{SECRET}", data={"status": "DECLINED", "reason": REASON})
        await client.post(f"{site}/mail/inbound", content=f"From: {PEER}\r\n\r\n{REASON}")
        await client.get(f"{site}/{SECRET}")
    try:
        await invito.ask("query ($id: ID!) { node(id: $id) { id } }", f"{ADDRESS}@nordlys.example", id=TITLE)
    except TransportError:
        return
