"""What a GraphQL request asks: its parameters, as GraphQL over HTTP has them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeGuard

import orjson

from invito.services.errors import Unanswerable, UnanswerableCode
from invito.services.language import translate

# Where Apollo's clients name a document by its hash.
PERSISTED = "persistedQuery"
_IN_JSON = ("variables", "extensions")
# How deep orjson reads, and what it says of anything deeper.
_DEEPEST = 1_024
_TOO_DEEP = "depth limit exceeded"


class TooDeep(Unanswerable):
    """The JSON is nested deeper than it is read: what it asks is unknown."""


class NotAsked(ValueError):
    """The parameters are none of a GraphQL request; the message says which one."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The parameters of a request. A document is there as text (`query`), by its id, or by its hash in `extensions`."""

    query: str | None = None
    document_id: str | None = None
    operation_name: str | None = None
    variables: dict[str, object] | None = None
    extensions: dict[str, object] | None = None

    @classmethod
    def of(cls, fields: Mapping[str, object]) -> "Asked":
        """
        :raises NotAsked: a parameter is of another type than it should be, or nothing says which document is meant.
        """
        asked = cls(
            _text(fields, "query"),
            _text(fields, "documentId"),
            _text(fields, "operationName"),
            _object(fields, "variables"),
            _object(fields, "extensions"),
        )
        if not (asked.query or asked.document_id or (asked.extensions or {}).get(PERSISTED) is not None):
            raise NotAsked("There is no document: send query, or documentId.")
        return asked

    @classmethod
    def of_url(cls, parameters: Mapping[str, str]) -> "Asked":
        """Those in the query component of a URL, of which an empty one counts as left out.

        :raises NotAsked: as `of`, or what should be JSON is none.
        """
        fields: dict[str, object] = {name: value for name, value in parameters.items() if value}
        return cls.of(fields | {name: read_json(fields[name], name) for name in _IN_JSON if name in fields})

    @classmethod
    def of_body(cls, body: bytes) -> "Asked":
        """
        :raises NotAsked: as `of`, or the body is no JSON object.
        """
        fields = read_json(body, "The body")
        if isinstance(fields, list):
            raise NotAsked("One request has one operation: send several one by one.")
        if not _is_object(fields):
            raise NotAsked("The body should be a JSON object.")
        return cls.of(fields)


def read_json(text: object, what: str) -> object:
    """
    :raises NotAsked: it is no JSON.
    :raises TooDeep: lists and objects stand deeper one within the other than JSON is read.
    """
    assert isinstance(text, str | bytes)
    try:
        parsed: object = orjson.loads(text)
    except orjson.JSONDecodeError as problem:
        if problem.msg == _TOO_DEEP:
            message = translate("This JSON is nested more than {limit} deep: nest less.")
            # The value is how far it was read.
            raise TooDeep(
                UnanswerableCode.LIMIT_EXCEEDED,
                message.format(limit=_DEEPEST),
                limit=_DEEPEST,
                value=_DEEPEST + 1,
            ) from None
        raise NotAsked(f"{what} should be JSON: {problem}.") from None
    return parsed


def _text(fields: Mapping[str, object], name: str) -> str | None:
    value = fields.get(name)
    if not isinstance(value, str | None):
        raise NotAsked(f"{name} should be a text, or null.")
    return value or None


def _object(fields: Mapping[str, object], name: str) -> dict[str, object] | None:
    value = fields.get(name)
    if value is None or _is_object(value):
        return value
    raise NotAsked(f"{name} should be an object, or null.")


def _is_object(value: object) -> TypeGuard[dict[str, object]]:
    return isinstance(value, dict)
