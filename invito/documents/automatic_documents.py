"""Documents that clients send once with their hash, and name by it then (Apollo's automatic persisted queries)."""

from graphql import GraphQLError, GraphQLSchema

from invito.asked import Asked
from invito.bounded_cache import BoundedCache
from invito.documents.naming import Name, name_of, sha256_of
from invito.schema.document_reading import mistakes_in
from invito.schema.operation_limits import OperationLimits
from invito.services.errors import Unanswerable, UnanswerableCode, UserErrorCode
from invito.services.language import translate

_MOST_DOCUMENTS = 1_000
_MOST_CHARACTERS = 4_000_000
# What clients that send `persistedQuery` look for; some read the message alone.
_NOT_FOUND = "PersistedQueryNotFound"


class AutomaticDocuments:
    """Takes any document, and keeps the valid ones that come with their hash: the last that were asked for.

    Each process keeps its own: whoever names one that is not there sends it once more.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        limits: OperationLimits,
        most_documents: int = _MOST_DOCUMENTS,
        most_characters: int = _MOST_CHARACTERS,
    ) -> None:
        self._schema = schema
        self._limits = limits
        self._texts: BoundedCache[str, str] = BoundedCache(most_documents, most_characters)

    def text_of(self, asked: Asked) -> str:
        """
        :raises Unanswerable: PERSISTED_QUERY_NOT_FOUND; INVALID_INPUT: the hash is that of another document.
        """
        name = name_of(asked)
        if name is None:
            assert asked.query is not None, "a document is there, or named"
            return asked.query
        if asked.query is None:
            return self._kept(name)
        if asked.query == self._texts.get(name.sha256):
            return asked.query
        # Whether the hash is known already or not: a mistake does not come and go with what others asked before.
        if sha256_of(asked.query) != name.sha256:
            message = translate("{name} is not the SHA-256 of query: hash the document as it is sent, in UTF-8.")
            raise Unanswerable(UserErrorCode.INVALID_INPUT, message.format(name=name.path[-1]), name.path)
        if self._is_valid(asked.query):
            self._texts.keep(name.sha256, asked.query, len(asked.query))
        return asked.query

    def _kept(self, name: Name) -> str:
        text = self._texts.get(name.sha256)
        if text is None:
            message = _NOT_FOUND
            if name.is_by_id:
                message = translate("No document has this documentId here: send it once as query, with its documentId.")
            raise Unanswerable(UnanswerableCode.PERSISTED_QUERY_NOT_FOUND, message, name.path)
        return text

    def _is_valid(self, text: str) -> bool:
        try:
            return not mistakes_in(self._schema, text, self._limits)
        except GraphQLError:
            return False
