"""What Prometheus is told: how operations go, what waits, how plugins do. All in a registry of our own."""

from invito.metrics.operations import OperationMetrics, OperationWatch
from invito.metrics.page import MetricsPage

__all__ = ["MetricsPage", "OperationMetrics", "OperationWatch"]
