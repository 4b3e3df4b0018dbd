"""Operations as spans, with nothing private in them."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from invito.log_lines import log_to_stderr
from invito.schema import build_schema
from invito.schema.context import Context
from invito.services.house import House
from invito.services.viewers import identify
from invito.tracing import OperationSpan


async def test_an_operation_is_a_span_without_what_it_asks(house: House) -> None:
    spans = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    schema = build_schema(watching=[lambda: OperationSpan(provider.get_tracer("test"))])
    query = "query Find($for: String!) { searchParticipants(search: $for) { nodes { name } } }"

    await schema.execute(query, {"for": "canary"}, Context(house, await identify(house, "kari@nordlys.example")))

    (span,) = spans.get_finished_spans()
    assert span.name == "GraphQL query"
    assert dict(span.attributes or {}) == {"graphql.operation.type": "query", "graphql.operation.name": "Find"}
    assert "canary" not in span.to_json()


def test_a_log_line_within_a_span_has_its_trace_id(capsys: pytest.CaptureFixture[str], logging_as_before: None) -> None:
    log_to_stderr()

    with TracerProvider().get_tracer("test").start_as_current_span("one") as span:
        logging.getLogger("somebody").warning("within")
    logging.getLogger("somebody").warning("outside")

    within, outside = map(json.loads, capsys.readouterr().err.splitlines())
    assert within["trace_id"] == f"{span.get_span_context().trace_id:032x}"
    assert "trace_id" not in outside


@pytest.fixture
def logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()
