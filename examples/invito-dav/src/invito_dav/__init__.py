"""Asking a WebDAV server with care: nothing endless is read, nothing expanded, and nobody else is told the password."""

from invito_dav.failures import DavFailure, ServerAway
from invito_dav.multistatus import CALDAV, CALENDAR_SERVER, CARDDAV, DAV, Multistatus, Resource, multistatus_of
from invito_dav.server import DavServer
from invito_dav.settings import DavSettings, ServerUrl, is_safe_to_ask

__all__ = [
    "CALDAV",
    "CALENDAR_SERVER",
    "CARDDAV",
    "DAV",
    "DavFailure",
    "DavServer",
    "DavSettings",
    "Multistatus",
    "Resource",
    "ServerAway",
    "ServerUrl",
    "is_safe_to_ask",
    "multistatus_of",
]
