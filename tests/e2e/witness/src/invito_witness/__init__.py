"""A plugin with every hook there is: each notes that it was called, in a file, and does something that shows."""

from dataclasses import replace
from pathlib import Path

import strawberry
import typer
from pydantic import BaseModel
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from invito.plugins import (
    AuthenticatedViewer,
    Entry,
    GraphQLTypes,
    Label,
    MailTransport,
    ParticipantKind,
    Source,
    Span,
    hookimpl,
    page_of_containers,
    page_of_entries,
    viewer_of,
)

GUEST = Entry("witness:1", ParticipantKind.PERSON, "Vera Vitne", "vera@witness.example")


class WitnessSettings(BaseModel):
    file: Path
    mails: Path


settings_model = WitnessSettings
settings = None


def note(hook):
    with settings.file.open("a") as notes:
        notes.write(f"{hook}\n")


class Witnesses(Source):
    key = "witness"
    label = container_label = all_label = Label("Witnesses", "Vitner")
    directories = frozenset({"witness"})
    offers_all = True

    def containers(self, context, query):
        return page_of_containers([], query)

    def participants(self, context, query):
        return page_of_entries([GUEST], query)

    def resolve(self, context, references):
        return [GUEST if one == GUEST.reference else None for one in references]


@hookimpl
def invito_participant_sources(context):
    global settings  # noqa: PLW0603  # there is one module, and one of its settings
    settings = context.settings
    note("invito_participant_sources")
    return [Witnesses()]


@hookimpl
async def invito_startup(context):
    note("invito_startup")


@hookimpl
def invito_shutdown():
    note("invito_shutdown")


@hookimpl
def invito_extend_participants(source, participants):
    note("invito_extend_participants")
    return [replace(one, title="Seen") for one in participants] if source == "witness" else participants


@hookimpl
async def invito_busy_spans(references, span):
    note("invito_busy_spans")
    return {one: [Span(span.start, span.end)] for one in references if one == GUEST.reference}


@hookimpl
def invito_participants_invited(event):
    note("invito_participants_invited")


@hookimpl
async def invito_participants_removed(event):
    note("invito_participants_removed")


@hookimpl
def invito_status_changed(event):
    note("invito_status_changed")


@hookimpl
def invito_follow_up_changed(event):
    note("invito_follow_up_changed")


@hookimpl
def invito_email_sent(event):
    note("invito_email_sent")


@hookimpl
def invito_compose_email(message, invitation):
    note("invito_compose_email")
    return replace(message, subject=f"Seen: {message.subject}")


class Drawer(MailTransport):
    def send(self, mail):
        settings.mails.write_bytes(mail.raw)
        return "put into a drawer"


@hookimpl
def invito_mail_transport():
    note("invito_mail_transport")
    return Drawer()


@hookimpl
def invito_authenticate(request):
    note("invito_authenticate")
    address = request.headers.get("x-witness")
    return AuthenticatedViewer(address) if address else None


@strawberry.type
class Query:
    @strawberry.field
    def witness_viewer(self, info: strawberry.Info) -> str:
        return viewer_of(info).email


@hookimpl
def invito_graphql_types():
    note("invito_graphql_types")
    return GraphQLTypes(query=Query)


@hookimpl
def invito_asgi_routes():
    note("invito_asgi_routes")
    return [Route("/name", lambda request: PlainTextResponse(GUEST.name))]


app = typer.Typer()


@app.command()
def name():
    """Say the witness's name."""
    typer.echo(GUEST.name)


@hookimpl
def invito_commands():
    note("invito_commands")
    return app
