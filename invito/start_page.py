"""The page at /: what Invito is, and what to try first. It loads nothing from anywhere."""

import html
import json
from dataclasses import dataclass
from pathlib import Path
from string import Template

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

KARI = "kari.nordmann@nordlys.example"
AS_KARI = f"X-Invito-Viewer: {KARI}"
AS_BEARER = "Authorization: Bearer $TOKEN"
HOW_TO_SIGN = "TOKEN=$(invito token E-MAIL)"


@dataclass(frozen=True, slots=True)
class Example:
    """Something to try: what for, and the operation."""

    title: str
    query: str


# In the order of the Invitation dialog; `invito serve` proposes the first.
EXAMPLES = (
    Example("Who am I?", "{ viewer { employee { name email groups } isAdministrator language } }"),
    Example("Select from", "{ participantSources { key label offersAll allLabel isSearchable } }"),
    Example("All employees", '{ availableParticipants(source: "employees", first: 5) { nodes { reference name } } }'),
    Example("One search over all sources", '{ searchParticipants(search: "ol") { nodes { name kind email } } }'),
    Example("The diary", "{ followUps(first: 5) { nodes { title start end participants { totalCount } } } }"),
    Example(
        "Plan, and invite by e-mail",
        'mutation { createFollowUp(input: {type: APPOINTMENT, title: "Kaffe", start: "2030-05-14T10:00", '
        'emailInvitations: true, invitees: [{participant: {email: {address: "siri@kunde.example"}}}]}) '
        "{ followUp { id title participants { nodes { name status } } } errors { code message } } }",
    ),
)
# A websocket takes more than curl; the library is one that Invito itself needs.
_WATCH = """$python - <<'END'
import asyncio, json, os
from websockets.asyncio.client import connect

async def watch():
    async with connect("$address", subprotocols=["graphql-transport-ws"]) as socket:
        await socket.send(json.dumps({"type": "connection_init", "payload": $who}))
        print(await socket.recv())
        query = "subscription { notificationReceived { kind message } }"
        await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": {"query": query}}))
        async for message in socket:
            print(message)

asyncio.run(watch())
END"""
_MAILS = {
    True: (
        "The mails, and an answer to one: in another terminal, the number being that of a REQUEST in the list",
        """.venv/bin/invito mail list --demo
.venv/bin/invito mail show 1 --demo
.venv/bin/invito mail answer 1 --decline --reason "Er på ferie" --demo""",
    ),
    False: ("The mails: on the machine of the service", "invito mail list\ninvito mail why E-MAIL"),
}

_PAGE = Template((Path(__file__).parent / "start_page.html").read_text(encoding="utf-8"))
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def start_page(request: Request, *, demo: bool, explores: bool) -> Response:
    """What to try, with commands that can be pasted."""
    address = f"{request.base_url}graphql"
    who = AS_KARI if demo else AS_BEARER
    commands = [
        *((example.title, command(address, who, example.query)) for example in EXAMPLES),
        ("What arrives, live: leave it running", watching(address, demo=demo)),
        _MAILS[demo],
    ]
    examples = "\n".join(_shown(title, text) for title, text in commands)
    graphiql = _GRAPHIQL if explores else ""
    page = _PAGE.substitute(address=html.escape(address), graphiql=graphiql, who=_WHO[demo], examples=examples)
    return HTMLResponse(page, headers=_HEADERS)


def command(address: str, who: str, query: str) -> str:
    """The curl command that asks this, as a POSIX shell takes it; `who` may name variables of the shell."""
    body = json.dumps({"query": query}).replace("'", "'\\''")
    return f"curl -s {address} -H 'Content-Type: application/json' -H \"{who}\" -d '{body}'"


def watching(address: str, *, demo: bool) -> str:
    """The command that shows what a subscription brings."""
    return Template(_WATCH).substitute(
        python=".venv/bin/python" if demo else "python3",
        address=address.replace("http", "ws", 1),
        who=f'{{"X-Invito-Viewer": "{KARI}"}}' if demo else '{"Authorization": "Bearer " + os.environ["TOKEN"]}',
    )


def _shown(title: str, text: str) -> str:
    return f"<h2>{html.escape(title)}</h2>\n<pre>{html.escape(text, quote=False)}</pre>"


_GRAPHIQL = """<p><a href="graphiql">GraphiQL</a> explores it: all types with what they mean, and the operations of the
dialog, ready to be run.</p>"""
_WHO = {
    True: (
        "<p>This is a demo with invented people: whoever asks names themself in the header "
        f"<code>X-Invito-Viewer</code>. Kari Nordmann is <code>{KARI}</code>; <code>admin@nordlys.example</code> "
        "administers. A websocket is told it in connection_init: "
        f'<code>{{"X-Invito-Viewer": "{KARI}"}}</code>.</p>'
    ),
    False: (
        f"<p>Who asks is known by a bearer token. <code>{HOW_TO_SIGN}</code> makes one for development, where "
        "<code>INVITO_JWT_SECRET</code> is set, and the commands below send it. A websocket is told it in "
        'connection_init: <code>{"Authorization": "Bearer …"}</code>.</p>'
    ),
}
