"""How much one operation may weigh, and what answers one that weighs more: nothing of it is carried out then."""

from dataclasses import dataclass

from graphql import GraphQLError

from invito.schema.errors import beyond_limit, introspection_disabled
from invito.schema.weight import Weight
from invito.services.errors import Unanswerable
from invito.services.language import translate
from invito.services.paging import MOST_ON_A_PAGE, page_too_long, too_many_ids

# GraphiQL asks once, 15 deep.
_MOST_INTROSPECTIONS = 1
_MOST_INTROSPECTION_DEPTH = 20


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
