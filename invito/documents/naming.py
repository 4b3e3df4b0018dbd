"""How a client names a document: by `documentId` (GraphQL over HTTP, appendix A), or by Apollo's `persistedQuery`."""

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from invito.asked import PERSISTED, Asked
from invito.services.errors import Path, Unanswerable, UserErrorCode
from invito.services.language import translate

_SHA256 = re.compile("[0-9a-f]{64}")
# What an id begins with in GraphQL over HTTP.
SHA256_PREFIX = "sha256:"
_BY_ID: Path = ("documentId",)
_BY_EXTENSION: Path = ("extensions", PERSISTED)


class Documents(Protocol):
    """Knows documents by the SHA-256 of their text."""

    def text_of(self, asked: Asked) -> str:
        """The document to be carried out.

        :raises Unanswerable: it is not known, or not to be carried out.
        """


@dataclass(frozen=True, slots=True)
class Name:
    """The SHA-256 that a client names a document by, in hexadecimal digits of lower case, and where it says so."""

    sha256: str
    path: Path

    @property
    def is_by_id(self) -> bool:
        """Whether it is a `documentId`, and no `persistedQuery`."""
        return self.path == _BY_ID


def sha256_of(text: str) -> str:
    """The SHA-256 of a document's text in UTF-8, in hexadecimal digits of lower case."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def name_of(asked: Asked) -> Name | None:
    """How the client names the document, if it does; it may send its text besides.

    :raises Unanswerable: INVALID_INPUT: it is named in another way, or by what is no SHA-256.
    """
    if asked.document_id is not None:
        named = asked.document_id.removeprefix(SHA256_PREFIX)
        if not _SHA256.fullmatch(named):
            message = translate(
                "documentId should be sha256: and the 64 hexadecimal digits, of lower case, of the document's SHA-256."
            )
            raise Unanswerable(UserErrorCode.INVALID_INPUT, message, _BY_ID)
        return Name(named, _BY_ID)
    persisted = (asked.extensions or {}).get(PERSISTED)
    if persisted is None:
        return None
    hash_ = persisted.get("sha256Hash") if isinstance(persisted, dict) and persisted.get("version") == 1 else None
    if not isinstance(hash_, str) or not _SHA256.fullmatch(hash_):
        message = translate(
            'persistedQuery should be {"version": 1, "sha256Hash": "…"}, with the 64 hexadecimal digits, of lower '
            "case, of the document's SHA-256."
        )
        raise Unanswerable(UserErrorCode.INVALID_INPUT, message, _BY_EXTENSION)
    return Name(hash_, _BY_EXTENSION)
