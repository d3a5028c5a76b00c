"""What Prometheus reads: sweeps by status, trials by outcome, requests."""

from collections import Counter as Tally
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from sweeps.ledger import Ledger
from sweeps.ledger.base import Sweep

PAGE = 500


class Metrics:
    """The metrics of one app, in a registry of their own."""

    def __init__(self, ledger: Ledger) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(LedgerCollector(ledger))
        self._requests = Counter(
            "gradsweep_http_requests",
            "Requests answered.",
            ("method", "route", "status"),
            registry=self._registry,
        )

    def count_request(self, method: str, route: str, status: int) -> None:
        """Note one answer; `route` is the template, such as /v1/sweeps/{sweep_id}."""
        self._requests.labels(method, route, str(status)).inc()

    def text(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self._registry)


class LedgerCollector(Collector):
    """Counts sweeps and trials in the ledger at each scrape, so that they survive a restart."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def describe(self) -> list[Metric]:
        """The families, without looking at the ledger."""
        return list(_families())

    def collect(self) -> Iterator[Metric]:
        """The families with their present values."""
        sweeps, trials = _families()
        statuses: Tally[str] = Tally()
        outcomes: Tally[str] = Tally()
        for sweep in self._sweeps():
            statuses[sweep.status] += 1
            outcomes.update(sweep.outcomes)
        for family, tally in ((sweeps, statuses), (trials, outcomes)):
            for label, count in sorted(tally.items()):
                family.add_metric([label], count)
            yield family

    def _sweeps(self) -> Iterator[Sweep]:
        cursor = None
        while True:
            page = self._ledger.list_sweeps(cursor=cursor, limit=PAGE)
            yield from page.items
            cursor = page.next_cursor
            if cursor is None:
                return


def _families() -> tuple[GaugeMetricFamily, GaugeMetricFamily]:
    return (
        GaugeMetricFamily("gradsweep_sweeps", "Sweeps by status.", labels=["status"]),
        GaugeMetricFamily("gradsweep_trials", "Ended trials by outcome.", labels=["outcome"]),
    )
