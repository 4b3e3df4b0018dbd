"""/metrics: what Prometheus is told, and who may read it."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families
from starlette.types import ASGIApp
from strawberry.types.graphql import OperationType

from invito.asgi import create_app
from invito.demo import load
from invito.metrics.operations import OperationMetrics
from invito.services.storage.database import Database
from invito.services.storage.migrating import upgrade
from invito.settings import Settings

TOKEN = "what Prometheus alone is told, and nobody else"
KARI = "kari.nordmann@nordlys.example"
INVITE = """mutation Invite { createFollowUp(input: {
  type: APPOINTMENT, title: "Canary", start: "2030-05-14T10:00", emailInvitations: true,
  invitees: [{participant: {email: {address: "siri@kunde.example"}}}]
}) { followUp { id } errors { message } } }"""
Listening = Callable[[ASGIApp], AbstractAsyncContextManager[str]]
Labels = dict[str, str]


@dataclass
class Service:
    client: httpx2.AsyncClient

    async def ask(self, query: str) -> Any:
        answer = await self.client.post("/graphql", json={"query": query}, headers={"X-Invito-Viewer": KARI})
        return answer.json()

    async def value(self, name: str, **labels: str) -> float | None:
        """The value of the sample with this name and these labels among its own; None where there is none."""
        text = (await self.client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})).text
        samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
        return next((one.value for one in samples if one.name == name and one.labels == labels), None)


@asynccontextmanager
async def serving(folder: Path, listening: Listening, **more: object) -> AsyncIterator[Service]:
    url = f"sqlite:///{folder}/a.sqlite3"
    await upgrade(url)
    settings = Settings(database_url=url, mail_worker=False, **more)  # type: ignore[arg-type]
    database = Database(url)
    await load(database, settings.for_demo())
    await database.close()
    async with (
        listening(create_app(settings.for_demo(), demo=True)) as address,
        httpx2.AsyncClient(base_url=address, timeout=60) as client,
    ):
        yield Service(client)


@pytest.fixture
async def service(tmp_path: Path, listening: Listening) -> AsyncIterator[Service]:
    async with serving(tmp_path, listening, metrics_token=TOKEN) as one:
        yield one


async def test_without_a_token_in_the_settings_there_are_no_metrics(tmp_path: Path, listening: Listening) -> None:
    async with serving(tmp_path, listening) as service:
        answer = await service.client.get("/metrics")

    assert answer.status_code == 404


async def test_the_word_bearer_may_be_written_in_any_case(service: Service) -> None:
    answer = await service.client.get("/metrics", headers={"Authorization": f"bearer {TOKEN}"})

    assert answer.status_code == 200


@pytest.mark.parametrize("sent", [{}, {"Authorization": "Bearer another"}, {"Authorization": TOKEN}])
async def test_whoever_has_another_token_is_told_nothing(service: Service, sent: Labels) -> None:
    answer = await service.client.get("/metrics", headers=sent)

    assert answer.status_code == 401
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert "invito_" not in answer.text


async def test_operations_are_counted_by_name_with_their_time(service: Service) -> None:
    await service.ask("query Who { viewer { id } }")
    await service.ask("query Who { viewer { id } }")
    await service.ask("{ viewer { id } }")

    assert await service.value("invito_operations_total", operation="Who", type="query") == 2
    assert await service.value("invito_operation_seconds_count", operation="Who", type="query") == 2
    assert await service.value("invito_operations_total", operation="unnamed", type="query") == 1


async def test_operations_tell_by_name_what_they_cost(service: Service) -> None:
    page = "followUps(first: %d) { nodes { owner { name } } }"
    await service.ask(f"query Page {{ {page % 50} }}")
    await service.ask(f"query Page {{ {page % 5} }}")
    await service.ask(f"query Beyond {{ {' '.join(f'a{one}: {page % 500}' for one in range(25))} }}")

    assert await service.value("invito_operation_cost_sum", operation="Page", type="query") == 110
    assert await service.value("invito_operation_cost_count", operation="Page", type="query") == 2
    assert await service.value("invito_operation_cost_bucket", operation="Page", type="query", le="10.0") == 1
    # It cost nothing, since it was refused.
    assert await service.value("invito_operation_cost_count", operation="Beyond", type="query") is None


async def test_a_document_that_is_refused_gets_no_name_and_its_errors_are_counted(service: Service) -> None:
    await service.ask("query Canary { canary }")
    await service.ask("query Canary {")

    assert await service.value("invito_operations_total", operation="refused", type="refused") == 2
    text = (await service.client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})).text
    assert 'invito_operation_errors_total{code="INVALID_INPUT",operation="refused"} 2.0' in text
    assert "anary" not in text


async def test_an_error_of_a_field_is_counted_by_its_code(service: Service) -> None:
    await service.ask("query Plugins { plugins { nodes { name } } }")

    assert await service.value("invito_operation_errors_total", operation="Plugins", code="FORBIDDEN") == 1


async def test_what_waits_is_told_and_nothing_of_what_it_says(service: Service) -> None:
    await service.ask(INVITE)

    text = (await service.client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})).text
    assert await service.value("invito_outbox_mails") == 1
    assert await service.value("invito_inbox_mails") == 0
    assert await service.value("invito_database_up") == 1
    assert "kunde.example" not in text
    assert KARI not in text


async def test_plugins_are_told_with_their_health(service: Service) -> None:
    assert await service.value("invito_plugin_health", plugin="employees", health="OK") == 1
    assert await service.value("invito_plugin_health", plugin="employees", health="UNAVAILABLE") == 0
    assert await service.value("invito_plugin_breakers_open", plugin="employees") == 0


async def test_a_subscription_is_open_as_long_as_somebody_watches(service: Service) -> None:
    id_ = (await service.ask(INVITE))["data"]["createFollowUp"]["followUp"]["id"]
    watch = {"query": f'subscription Watch {{ followUpChanged(id: "{id_}") {{ title }} }}'}
    headers = {"X-Invito-Viewer": KARI, "Accept": "text/event-stream"}

    async with service.client.stream("POST", "/graphql", json=watch, headers=headers) as events:
        # What holds the lines holds the connection.
        lines = events.aiter_lines()
        async for line in lines:
            if "Canary" in line:
                break
        while_open = await service.value("invito_subscriptions_open")

    assert while_open == 1


async def test_a_subscription_too_many_was_not_carried_out_and_has_no_cost(
    tmp_path: Path, listening: Listening
) -> None:
    async with serving(tmp_path, listening, metrics_token=TOKEN, max_subscriptions=1) as service:
        id_ = (await service.ask(INVITE))["data"]["createFollowUp"]["followUp"]["id"]
        headers = {"X-Invito-Viewer": KARI, "Accept": "text/event-stream"}
        watch = f'subscription %s {{ followUpChanged(id: "{id_}") {{ title }} }}'

        async with service.client.stream("POST", "/graphql", json={"query": watch % "One"}, headers=headers) as events:
            lines = events.aiter_lines()
            async for line in lines:
                if "Canary" in line:
                    break
            refused = await service.client.post("/graphql", json={"query": watch % "Two"}, headers=headers)
            cost = await service.value("invito_operation_cost_count", operation="Two", type="subscription")
            counted = await service.value("invito_operations_total", operation="refused", type="refused")

    assert "LIMIT_EXCEEDED" in refused.text
    assert (cost, counted) == (None, 1)


def test_beyond_the_first_names_all_others_share_one() -> None:
    registry = CollectorRegistry()
    metrics = OperationMetrics(registry, most_names=2)

    for name in ("A", "B", "C", "A", "D", None):
        metrics.took(name, OperationType.QUERY, 0.1, [], 7)

    counted, with_cost = (
        {
            name: registry.get_sample_value(of, {"operation": name, "type": "query"})
            for name in ("A", "B", "C", "others", "unnamed")
        }
        for of in ("invito_operations_total", "invito_operation_cost_count")
    )
    assert counted == with_cost == {"A": 2, "B": 1, "C": None, "others": 2, "unnamed": 1}
