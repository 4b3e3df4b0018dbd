"""What a plugin author imports: the source contract, the hook specifications and the names' order.

Nothing in here knows the rest of Invito; the built-in sources use the same names as anybody's.
"""

from invito.plugins.contract import (
    Container,
    ContainerKind,
    ContainerPage,
    ContainerQuery,
    Entry,
    EntryPage,
    EntryQuery,
    Label,
    Language,
    PageRequest,
    ParticipantKind,
    Position,
    Span,
    UnknownContainer,
    ViewerIdentity,
)
from invito.plugins.events import (
    FollowUpChanged,
    ParticipantsInvited,
    ParticipantsRemoved,
    StatusChanged,
)
from invito.plugins.hookspecs import hookimpl
from invito.plugins.paging import page_of_containers, page_of_entries
from invito.plugins.source import Source, SourceContext

__all__ = [
    "Container",
    "ContainerKind",
    "ContainerPage",
    "ContainerQuery",
    "Entry",
    "EntryPage",
    "EntryQuery",
    "FollowUpChanged",
    "Label",
    "Language",
    "PageRequest",
    "ParticipantKind",
    "ParticipantsInvited",
    "ParticipantsRemoved",
    "Position",
    "Source",
    "SourceContext",
    "Span",
    "StatusChanged",
    "UnknownContainer",
    "ViewerIdentity",
    "hookimpl",
    "page_of_containers",
    "page_of_entries",
]
