"""Parts that are measured in turns, so that whatever the machine does hits all of them alike.

Every part is prepared once; then come rounds, in each of which every part has one window. Two parts
are compared round by round: the ratio is the median of theirs, not the ratio of two medians.
"""

import statistics
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack

from attrs import define, field

from benchmarks.kit import limit, servers
from benchmarks.kit.loader import Load, Window, drive
from benchmarks.kit.machine import Use
from benchmarks.kit.report import Finding
from benchmarks.kit.seed import HOT, Joins
from benchmarks.kit.shop import (
    CLIENTS,
    Bench,
    Connection,
    Servers,
    must_be_clean,
    must_be_nothing,
    per_answer,
)

WARM = 1.0


@define(eq=False)
class Part:
    """Something that has a rate."""

    name: str
    unit: str = "joins/s"
    seconds: float = 3.0
    """Length of a window."""
    rates: list[float] = field(factory=list)
    windows: list[Window] = field(factory=list)
    used: list[Use] = field(factory=list)
    answered: int = 0

    def turn(self, number: int) -> None:
        """Measure one window, of the round with this number."""
        raise NotImplementedError

    def over(self) -> None:
        """See that everything adds up."""

    @property
    def finding(self) -> Finding:
        """What was measured."""
        return Finding(
            name=self.name,
            measured=statistics.median(self.rates),
            unit=self.unit,
            windows=tuple(self.rates),
            p50_ms=self._quantile(0.5),
            p99_ms=self._quantile(0.99),
            details=per_answer(self.used, self.answered) if self.used else {},
        )

    def _quantile(self, part: float) -> float | None:
        if not self.windows:
            return None
        return statistics.median(window.quantile(part) for window in self.windows)

    def drive(
        self, load: Load, look: Callable[[], Use | None], begin: Callable[[int], None]
    ) -> int:
        """Run a load for one window; return the good answers, warm-up included."""
        run = drive(load, warm=WARM, seconds=self.seconds, windows=1, look=look, begin=begin)
        must_be_clean(run)
        self.windows += run.windows
        self.rates += [window.rate for window in run.windows]
        self.answered += run.answered
        self.used += [each for each in (run.before, run.after) if each is not None]
        return run.good


@define(eq=False)
class ByHand(Part):
    """Hand-written SQL."""

    url: str = field(kw_only=True)
    bench: Bench = field(kw_only=True)
    form: str = field(kw_only=True)
    circles: int = field(kw_only=True)

    def turn(self, number: int) -> None:  # noqa: ARG002  every round is the same
        """Measure one window."""
        self.rates.append(
            limit.rate(
                self.url,
                self.form,
                circles=self.circles,
                clients=CLIENTS,
                seconds=round(self.seconds),
                home=self.bench.home,
            )
        )


@define(eq=False)
class Asked(Part):
    """The same request again and again, of somebody who changes nothing."""

    web: servers.Servers = field(kw_only=True)
    request: Callable[[int], bytes] = field(kw_only=True)
    status: bytes = field(kw_only=True)

    def turn(self, number: int) -> None:  # noqa: ARG002  every round is the same
        """Measure one window."""
        load = Load(self.web.ports, CLIENTS, self.request, status=self.status)
        self.drive(load, lambda: None, lambda _: None)


@define(eq=False)
class Flow(Part):
    """Joins over HTTP, or joins that are then paid for."""

    bench: Bench = field(kw_only=True)
    web: servers.Servers = field(kw_only=True)
    connection: Connection = field(kw_only=True)
    joins: Joins = field(kw_only=True)
    counts: Mapping[str, str] = field(kw_only=True)
    values: Mapping[str, int] = field(kw_only=True)
    follow: Callable[[int, bytes], bytes] | None = None
    first: int = 0
    """The hot campaign of the first round."""
    good: int = 0

    def turn(self, number: int) -> None:
        """Measure one window; the hot campaign is another one in every round."""
        load = Load(self.web.ports, self.joins.clients, self.joins.request, follow=self.follow)
        self.good += self.drive(
            load,
            lambda: self.bench.use(self.web, self.connection),
            lambda _: self.joins.begin((self.first + number) % HOT),
        )

    def over(self) -> None:
        """See that everything adds up."""
        must_be_nothing(
            self.connection, self.counts, {**self.values, "said": self.good + self.bench.past}
        )


@define(eq=False)
class Stand:
    """Opens parts; closes everything at the end."""

    bench: Bench
    stack: ExitStack

    def by_hand(self, name: str, form: str, circles: int) -> ByHand:
        """Prepare hand-written SQL on a database of its own."""
        database = self.stack.enter_context(self.bench.cluster.database())
        limit.prepare(database.owner_url)
        return ByHand(name, url=database.owner_url, bench=self.bench, form=form, circles=circles)

    def flow(
        self,
        name: str,
        start: Servers,
        *,
        hot: bool,
        counts: Mapping[str, str],
        values: Mapping[str, int] | None = None,
        clients: int = CLIENTS,
    ) -> Flow:
        """Start two web processes on a fresh copy of the shop."""
        seeded = self.bench.seeded
        places = seeded.hot if hot else seeded.wide
        database = self.stack.enter_context(self.bench.cluster.database(self.bench.template))
        key = "".join(c if c.isalnum() else "-" for c in name)
        return Flow(
            name,
            bench=self.bench,
            web=self.stack.enter_context(start(self.bench.env(database), self.bench.home)),
            connection=self.stack.enter_context(self.bench.admin(database)),
            joins=Joins(places, seeded.tokens, clients, key, hot),
            counts=counts,
            values=values or {},
        )


def take_turns(parts: Sequence[Part], rounds: int) -> None:
    """Measure every part once a round; every other round backwards: none is always first."""
    for number in range(rounds):
        for part in parts if number % 2 == 0 else reversed(parts):
            part.turn(number)
    for part in parts:
        part.over()


def ratio(part: Part, of: Callable[[int], float]) -> float:
    """Return the median, over the rounds, of a part's rate divided by something of that round."""
    return round(statistics.median(rate / of(n) for n, rate in enumerate(part.rates)), 3)
