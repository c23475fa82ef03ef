"""A worker process of a benchmark: the product's own worker, with a provider that only counts.

`python -m benchmarks.kit.drainer OUT LATENCY_MILLIS` works until SIGTERM, then writes what it saw:
every refund it was asked for and when, its longest transaction, its memory and statements.
"""

import json
import resource
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Any

from attrs import define, evolve, field, frozen

from groupbuy.application.ports import Ahead, RefundOutcome, RefundReport, RefundRequest
from groupbuy.domain.payments import RefundLimits
from groupbuy.entrypoints import bootstrap, worker
from groupbuy.entrypoints.settings import load


@define(eq=False)
class CountingGateway:
    """Gives money back at once, after a while like that of a network, and remembers it."""

    latency: float
    refund_limits: RefundLimits = RefundLimits()
    seen: list[tuple[str, float]] = field(factory=list)
    _lock: Lock = field(factory=Lock)

    def refund(self, request: RefundRequest) -> RefundReport:
        """Give money back."""
        time.sleep(self.latency)
        with self._lock:
            self.seen.append((request.number, time.monotonic()))
        done = RefundOutcome.SUCCEEDED
        return RefundReport(request.number, done, request.amount, f"bench-{request.number}")


@define(eq=False)
class Stopwatch:
    """Opens units of work, and knows how long the longest writing one was open."""

    begin: Any
    longest: float = 0.0
    units: int = 0

    def __call__(self, tenant: str, *, write: bool = True, ahead: Sequence[Ahead] = ()) -> Any:
        """Open a unit of work."""
        inner = self.begin(tenant, write=write, ahead=ahead)
        return _Timed(inner, self) if write else inner


@frozen(eq=False)
class _Timed:
    inner: Any
    watch: Stopwatch
    since: list[float] = field(factory=list)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def __enter__(self) -> Any:
        self.inner.__enter__()
        self.since.append(time.perf_counter())
        return self.inner

    def __exit__(self, *error: object) -> Any:
        try:
            return self.inner.__exit__(*error)
        finally:
            self.watch.units += 1
            self.watch.longest = max(self.watch.longest, time.perf_counter() - self.since[0])


def main() -> None:
    """Work until told to stop, then write down what was seen."""
    out, latency = Path(sys.argv[1]), float(sys.argv[2]) / 1000
    app = bootstrap.build(load())
    gateway, watch = CountingGateway(latency), Stopwatch(app.desk.begin)
    gateways: dict[str, Any] = {app.settings.policy.provider: gateway}
    desk = evolve(app.desk, begin=watch)
    outside = evolve(app.outside, gateways=gateways)
    relay = evolve(app.relay, desk=desk, outside=outside)
    worker.run(evolve(app, desk=desk, outside=outside, relay=relay), lambda: None)
    said = {
        "refunds": gateway.seen,
        "longest": watch.longest,
        "transactions": watch.units,
        "statements": app.database.statements,
        "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    out.write_text(json.dumps(said))
    app.close()


if __name__ == "__main__":
    main()
