"""How a client names a document: by `documentId` (GraphQL over HTTP, appendix A), or by Apollo's `persistedQuery`."""

from hashlib import sha256
from typing import Protocol

from invito.asked import PERSISTED, Asked
from invito.services.errors import Unanswerable, UserErrorCode
from invito.services.language import translate

_PREFIX = "sha256:"


class Documents(Protocol):
    """Knows documents by the SHA-256 of their text."""

    def text_of(self, asked: Asked) -> str:
        """The document to be carried out.

        :raises Unanswerable: it is not known, or not to be carried out.
        """


def sha256_of(text: str) -> str:
    """The SHA-256 of a document's text in UTF-8, in hexadecimal digits of lower case."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def named_sha256(asked: Asked) -> str | None:
    """The SHA-256 by which the client names the document, if it does; it may send its text besides.

    :raises Unanswerable: INVALID_INPUT: it is named in another way.
    """
    if asked.document_id is not None:
        return asked.document_id.removeprefix(_PREFIX)
    named = (asked.extensions or {}).get(PERSISTED)
    if named is None:
        return None
    if not isinstance(named, dict) or named.get("version") != 1 or not isinstance(named.get("sha256Hash"), str):
        message = translate('persistedQuery should be {"version": 1, "sha256Hash": "…"}.')
        raise Unanswerable(UserErrorCode.INVALID_INPUT, message, ("extensions", PERSISTED))
    return str(named["sha256Hash"])
