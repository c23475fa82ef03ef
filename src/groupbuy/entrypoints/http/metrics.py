"""Counters for Prometheus. Labels are route templates, never ids."""

import os
from collections.abc import Callable

from attrs import define, field
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
)

_MANY_PROCESSES = "PROMETHEUS_MULTIPROC_DIR"
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


def _requests(meters: "Meters") -> Counter:
    return Counter(
        "groupbuy_http_requests",
        "Requests answered",
        ("method", "route", "status"),
        registry=meters.registry,
    )


def _durations(meters: "Meters") -> Histogram:
    return Histogram(
        "groupbuy_http_seconds",
        "Time to answer",
        ("method", "route"),
        buckets=_SECONDS,
        registry=meters.registry,
    )


@define(eq=False)
class Meters:
    """What one process counts."""

    registry: CollectorRegistry = field(factory=CollectorRegistry)
    requests: Counter = field(init=False)
    seconds: Histogram = field(init=False)
    # Finding a label costs more than counting.
    _counters: dict[tuple[str, str, int], Counter] = field(factory=dict, init=False)
    _timers: dict[tuple[str, str], Histogram] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        """Register what every request is counted by."""
        self.requests = _requests(self)
        self.seconds = _durations(self)

    def answered(self, method: str, route: str, status: int, seconds: float | None) -> None:
        """Count one answer, and how long it took where that says anything."""
        counter = self._counters.get((method, route, status))
        if counter is None:
            counter = self.requests.labels(method, route, str(status))
            self._counters[method, route, status] = counter
        counter.inc()
        if seconds is None:
            return
        timer = self._timers.get((method, route))
        if timer is None:
            timer = self._timers[method, route] = self.seconds.labels(method, route)
        timer.observe(seconds)

    def watch(self, name: str, meaning: str, read: Callable[[], float]) -> None:
        """Show a number that somebody else keeps."""
        if _MANY_PROCESSES not in os.environ:  # a function cannot speak for other processes
            Gauge(name, meaning, registry=self.registry).set_function(read)

    def page(self) -> bytes:
        """Render all numbers, of all processes where they share a folder."""
        if _MANY_PROCESSES not in os.environ:
            return generate_latest(self.registry)
        together = CollectorRegistry()
        multiprocess.MultiProcessCollector(together)  # type: ignore[no-untyped-call]
        return generate_latest(together)
