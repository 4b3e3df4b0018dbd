"""How long a document may be: its tokens are counted while it is read, before anything else is done with it."""

from collections.abc import Iterator
from contextlib import suppress

from graphql import GraphQLError, GraphQLSyntaxError, Lexer, Source, TokenKind
from strawberry.extensions import ParserCache
from strawberry.types import ExecutionContext

from invito.schema.errors import beyond_limit
from invito.services.language import translate


class BoundedParser(ParserCache):
    """Reads a document once for all who send the same, as far as `most_tokens` tokens."""

    def __init__(self, most_tokens: int) -> None:
        super().__init__()
        self._most_tokens = most_tokens

    def on_parse(self) -> Iterator[None]:
        context = self.execution_context
        context.parse_options["max_tokens"] = self._most_tokens
        # Strawberry reads what is not read yet, and makes an answer of the error, which it does of none from here.
        with suppress(GraphQLSyntaxError):
            context.graphql_document = self.cached_parse_document(context.query, **context.parse_options)
        yield


def told_of_length(error: GraphQLError, context: ExecutionContext) -> GraphQLError:
    """The error with code and limit, where the parser stopped since the document is too long."""
    most = context.parse_options.get("max_tokens")
    if most is None or not isinstance(error, GraphQLSyntaxError) or not _is_longer(context.query or "", most):
        return error
    message = translate("The document has more than {limit} tokens: ask for it in several operations.")
    # The value is how far it was counted.
    return beyond_limit(message, most, most + 1)


def _is_longer(text: str, most: int) -> bool:
    """Whether it has more tokens, comments among them, or the parser stopped for another reason."""
    lexer = Lexer(Source(text))
    token = lexer.token
    try:
        for _ in range(most + 1):
            token = lexer.read_next_token(token.end)
            if token.kind is TokenKind.EOF:
                return False
    except GraphQLSyntaxError:
        return False
    return True
