"""How much one operation may weigh, and what answers one that weighs more: nothing of it is carried out then."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from graphql import DocumentNode, GraphQLError, GraphQLSchema, VariableNode, Visitor, visit
from graphql.language.ast import ArgumentNode

from invito.schema.errors import beyond_limit, introspection_disabled
from invito.schema.weight import Weight, operation_of, weight_of
from invito.services.errors import Unanswerable
from invito.services.language import translate
from invito.services.paging import MOST_ON_A_PAGE, page_too_long, too_many_ids

# GraphiQL asks once, 15 deep.
_MOST_INTROSPECTIONS = 1
_MOST_INTROSPECTION_DEPTH = 20
_MOST_WEIGHED = 1_000
_SIZES = ("first", "ids")

Key = TypeVar("Key")
Kept = TypeVar("Kept")


@dataclass(frozen=True, slots=True)
class OperationLimits:
    """What an operator sets. Where nobody `explores`, nothing is told of the schema."""

    characters: int = 50_000
    tokens: int = 2_000
    fields: int = 300
    depth: int = 12
    aliases: int = 30
    directives: int = 30
    cost: int = 20_000
    seconds: float = 10.0
    explores: bool = True


class Scales:
    """Weighs operations, the same one once for all who send it with pages of the same sizes."""

    def __init__(self) -> None:
        self._sized: OrderedDict[tuple[str, str | None], tuple[str, ...]] = OrderedDict()
        self._weighed: OrderedDict[object, Weight] = OrderedDict()

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
        sizes = self._sized.get((text, name))
        if sizes is None:
            sizes = _keep(self._sized, (text, name), _variables_of_sizes(document))
        key = (text, name, most_on_a_page, *(_size(variables, one) for one in sizes))
        weight = self._weighed.get(key)
        if weight is None:
            operation = operation_of(document, name)
            if operation is None:
                return None
            weight = _keep(self._weighed, key, weight_of(schema, document, operation, variables, most_on_a_page))
        return weight


def excess(weight: Weight, limits: OperationLimits, most_on_a_page: int) -> GraphQLError | None:
    """The refusal of what weighs more than it may; None where it is fine."""
    if weight.introspections and not limits.explores:
        return introspection_disabled()
    if weight.ids > MOST_ON_A_PAGE:
        return _refusal(too_many_ids(weight.ids))
    if weight.first > most_on_a_page:
        return _refusal(page_too_long(weight.first, most_on_a_page))
    for value, limit, message in (
        (weight.depth, limits.depth, translate("Its fields are more than {limit} deep: ask in several operations.")),
        (weight.aliases, limits.aliases, translate("It has more than {limit} aliases: ask in several operations.")),
        (weight.directives, limits.directives, translate("It has more than {limit} directives: leave some out.")),
        (
            weight.introspections,
            _MOST_INTROSPECTIONS,
            translate("It asks about the schema more than once: ask __schema or __type once in an operation."),
        ),
        (
            weight.introspection_depth,
            _MOST_INTROSPECTION_DEPTH,
            translate("It asks about the schema more than {limit} deep: ask for less."),
        ),
        (
            weight.cost,
            limits.cost,
            translate("It costs more than {limit}: ask for smaller pages, or for less at once."),
        ),
    ):
        if value > limit:
            return beyond_limit(message, limit, value)
    return None


def _refusal(problem: Unanswerable) -> GraphQLError:
    return GraphQLError(problem.message, original_error=problem)


def _keep(kept: OrderedDict[Key, Kept], key: Key, value: Kept) -> Kept:
    kept[key] = value
    if len(kept) > _MOST_WEIGHED:
        kept.popitem(last=False)
    return value


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
