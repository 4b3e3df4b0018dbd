"""The whole plugin API: one function a hook. An implementation may be plain or `async` and may leave arguments out."""

from collections.abc import Awaitable, Mapping, Sequence

import pluggy

from invito.plugins.contract import Entry, Span, ViewerIdentity
from invito.plugins.events import FollowUpChanged, ParticipantsInvited, ParticipantsRemoved, StatusChanged
from invito.plugins.source import Source

PROJECT = "invito"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def invito_participant_sources() -> Sequence[Source]:  # type: ignore[empty-body]  # a specification has no body
    """The participant sources that the plugin brings. Called once, at the start; always a plain function."""


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
) -> Mapping[str, Sequence[Span]] | Awaitable[Mapping[str, Sequence[Span]]]:
    """Further calendars: who of these is busy when, within `span`. A reference left out is one it knows nothing of."""


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
