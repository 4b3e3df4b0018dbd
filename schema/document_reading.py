"""How a document is read and looked at: as far as it may be long, deep and wide, before any work that grows faster than
the document does."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from sys import getsizeof
from typing import cast
from weakref import WeakKeyDictionary

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    Lexer,
    Source,
    TokenKind,
    parse,
    specified_rules,
    validate,
)
from graphql.language.parser import MAX_NESTING_DEPTH
from strawberry.extensions import SchemaExtension
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from invito.bounded_cache import BoundedCache
from invito.schema.document_shape import MOST_LEVELS, Shape, shape_of
from invito.schema.errors import beyond_limit
from invito.schema.lined_source import LinedSource
from invito.schema.operation_limits import OperationLimits
from invito.services.language import translate

_MOST_KEPT = 128
_MOST_BYTES = 32_000_000
# With the node that is made of it.
_BYTES_OF_TOKEN = 550
# Each looks for names that are alike, which takes 1 ms.
_MOST_MISTAKES = 20
_OPENING = frozenset({TokenKind.BRACE_L, TokenKind.BRACKET_L})
_CLOSING = frozenset({TokenKind.BRACE_R, TokenKind.BRACKET_R})
_RULES = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)


class BoundedParser(SchemaExtension):
    """Reads a document once for all who send the same, as far as the limits let it."""

    def __init__(self, limits: OperationLimits) -> None:
        super().__init__()
        self._limits = limits

    def on_parse(self) -> Iterator[None]:
        context = self.execution_context
        # Strawberry's type of them knows less than it hands on.
        cast("dict[str, int]", context.parse_options).update(
            max_tokens=self._limits.tokens, max_source_length=self._limits.characters
        )
        # Strawberry reads what is not read yet, and makes an answer of the error, which it does of none from here.
        with suppress(GraphQLSyntaxError):
            context.graphql_document = read_document(context.query or "", self._limits)
        yield


@dataclass(slots=True)
class _Read:
    """A document, and what was found out about it since."""

    document: DocumentNode
    shape: Shape | None = None
    mistakes: WeakKeyDictionary[GraphQLSchema, Sequence[GraphQLError]] = field(default_factory=WeakKeyDictionary)


# Known by their text: a document's own hash takes as long as all its parts.
_last_read: BoundedCache[tuple[str, OperationLimits], _Read] = BoundedCache(_MOST_KEPT, _MOST_BYTES)


def read_document(text: str, limits: OperationLimits) -> DocumentNode:
    """
    :raises GraphQLSyntaxError: it is no document, or longer or deeper than it may be, which `told_of_limits` tells.
    """
    return _read(text, limits).document


def mistakes_in(schema: GraphQLSchema, text: str, limits: OperationLimits) -> Sequence[GraphQLError]:
    """Why a document may not be carried out: it is wider or deeper than it may be, or else all that is not valid.

    :raises GraphQLSyntaxError: as `read_document`.
    """
    read = _read(text, limits)
    shape = read.shape
    if shape is None:
        shape = read.shape = shape_of(read.document)
    if shape.fields > limits.fields:
        message = translate("The document has more than {limit} fields: ask for it in several operations.")
        return [beyond_limit(message, limits.fields, shape.fields)]
    if shape.levels > MOST_LEVELS:
        message = translate("It has more than {limit} levels, one within the other: ask in several operations.")
        return [beyond_limit(message, MOST_LEVELS, shape.levels)]
    mistakes = read.mistakes.get(schema)
    if mistakes is None:
        mistakes = tuple(validate(schema, read.document, _RULES, max_errors=_MOST_MISTAKES))
        read.mistakes[schema] = mistakes
    return mistakes


def told_of_limits(error: GraphQLError, text: str, limits: OperationLimits) -> GraphQLError:
    """The error with code, limit and value, where the parser stopped since the document is too long or too deep."""
    if not isinstance(error, GraphQLSyntaxError):
        return error
    if len(text) > limits.characters:
        message = translate("The document has more than {limit} characters: ask for it in several operations.")
        return beyond_limit(message, limits.characters, len(text))
    # The values are how far they were counted.
    tokens, brackets = _measured(text, limits.tokens)
    if brackets > MAX_NESTING_DEPTH:
        message = translate("It has more than {limit} brackets, one within the other: nest less.")
        return beyond_limit(message, MAX_NESTING_DEPTH, brackets)
    if tokens > limits.tokens:
        message = translate("The document has more than {limit} tokens: ask for it in several operations.")
        return beyond_limit(message, limits.tokens, tokens)
    return error


def _read(text: str, limits: OperationLimits) -> _Read:
    """What is kept, or else is read now and kept."""
    known = _last_read.get((text, limits))
    if known is not None:
        return known
    # Whatever is beyond the limit is not to be looked through for lines either.
    source = LinedSource(text[: limits.characters + 1])
    document = parse(source, max_tokens=limits.tokens, max_source_length=limits.characters)
    return _last_read.keep((text, limits), _Read(document), _bytes_of(text, document))


def _bytes_of(text: str, document: DocumentNode) -> int:
    """What a document takes in memory, about: its parts, and its text twice, since comments are kept besides."""
    return 2 * getsizeof(text) + _BYTES_OF_TOKEN * document.token_count


def _measured(text: str, most_tokens: int) -> tuple[int, int]:
    """How many tokens a text has, comments among them, and how many brackets one within the other: up to where one is
    beyond its limit, or something is no token."""
    lexer = Lexer(Source(text))
    token = lexer.token
    open_, tokens = 0, 0
    with suppress(GraphQLSyntaxError):
        while tokens <= most_tokens and open_ <= MAX_NESTING_DEPTH:
            token = lexer.read_next_token(token.end)
            if token.kind is TokenKind.EOF:
                break
            tokens += 1
            open_ += (token.kind in _OPENING) - (token.kind in _CLOSING)
    return tokens, open_
