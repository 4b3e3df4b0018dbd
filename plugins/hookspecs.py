"""The whole plugin API: one function a hook. An implementation may be plain or `async` and may leave arguments out.

Each is called by itself, in pluggy's order (the last one loaded first, but for tryfirst and trylast), within the time
that a plugin has; wrappers are refused. "firstresult" means: the first that answers anything but None is taken, and
those after it are not asked.
"""

from collections.abc import Awaitable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pluggy

from invito.plugins.authentication import AuthenticatedViewer, AuthenticationRequest
from invito.plugins.contract import Entry, Span, ViewerIdentity
from invito.plugins.events import EmailSent, FollowUpChanged, ParticipantsInvited, ParticipantsRemoved, StatusChanged
from invito.plugins.graphql_types import GraphQLTypes
from invito.plugins.mail import InvitationMail, MailMessage, MailTransport
from invito.plugins.plugin_context import PluginContext
from invito.plugins.source import Source

if TYPE_CHECKING:
    import typer
    from starlette.routing import BaseRoute

PROJECT = "invito"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def invito_participant_sources(context: PluginContext[Any]) -> Sequence[Source]:  # type: ignore[empty-body]  # a specification has no body
    """The participant sources that the plugin brings. Called whenever it is loaded; always a plain function.

    `invito serve` and `invito worker` load plugins twice: once to see that they can be, once to open. So make sources
    here, and open what they need in `invito_startup`.
    """


@hookspec
def invito_extend_participants(  # type: ignore[empty-body]  # a specification has no body
    source: str, participants: Sequence[Entry], viewer: ViewerIdentity | None
) -> Sequence[Entry] | Awaitable[Sequence[Entry]]:
    """Add to, take from or change the entries of a page that the source of this key lists.

    The source's own keep their order. Add what is to be added to every page: it is listed once, where the pages come to
    its name, and in a search where its name is found.
    """


@hookspec
def invito_busy_spans(  # type: ignore[empty-body]  # a specification has no body
    references: Sequence[str], span: Span
) -> Mapping[str, Sequence[Span] | None] | Awaitable[Mapping[str, Sequence[Span] | None]]:
    """Further calendars: who of these is busy when, within `span`. A reference left out is one it knows nothing of.

    None for one whose calendar it has and could not ask: nobody is told that they are free.
    """


@hookspec
def invito_participants_invited(event: ParticipantsInvited) -> None | Awaitable[None]:
    """Participants were invited. Called after commit."""


@hookspec
def invito_participants_removed(event: ParticipantsRemoved) -> None | Awaitable[None]:
    """Participants were removed. Called after commit."""


@hookspec
def invito_status_changed(event: StatusChanged) -> None | Awaitable[None]:
    """A participant's status changed. Called after commit."""


@hookspec
def invito_follow_up_changed(event: FollowUpChanged) -> None | Awaitable[None]:
    """A follow-up was created, changed or cancelled. Called after commit."""


@hookspec
def invito_email_sent(event: EmailSent) -> None | Awaitable[None]:
    """A mail was handed over for an invitee. Called after commit."""


@hookspec
def invito_compose_email(
    message: MailMessage, invitation: InvitationMail
) -> MailMessage | Awaitable[MailMessage | None] | None:
    """Change a mail before it goes: answer another message, or None to leave it as it is.

    Each plugin is handed what the one before it made. Called each time a mail is tried.
    """


@hookspec
def invito_mail_transport() -> MailTransport | Awaitable[MailTransport | None] | None:
    """Send the service's mails another way than SMTP (firstresult); None leaves it to the others, and to the settings.

    Called once in each process that sends, when the first mail is to go.
    """


@hookspec
def invito_startup(context: PluginContext[Any]) -> None | Awaitable[None]:
    """Open what the plugin keeps. Called once, before anything else is asked; where it fails, again after a while.

    It may take longer than a call may (`INVITO_PLUGIN_START_SECONDS`): until it has, the plugin is not asked.
    """


@hookspec
def invito_shutdown() -> None | Awaitable[None]:
    """Close what the plugin keeps. Called when Invito ends, where the plugin was started."""


@hookspec
def invito_authenticate(
    request: AuthenticationRequest,
) -> AuthenticatedViewer | Awaitable[AuthenticatedViewer | None] | None:
    """Know the viewer another way than by bearer token (firstresult); None leaves it to the others.

    Called for each request, each operation of a websocket and each event: be quick.
    """


@hookspec
def invito_graphql_types() -> GraphQLTypes | None:
    """Add fields to Query and Mutation, and types. Called once, when the service starts; always a plain function.

    Whether `invito_startup` has succeeded by then or not. Each resolver has the time of a call.
    """


@hookspec
def invito_asgi_routes() -> "Sequence[BaseRoute]":  # type: ignore[empty-body]  # a specification has no body
    """Starlette routes, served below `/plugins/NAME`. Called once, when the service starts; always a plain function.

    Whether `invito_startup` has succeeded by then or not. Each has the time of a call until it begins to answer.
    """


@hookspec
def invito_commands(context: PluginContext[Any]) -> "typer.Typer":  # type: ignore[empty-body]  # a specification has no body
    """Commands of the command line, as `invito NAME …`. Called when the command line looks for them; always plain.

    No longer than a start may take: whoever takes longer has none.

    The plugin is not started for them; `context` has its settings and its logger, and no directory.
    """
