"""What is new in an address book, and the cards themselves."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from xml.sax.saxutils import escape

from httpx2 import URL
from invito_dav import CARDDAV, DAV, DavFailure, DavServer, Resource

_ETAGS = (
    '<?xml version="1.0" encoding="utf-8"?><propfind xmlns="DAV:"><prop><getetag/><resourcetype/></prop></propfind>'
)
_SYNC = """<?xml version="1.0" encoding="utf-8"?>
<sync-collection xmlns="DAV:"><sync-token>{token}</sync-token><sync-level>1</sync-level>
<prop><getetag/></prop></sync-collection>"""
_MULTIGET = """<?xml version="1.0" encoding="utf-8"?>
<A:addressbook-multiget xmlns="DAV:" xmlns:A="urn:ietf:params:xml:ns:carddav"><prop><getetag/><A:address-data/></prop>
{hrefs}</A:addressbook-multiget>"""
_TEXT = f"{CARDDAV}address-data"
_AT_ONCE = 50
_MOST_CARDS = 50_000
_MOST_PARTS = 1_000
_NOT_THERE = (404, 410)
_MORE_TO_COME = 507


@dataclass(slots=True)
class Changes:
    """The ETags of cards that are new or changed, and those that are gone, by path; `urls` are how to ask for them.

    `are_all`: what is not among them is gone too.
    """

    are_all: bool
    token: str | None = None
    etags: dict[str, str] = field(default_factory=dict)
    urls: dict[str, URL] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)

    def add(self, url: URL, resource: Resource) -> None:
        if len(self.etags) >= _MOST_CARDS:
            raise DavFailure(f"has an address book of more than {_MOST_CARDS:,} cards")
        self.gone.discard(url.path)
        self.etags[url.path] = resource.text(f"{DAV}getetag")
        self.urls[url.path] = url

    def take(self, url: URL) -> None:
        self.etags.pop(url.path, None)
        self.gone.add(url.path)


async def changes_since(server: DavServer, book: URL, token: str | None) -> Changes:
    """By sync-collection (RFC 6578); without a token it is everything.

    :raises DavFailure: it cannot be told, since the token is too old for instance.
    """
    changes = Changes(are_all=token is None, token=token)
    for _ in range(_MOST_PARTS):
        body = _SYNC.format(token=escape(changes.token or ""))
        answer = await server.multistatus("REPORT", book, body)
        is_more_to_come = False
        for resource in answer.resources:
            url = server.at(resource.href)
            if url.path.rstrip("/") == book.path.rstrip("/"):
                is_more_to_come |= resource.status == _MORE_TO_COME
            elif resource.status in _NOT_THERE:
                changes.take(url)
            elif not url.path.endswith("/"):
                changes.add(url, resource)
        is_more_to_come &= answer.sync_token not in (None, changes.token)
        changes.token = answer.sync_token
        if not is_more_to_come:
            return changes
    raise DavFailure("has more and more changes to tell")


async def listed(server: DavServer, book: URL) -> Changes:
    """Everything that is there, for servers that know of no synchronization.

    :raises DavFailure: it cannot be told.
    """
    changes = Changes(are_all=True)
    for resource in (await server.multistatus("PROPFIND", book, _ETAGS, "1")).resources:
        url = server.at(resource.href)
        is_folder = url.path.endswith("/") or f"{DAV}collection" in resource.names_in(f"{DAV}resourcetype")
        if not is_folder and resource.status not in _NOT_THERE:
            changes.add(url, resource)
    return changes


@dataclass(slots=True)
class Fetched:
    """ETags and texts of cards by path, and which are gone meanwhile; those that are in neither were not given."""

    cards: dict[str, tuple[str, str]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)


async def fetched(server: DavServer, book: URL, urls: Mapping[str, URL]) -> Fetched:
    """These cards, some at once.

    :raises DavFailure: they cannot be had.
    """
    answers = Fetched()
    rest = iter(urls.values())
    while some := list(islice(rest, _AT_ONCE)):
        hrefs = "".join(f"<href>{escape(url.raw_path.decode('ascii'))}</href>" for url in some)
        answer = await server.multistatus("REPORT", book, _MULTIGET.format(hrefs=hrefs), "1")
        for resource in answer.resources:
            path = server.at(resource.href).path
            if path not in urls:
                continue
            if resource.status in _NOT_THERE:
                answers.gone.add(path)
            # What lies there and is no card has no text of one, and never will.
            elif _TEXT in resource.properties or resource.refused.get(_TEXT) in _NOT_THERE:
                answers.cards[path] = resource.text(f"{DAV}getetag"), resource.text(_TEXT)
    return answers
