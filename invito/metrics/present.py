"""What is so at the moment: mails that wait, subscriptions that are open, how plugins do."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from invito.plugins.circuit_breaker import SourceHealth
from invito.services.house import House
from invito.services.mail_backlog import MailBacklog


class PresentState(Collector):
    """Read anew at each look. `backlog` is None while the database is away: then nobody knows what waits."""

    def __init__(self, house: House) -> None:
        self._house = house
        self.backlog: MailBacklog | None = None

    def collect(self) -> Iterator[Metric]:
        is_up = self.backlog is not None
        yield GaugeMetricFamily("invito_database_up", "Whether the database answers.", value=is_up)
        if self.backlog is not None:
            yield from _waiting(self.backlog)
        yield GaugeMetricFamily(
            "invito_subscriptions_open", "Subscriptions of this process.", value=self._house.watches.open
        )
        yield from self._plugins()

    def _plugins(self) -> Iterator[Metric]:
        manager = self._house.plugins
        health = GaugeMetricFamily("invito_plugin_health", "1 where it is so.", labels=("plugin", "health"))
        breakers = GaugeMetricFamily(
            "invito_plugin_breakers_open", "How many of its hooks and methods are left alone.", labels=("plugin",)
        )
        for name in manager.plugins:
            for state in SourceHealth:
                health.add_metric((name, state.value), manager.health_of_plugin(name) is state)
            breakers.add_metric((name,), manager.open_breakers_of(name))
        for name in manager.missing:
            health.add_metric((name, SourceHealth.UNAVAILABLE.value), 1)
        yield from (health, breakers)


def _waiting(backlog: MailBacklog) -> Iterator[Metric]:
    yield GaugeMetricFamily(
        "invito_outbox_mails", "Mails that wait to be sent, tried again among them.", value=backlog.outbox
    )
    yield GaugeMetricFamily(
        "invito_outbox_due_seconds", "How long the first of them could have gone out.", value=backlog.due_seconds
    )
    yield GaugeMetricFamily("invito_inbox_mails", "Mails that came in and are not understood yet.", value=backlog.inbox)
