"""A process that dies at its k-th step: opening a transaction, committing it, calling outside.

Death is no exception that somebody may handle: from that step on nothing the process does counts,
so that neither its `finally` nor its error handling can help it.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import count
from types import TracebackType
from typing import Any, Self

from attrs import define, evolve

from groupbuy.application.outside import Outside
from groupbuy.application.ports import Ahead
from groupbuy.application.relay import LEASE, Relay
from groupbuy.application.write_path import Desk
from groupbuy.domain.payments import RefundLimits


class Killed(BaseException):
    """The process is gone."""


@define(eq=False)
class Life:
    """How long a process lives, in steps."""

    dies_at: int
    steps: int = 0
    dead: bool = False

    def step(self) -> None:
        """Take one more step, or die. The dead stay dead."""
        self.steps += 1
        self.dead = self.dead or self.steps == self.dies_at
        if self.dead:
            raise Killed


@define(eq=False)
class MortalWork:
    """A unit of work that its process may not live to commit, or to hear that it is committed."""

    inner: Any
    life: Life

    def __getattr__(self, name: str) -> Any:
        """Do everything else like the unit of work itself."""
        return getattr(self.inner, name)

    def __enter__(self) -> Self:
        """Begin."""
        self.life.step()
        self.inner.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Commit, unless the process dies first; what a dead process began is rolled back."""
        if kind is not None:
            self.inner.__exit__(kind, error, trace)
            return
        try:
            self.life.step()
        except Killed as killed:
            self.inner.__exit__(Killed, killed, None)
            raise
        self.inner.__exit__(None, None, None)
        self.life.step()


@define(eq=False)
class MortalGateway:
    """A provider that one process calls; the provider itself never dies."""

    inner: Any
    life: Life

    @property
    def refund_limits(self) -> RefundLimits:
        """Knowing them takes no call."""
        limits: RefundLimits = self.inner.refund_limits
        return limits

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Call, with a step before the call leaves and one before its answer arrives."""
        method = getattr(self.inner, name)

        def call(*args: Any) -> Any:
            self.life.step()
            answer = method(*args)
            self.life.step()
            return answer

        return call


def mortal_desk(shop: Any, life: Life) -> Desk:
    """Return the shop's desk as a process with that life has it."""

    def begin(tenant: str, *, write: bool = True, ahead: Sequence[Ahead] = ()) -> Any:
        return MortalWork(shop.begin(tenant, write=write, ahead=ahead), life)

    desk: Desk = evolve(shop.desk, begin=begin)
    return desk


def mortal_relay(shop: Any, life: Life) -> Relay:
    """Return a worker with that life."""
    relay: Relay = shop.a_relay()
    outside = Outside(
        {"memory": MortalGateway(shop.gateway, life)},
        relay.outside.payouts,
        relay.outside.carriers,
        relay.outside.notifiers,
    )
    return evolve(relay, desk=mortal_desk(shop, life), outside=outside)


def every_death(
    open_shop: Callable[[int], Any], live: Callable[[Any, Life], None]
) -> Iterator[Any]:
    """Yield one shop for every step at which `live` may die, then one that lived through.

    `open_shop(k)` brings a fresh shop to where the work begins. Each shop comes back with its
    clock past the lease of whatever the dead process had claimed.
    """
    for dies_at in count(1):
        shop, life = open_shop(dies_at), Life(dies_at)
        try:
            live(shop, life)
        except Killed:
            shop.clock.at += LEASE
            yield shop
        else:
            assert not life.dead
            yield shop
            return
