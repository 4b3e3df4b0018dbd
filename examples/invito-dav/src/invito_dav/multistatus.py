"""Multi-status answers (RFC 4918 §13), read from XML that may have been written to do harm."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from invito_dav.failures import DavFailure

# The namespaces as ElementTree writes them before names.
DAV = "{DAV:}"
CARDDAV = "{urn:ietf:params:xml:ns:carddav}"
CALDAV = "{urn:ietf:params:xml:ns:caldav}"
CALENDAR_SERVER = "{http://calendarserver.org/ns/}"

_OK = 200
# An element takes far more room than the four letters that it may be written in.
_MOST_TAGS = 1_000_000


@dataclass(frozen=True, slots=True)
class Resource:
    """What an answer says of one resource. `href` is as it is written; `status` is of the whole of it, if there is one.

    `properties` are those that it has, by their names, `refused` the statuses of those that were not given.
    """

    href: str
    status: int | None = None
    properties: Mapping[str, Element] = field(default_factory=dict)
    refused: Mapping[str, int] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """The text of a property, empty where there is none."""
        element = self.properties.get(name)
        return "" if element is None else (element.text or "").strip()

    def names_in(self, name: str) -> frozenset[str]:
        """The names of the elements anywhere within a property, such as `resourcetype`."""
        element = self.properties.get(name)
        return frozenset() if element is None else frozenset(one.tag for one in element.iter())

    def href_in(self, name: str) -> str | None:
        """The first address within a property."""
        element = self.properties.get(name)
        found = None if element is None else element.findtext(f"{DAV}href")
        return found.strip() if found else None


@dataclass(frozen=True, slots=True)
class Multistatus:
    resources: tuple[Resource, ...]
    sync_token: str | None = None


def multistatus_of(raw: bytes) -> Multistatus:
    """
    :raises DavFailure: it is no multi-status answer, or holds what no server needs to say.
    """
    if raw.count(b"<") > _MOST_TAGS:
        raise DavFailure(f"answered with more than {_MOST_TAGS:,} tags")
    try:
        root = fromstring(raw, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as problem:
        raise DavFailure(f"answered with XML that is not read ({type(problem).__name__})") from problem
    if root.tag != f"{DAV}multistatus":
        raise DavFailure("answered with XML that is no multistatus")
    token = (root.findtext(f"{DAV}sync-token") or "").strip()
    return Multistatus(tuple(_resource(one) for one in root.iter(f"{DAV}response")), token or None)


def _resource(response: Element) -> Resource:
    properties: dict[str, Element] = {}
    refused: dict[str, int] = {}
    for part in response.iter(f"{DAV}propstat"):
        own = {one.tag: one for group in part.iter(f"{DAV}prop") for one in group}
        status = _status(part)
        if status in (_OK, None):
            properties |= own
        else:
            refused |= dict.fromkeys(own, status)
    return Resource((response.findtext(f"{DAV}href") or "").strip(), _status(response), properties, refused)


def _status(element: Element) -> int | None:
    """Of a line such as `HTTP/1.1 404 Not Found`."""
    words = (element.findtext(f"{DAV}status") or "").split()
    return int(words[1]) if len(words) > 1 and words[1].isascii() and words[1].isdigit() else None
