"""Operations as spans of OpenTelemetry, where its API is installed; who collects them is for the process to say.

A span has the operation's name and type. Documents and variables are private, and not in it.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from strawberry.extensions import SchemaExtension
from strawberry.types.graphql import OperationType
from structlog.typing import EventDict, WrappedLogger

try:
    from opentelemetry import trace
except ImportError:
    is_there = False
else:
    is_there = True

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer


class OperationSpan(SchemaExtension):
    """The execution of a query or a mutation. A subscription lasts for hours, and has none."""

    def __init__(self, tracer: "Tracer | None" = None) -> None:
        self._tracer = tracer or trace.get_tracer("invito")

    def on_execute(self) -> Iterator[None]:
        context = self.execution_context
        if context.operation_type is OperationType.SUBSCRIPTION:
            yield
            return
        type_, name = context.operation_type.value, context.operation_name
        attributes = {"graphql.operation.type": type_} | ({"graphql.operation.name": name} if name else {})
        with self._tracer.start_as_current_span(
            f"GraphQL {type_}", attributes=attributes, record_exception=False, set_status_on_exception=False
        ) as span:
            yield
            if context.pre_execution_errors:
                span.set_status(trace.StatusCode.ERROR)


def with_trace_id(_: WrappedLogger, __: str, record: EventDict) -> EventDict:
    """The record with the id of the trace that it is of, by which it is found beside its spans."""
    if is_there and (span := trace.get_current_span().get_span_context()).is_valid:
        record["trace_id"] = trace.format_trace_id(span.trace_id)
    return record
