"""Weighs operations, the same one once for all who send it with pages of the same sizes."""

from collections.abc import Mapping
from hashlib import sha256

from graphql import DocumentNode, GraphQLSchema, VariableNode, Visitor, visit
from graphql.language.ast import ArgumentNode

from invito.bounded_cache import BoundedCache
from invito.schema.weight import Weight, operation_of, weight_of

_MOST_KEPT = 1_000
_MOST_CHARACTERS = 1_000_000
_SIZES = ("first", "ids")


class Scales:
    """Keeps what was weighed last. What is kept is known by its hash: a text is up to 50,000 characters long."""

    def __init__(self) -> None:
        self._sized: BoundedCache[bytes, tuple[str, ...]] = BoundedCache(_MOST_KEPT, _MOST_CHARACTERS)
        self._weighed: BoundedCache[bytes, Weight] = BoundedCache(_MOST_KEPT, _MOST_KEPT)

    def weigh(
        self,
        schema: GraphQLSchema,
        text: str,
        document: DocumentNode,
        name: str | None,
        variables: Mapping[str, object],
        most_on_a_page: int,
    ) -> Weight | None:
        """The weight of an operation of a valid document; None where it is unclear which operation is meant."""
        hash_ = _hash_of(text)
        names = self._sized.get(hash_)
        if names is None:
            names = _variables_of_sizes(document)
            self._sized.keep(hash_, names, sum(map(len, names)))
        key = _hash_of(f"{text}\0{(name, most_on_a_page, [_size(variables, one) for one in names])!r}")
        weight = self._weighed.get(key)
        if weight is None:
            operation = operation_of(document, name)
            if operation is None:
                return None
            weight = weight_of(schema, document, operation, variables, most_on_a_page)
            self._weighed.keep(key, weight, 1)
        return weight


def _hash_of(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogatepass")).digest()


class _Sizes(Visitor):
    """Finds the variables that say how long a page is."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_argument(self, node: ArgumentNode, *_: object) -> None:
        if node.name.value in _SIZES and isinstance(node.value, VariableNode):
            self.names.add(node.value.name.value)


def _variables_of_sizes(document: DocumentNode) -> tuple[str, ...]:
    sizes = _Sizes()
    visit(document, sizes)
    return tuple(sorted(sizes.names))


def _size(variables: Mapping[str, object], name: str) -> object:
    """What a weight depends on: a number, how long a list is, or that it is neither, or not there."""
    if name not in variables:
        return "absent"
    value = variables[name]
    if isinstance(value, list):
        return "list", len(value)
    return value if isinstance(value, int) else None
