"""The page at /: what Invito is, and what to try first. It loads nothing from anywhere."""

import html
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from string import Template

from graphql import OperationType
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from invito.documents import Documents, TrustedDocuments
from invito.documents.ready_operations import ready_operations

KARI = "kari.nordmann@nordlys.example"
AS_KARI = f"X-Invito-Viewer: {KARI}"
AS_BEARER = "Authorization: Bearer $TOKEN"
HOW_TO_SIGN = "TOKEN=$(invito token E-MAIL)"


@dataclass(frozen=True, slots=True)
class Example:
    """Something to try: what for, and the parameters of the request."""

    title: str
    asked: Mapping[str, str]


# In the order of the Invitation dialog.
EXAMPLES = (
    Example("Who am I?", {"query": "{ viewer { employee { name email groups } isAdministrator language } }"}),
    Example("Select from", {"query": "{ participantSources { key label offersAll allLabel isSearchable } }"}),
    Example(
        "All employees",
        {"query": '{ availableParticipants(source: "employees", first: 5) { nodes { reference name } } }'},
    ),
    Example(
        "One search over all sources", {"query": '{ searchParticipants(search: "ol") { nodes { name kind email } } }'}
    ),
    Example(
        "The diary", {"query": "{ followUps(first: 5) { nodes { title start end participants { totalCount } } } }"}
    ),
    Example(
        "Plan, and invite by e-mail",
        {
            "query": 'mutation { createFollowUp(input: {type: APPOINTMENT, title: "Kaffe", start: "2030-05-14T10:00", '
            'emailInvitations: true, invitees: [{participant: {email: {address: "siri@kunde.example"}}}]}) '
            "{ followUp { id title participants { nodes { name status } } } errors { code message } } }",
        },
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
        await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": $asked}))
        async for message in socket:
            print(message)

asyncio.run(watch())
END"""
_SUBSCRIPTION = {"query": "subscription { notificationReceived { kind message } }"}
_MOST_TRUSTED_EXAMPLES = 6
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


def examples_of(documents: Documents) -> Sequence[Example]:
    """What is carried out as it is: where documents are trusted, those queries of theirs that want no variables."""
    if not isinstance(documents, TrustedDocuments):
        return EXAMPLES
    ready = islice(ready_operations(documents, OperationType.QUERY), _MOST_TRUSTED_EXAMPLES)
    return [Example(one.name or "A trusted query", {"documentId": one.document_id}) for one in ready]


class StartPage:
    """What to try, with commands that can be pasted."""

    def __init__(self, documents: Documents, *, demo: bool, has_graphiql: bool) -> None:
        self._examples = examples_of(documents)
        self._subscription = _subscription_of(documents)
        self._demo = demo
        trusts = isinstance(documents, TrustedDocuments)
        # GraphiQL asks what nobody trusts.
        self._about = f"{_GRAPHIQL if has_graphiql else ''}{_TRUSTED if trusts else ''}"

    async def __call__(self, request: Request) -> Response:
        address = f"{request.base_url}graphql"
        who = AS_KARI if self._demo else AS_BEARER
        commands = [(one.title, command(address, who, one.asked)) for one in self._examples]
        if self._subscription is not None:
            watch = watching(address, self._subscription, demo=self._demo)
            commands.append(("What arrives, live: leave it running", watch))
        commands.append(_MAILS[self._demo])
        examples = "\n".join(_shown(title, text) for title, text in commands)
        shown = {"address": html.escape(address), "about": self._about, "who": _WHO[self._demo], "examples": examples}
        return HTMLResponse(_PAGE.substitute(shown), headers=_HEADERS)


def command(address: str, who: str, asked: Mapping[str, str]) -> str:
    """The curl command that asks this, as a POSIX shell takes it; `who` may name variables of the shell."""
    body = json.dumps(asked).replace("'", "'\\''")
    return f"curl -s {address} -H 'Content-Type: application/json' -H \"{who}\" -d '{body}'"


def watching(address: str, asked: Mapping[str, str], *, demo: bool) -> str:
    """The command that shows what a subscription brings."""
    return Template(_WATCH).substitute(
        python=".venv/bin/python" if demo else "python3",
        address=address.replace("http", "ws", 1),
        who=f'{{"X-Invito-Viewer": "{KARI}"}}' if demo else '{"Authorization": "Bearer " + os.environ["TOKEN"]}',
        asked=json.dumps(asked),
    )


def _subscription_of(documents: Documents) -> Mapping[str, str] | None:
    if not isinstance(documents, TrustedDocuments):
        return _SUBSCRIPTION
    ready = next(ready_operations(documents, OperationType.SUBSCRIPTION), None)
    return None if ready is None else {"documentId": ready.document_id}


def _shown(title: str, text: str) -> str:
    return f"<h2>{html.escape(title)}</h2>\n<pre>{html.escape(text, quote=False)}</pre>"


_GRAPHIQL = """<p><a href="graphiql">GraphiQL</a> explores it: all types with what they mean, and the operations of the
dialog, ready to be run.</p>"""
_TRUSTED = "<p>It carries out trusted documents alone. Those that want no variables are below, by their ids.</p>"
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
