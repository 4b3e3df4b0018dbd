"""Operations by name: how many, how long, at which cost, with which errors.

Names come from clients, and each is a time series for ever: the first few hundred have one of their own, all others
share one, and documents that are refused unread get no name at all.
"""

import asyncio
import time
from collections.abc import Iterable, Iterator

from graphql import GraphQLError
from prometheus_client import CollectorRegistry, Counter, Histogram
from strawberry.extensions import SchemaExtension
from strawberry.types.graphql import OperationType

from invito.schema.operation import Operation

MOST_NAMES = 200
UNNAMED = "unnamed"
OTHERS = "others"
REFUSED = "refused"
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
# The last is what one operation may cost where nothing else is set.
_COSTS = (1, 10, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 20_000)


class OperationMetrics:
    """Counts operations of GraphQL, and takes their time."""

    def __init__(self, registry: CollectorRegistry, most_names: int = MOST_NAMES) -> None:
        self._most_names = most_names
        self._names: set[str] = set()
        self._operations = Counter(
            "invito_operations", "Operations that are over.", ("operation", "type"), registry=registry
        )
        self._left = Counter(
            "invito_operations_left",
            "Queries that were given up and mutations that went on, since their client left.",
            ("operation", "type"),
            registry=registry,
        )
        self._errors = Counter(
            "invito_operation_errors",
            "Errors in answers, by code; what a mutation says of its input is none.",
            ("operation", "code"),
            registry=registry,
        )
        self._seconds = Histogram(
            "invito_operation_seconds",
            "How long queries and mutations took, from parsing to the answer.",
            ("operation", "type"),
            buckets=_SECONDS,
            registry=registry,
        )

        self._cost = Histogram(
            "invito_operation_cost",
            "What operations cost that were carried out, as they were weighed beforehand.",
            ("operation", "type"),
            buckets=_COSTS,
            registry=registry,
        )

    def took(
        self,
        name: str | None,
        type_: OperationType,
        seconds: float,
        errors: Iterable[GraphQLError],
        cost: int | None,
    ) -> None:
        """An operation is over. The time of a subscription says how long somebody watched, and is left out."""
        known = self._name(name)
        self._operations.labels(known, type_.value).inc()
        if type_ is not OperationType.SUBSCRIPTION:
            self._seconds.labels(known, type_.value).observe(seconds)
        if cost is not None:
            self._cost.labels(known, type_.value).observe(cost)
        self._count(known, errors)

    def was_left(self, name: str | None, type_: OperationType) -> None:
        """Nobody waits for the answer of a query or a mutation any more; `took` comes besides."""
        self._left.labels(self._name(name), type_.value).inc()

    def refused(self, errors: Iterable[GraphQLError]) -> None:
        """A document was not carried out."""
        self._operations.labels(REFUSED, REFUSED).inc()
        self._count(REFUSED, errors)

    def _count(self, name: str, errors: Iterable[GraphQLError]) -> None:
        for error in errors:
            self._errors.labels(name, str((error.extensions or {}).get("code", UNNAMED))).inc()

    def _name(self, name: str | None) -> str:
        if name is None:
            return UNNAMED
        if len(self._names) < self._most_names:
            self._names.add(name)
        return name if name in self._names else OTHERS


class OperationWatch(SchemaExtension):
    """Tells the metrics of each operation; outermost, so that it sees what became of it."""

    def __init__(self, metrics: OperationMetrics) -> None:
        self._metrics = metrics
        self._is_carried_out = False

    def on_operation(self) -> Iterator[None]:
        began = time.perf_counter()
        try:
            yield
        except asyncio.CancelledError:
            self._was_left()
            raise
        finally:
            context = self.execution_context
            # Whatever came of it, not of what was before alone.
            errors = context.pre_execution_errors or ()
            if self._is_carried_out:
                seconds, cost = time.perf_counter() - began, _cost_of(context.context)
                self._metrics.took(context.operation_name, context.operation_type, seconds, errors, cost)
            else:
                self._metrics.refused(errors)

    def _was_left(self) -> None:
        context = self.execution_context
        # A subscription ends no other way.
        if self._is_carried_out and context.operation_type is not OperationType.SUBSCRIPTION:
            self._metrics.was_left(context.operation_name, context.operation_type)

    def on_execute(self) -> Iterator[None]:
        self._is_carried_out = True
        yield


def _cost_of(context: object) -> int | None:
    return context.cost if isinstance(context, Operation) else None
