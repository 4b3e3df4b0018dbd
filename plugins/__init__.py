"""What a plugin author imports: the source contract, the hook specifications and the names' order.

Nothing in here knows the rest of Invito; the built-in sources use the same names as anybody's.
"""

from invito.plugins.authentication import AuthenticatedViewer, AuthenticationRequest
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
    EmailSent,
    FollowUpChanged,
    ParticipantsInvited,
    ParticipantsRemoved,
    StatusChanged,
)
from invito.plugins.graphql_types import GraphQLTypes, viewer_of
from invito.plugins.hookspecs import hookimpl
from invito.plugins.mail import (
    Attachment,
    InvitationMail,
    MailMessage,
    MailPutOff,
    MailRefused,
    MailTransport,
    OutgoingMail,
)
from invito.plugins.name_index import NameIndex
from invito.plugins.paging import page_of_containers, page_of_entries
from invito.plugins.plugin_context import PluginContext
from invito.plugins.source import Source, SourceContext
from invito.plugins.texts import (
    MOST_IN_ADDRESS,
    MOST_IN_DESCRIPTION,
    MOST_IN_NAME,
    MOST_IN_PLACE,
    MOST_IN_REFERENCE,
    MOST_OF_ONE_ADDRESS,
    clean_address,
    clean_text,
    is_time_zone,
)

__all__ = [
    "MOST_IN_ADDRESS",
    "MOST_IN_DESCRIPTION",
    "MOST_IN_NAME",
    "MOST_IN_PLACE",
    "MOST_IN_REFERENCE",
    "MOST_OF_ONE_ADDRESS",
    "Attachment",
    "AuthenticatedViewer",
    "AuthenticationRequest",
    "Container",
    "ContainerKind",
    "ContainerPage",
    "ContainerQuery",
    "EmailSent",
    "Entry",
    "EntryPage",
    "EntryQuery",
    "FollowUpChanged",
    "GraphQLTypes",
    "InvitationMail",
    "Label",
    "Language",
    "MailMessage",
    "MailPutOff",
    "MailRefused",
    "MailTransport",
    "NameIndex",
    "OutgoingMail",
    "PageRequest",
    "ParticipantKind",
    "ParticipantsInvited",
    "ParticipantsRemoved",
    "PluginContext",
    "Position",
    "Source",
    "SourceContext",
    "Span",
    "StatusChanged",
    "UnknownContainer",
    "ViewerIdentity",
    "clean_address",
    "clean_text",
    "hookimpl",
    "is_time_zone",
    "page_of_containers",
    "page_of_entries",
    "viewer_of",
]
