"""Documents that clients send once with their hash, and name by it then (Apollo's automatic persisted queries)."""

from collections import OrderedDict

from graphql import GraphQLError, GraphQLSchema, parse, validate

from invito.asked import PERSISTED, Asked
from invito.documents.naming import named_sha256, sha256_of
from invito.services.errors import Unanswerable, UnanswerableCode, UserErrorCode
from invito.services.language import translate

_MOST_DOCUMENTS = 1_000
_MOST_CHARACTERS = 4_000_000
# What clients look for; some read the message alone.
_NOT_FOUND = "PersistedQueryNotFound"


class AutomaticDocuments:
    """Takes any document, and keeps the valid ones that come with their hash: the last that were asked for.

    Each process keeps its own: whoever names one that is not there sends it once more.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        most_tokens: int,
        most_documents: int = _MOST_DOCUMENTS,
        most_characters: int = _MOST_CHARACTERS,
    ) -> None:
        self._schema = schema
        self._most_tokens = most_tokens
        self._most_documents = most_documents
        self._most_characters = most_characters
        self._texts: OrderedDict[str, str] = OrderedDict()
        self._characters = 0

    def text_of(self, asked: Asked) -> str:
        """
        :raises Unanswerable: PERSISTED_QUERY_NOT_FOUND; INVALID_INPUT: the hash is that of another document.
        """
        named = named_sha256(asked)
        if asked.query is None:
            return self._kept(named)
        if named is None:
            return asked.query
        if asked.query == self._texts.get(named):
            return asked.query
        # Whether the hash is known already or not: a mistake does not come and go with what others asked before.
        if sha256_of(asked.query) != named:
            message = translate("The hash is not the SHA-256 of query: hash the document as it is sent, in UTF-8.")
            raise Unanswerable(UserErrorCode.INVALID_INPUT, message, ("extensions", PERSISTED))
        self._keep(named, asked.query)
        return asked.query

    def _kept(self, named: str | None) -> str:
        text = None if named is None else self._texts.get(named)
        if text is None:
            raise Unanswerable(UnanswerableCode.PERSISTED_QUERY_NOT_FOUND, _NOT_FOUND)
        self._texts.move_to_end(str(named))
        return text

    def _keep(self, named: str, text: str) -> None:
        if not self._is_valid(text):
            return
        self._texts[named] = text
        self._characters += len(text)
        while len(self._texts) > self._most_documents or self._characters > self._most_characters:
            self._characters -= len(self._texts.popitem(last=False)[1])

    def _is_valid(self, text: str) -> bool:
        try:
            return not validate(self._schema, parse(text, max_tokens=self._most_tokens))
        except GraphQLError:
            return False
