"""Storage in memory: the reference implementation of the persistence port.

Optimistic: a unit of work buffers what it stages, and its commit checks that everything it locked
or changed is still as it was. Things are frozen, so nobody can change what another one sees.
"""

import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from attrs import define, evolve, field

from groupbuy.adapters.memory.books import MemoryReading
from groupbuy.adapters.memory.signals import MemorySignals
from groupbuy.adapters.memory.unit_of_work import Changes, MemoryUnitOfWork, StoredKey
from groupbuy.application.ledger_reports import picture_of
from groupbuy.application.lock_order import LOCK_ORDER
from groupbuy.application.merchants import bookings_of, sums_of
from groupbuy.application.ports.persistence import Ahead
from groupbuy.application.ports.reporting import LedgerPicture
from groupbuy.application.ports.tenancy import Tenant
from groupbuy.application.retention import INBOX, INBOX_SCOPE, KEPT, KEYS, KEYS_KEPT, Kept
from groupbuy.application.steps.closed_books import compare_closed
from groupbuy.application.storage_rules import ONCE, UNIQUE_KEYS
from groupbuy.domain.kernel import Conflict, Event, cell_of, make_id
from groupbuy.domain.ledger import ClosedPeriod, Journal, last_closed
from groupbuy.domain.merchants import Booking, MerchantSums

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)

Drawer = tuple[str, type]
"""All things of one kind of one tenant."""

TakenKey = tuple[object, ...]
"""A unique key in use: tenant, kind, which of its keys, and the values."""


@define(eq=False)
class MemoryDatabase:
    """Everything that was committed. Threads may share it."""

    signals: MemorySignals = field(factory=MemorySignals)
    lock_order: Sequence[type] = LOCK_ORDER
    _things: dict[Drawer, dict[str, Any]] = field(factory=dict, init=False)
    _taken: dict[TakenKey, str] = field(factory=dict, init=False)
    """Unique keys in use, and by whom."""
    _keys: dict[tuple[str, str, str], StoredKey] = field(factory=dict, init=False)
    _tenants: dict[str, Tenant] = field(factory=dict, init=False)
    _events: int = field(default=0, init=False)
    _mutex: threading.Lock = field(factory=threading.Lock, init=False)

    def begin(
        self,
        tenant: str,
        *,
        write: bool = True,
        ahead: Sequence[Ahead] = (),  # noqa: ARG002  nothing is far away here
    ) -> MemoryUnitOfWork:
        """Return a unit of work for one tenant."""
        return MemoryUnitOfWork(self, tenant, write)

    def tenants(self) -> list[Tenant]:
        """Return all tenants, by id."""
        return [self._tenants[key] for key in sorted(self._tenants)]

    def put_tenant(self, tenant: Tenant) -> None:
        """Add a tenant, or replace the one with its id."""
        self._tenants[tenant.id] = tenant

    def ledger(self, tenant: str) -> LedgerPicture:
        """Return the picture of a tenant's books; exact only while nobody writes."""
        with self.begin(tenant, write=False) as tx:
            return picture_of(tx, compare_closed(MemoryReading(tx)))

    @contextmanager
    def books(self, tenant: str, *, live: bool = False) -> Iterator[MemoryReading]:  # noqa: ARG002  nothing lags here
        """Open a tenant's books; exact only while nobody writes."""
        with self.begin(tenant, write=False) as tx:
            yield MemoryReading(tx)

    def merchant_sums(
        self, tenant: str, merchant_id: str, since: datetime, until: datetime
    ) -> MerchantSums:
        """Add up what the books say about a merchant; exact only while nobody writes."""
        with self.begin(tenant, write=False) as tx:
            return sums_of(tx, merchant_id, since, until)

    def merchant_bookings(
        self,
        tenant: str,
        merchant_id: str,
        since: datetime,
        until: datetime,
        *,
        limit: int,
        after: tuple[datetime, str] | None = None,
    ) -> list[Booking]:
        """Return journals that changed what a merchant is owed, those behind `after`."""
        with self.begin(tenant, write=False) as tx:
            found = bookings_of(tx, merchant_id, since, until)
        return [each for each in found if after is None or (each.at, each.id) > after][:limit]

    def oldest_open(self) -> timedelta:
        """Return zero: in one process nobody is long about it."""
        return timedelta()

    def forget(self, tenant: str, now: datetime) -> dict[str, int]:
        """Remove what has served its time; return how much of what."""
        with self._mutex:
            keys = {
                place: KEYS if not place[1].startswith(INBOX_SCOPE) else INBOX
                for place in self._keys
                if place[0] == tenant
            }
            counted = Counter(dict.fromkeys((*KEYS_KEPT, *(kept.name for kept in KEPT)), 0))
            for place, name in keys.items():
                at = self._keys[place].answered_at
                if at is not None and at < now - KEYS_KEPT[name]:
                    del self._keys[place]
                    counted[name] += 1
            for kept in KEPT:
                drawer = self._things.get((tenant, kept.kind), {})
                old = [key for key, thing in drawer.items() if _has_served(thing, kept, now)]
                for key in old:
                    del drawer[key]
                counted[kept.name] += len(old)
        return dict(counted)

    def close(self) -> None:
        """Nothing is held open."""

    def stored(self, tenant: str, kind: type, keys: Iterable[str]) -> dict[str, Any]:
        """Return committed things by id."""
        with self._mutex:
            drawer = self._things.get((tenant, kind), {})
            return {key: drawer[key] for key in keys if key in drawer}

    def every(self, tenant: str, kind: type) -> list[Any]:
        """Return all committed things of a kind."""
        with self._mutex:
            return list(self._things.get((tenant, kind), {}).values())

    def stored_key(self, tenant: str, scope: str, key: str) -> StoredKey | None:
        """Return a committed idempotency key."""
        with self._mutex:
            return self._keys.get((tenant, scope, key))

    def event_id(self, event: Event) -> str:
        """Return an id that sorts by time, then in the order of telling."""
        with self._mutex:
            self._events += 1
            return make_id(
                "evt",
                millis=(event.at - _EPOCH) // _MILLISECOND,
                cell=cell_of(event.subject),
                entropy=self._events,
            )

    def publish(self, tenant: str, changes: Changes) -> None:
        """Check and apply changes at once. Raises Conflict and applies nothing."""
        with self._mutex:
            self._check_reliance(tenant, changes)
            self._check_periods(tenant, changes)
            new = self._not_there_yet(tenant, changes)
            given_up, taken = self._exchange_keys(tenant, new, changes.changed)
            for name in given_up:
                del self._taken[name]
            self._taken |= taken
            for (kind, key), thing in new.items():
                self._things.setdefault((tenant, kind), {})[key] = thing
            for (kind, key), thing in changes.changed.items():
                self._things[tenant, kind][key] = evolve(thing, version=thing.version + 1)
            for (scope, word), stored in changes.keys.items():
                self._keys[tenant, scope, word] = stored

    def _check_reliance(self, tenant: str, changes: Changes) -> None:
        for (kind, key), then in changes.relied_on.items():
            now = self._things.get((tenant, kind), {}).get(key)
            if now is not then:
                raise Conflict(kind=kind.__name__, key=key)
        for (kind, key), thing in changes.changed.items():
            now = self._things.get((tenant, kind), {}).get(key)
            if now is None or now.version != thing.version:
                raise Conflict(kind=kind.__name__, key=key)
        for scope, name in changes.claimed:
            if (tenant, scope, name) in self._keys:
                raise Conflict(kind="idempotency_key", key=name)

    def _check_periods(self, tenant: str, changes: Changes) -> None:
        """Refuse journals of a closed period, as the other engines do by a trigger."""
        last = last_closed(self._things.get((tenant, ClosedPeriod), {}).values())
        for (kind, key), thing in changes.new.items():
            if last is not None and kind is Journal and thing.at < last.ends_at:
                raise Conflict(kind="closed_period", key=key)

    def _not_there_yet(self, tenant: str, changes: Changes) -> dict[tuple[type, str], Any]:
        new = {}
        for (kind, key), thing in changes.new.items():
            if key not in self._things.get((tenant, kind), {}):
                new[kind, key] = thing
            elif kind not in ONCE:
                raise Conflict(kind=kind.__name__, key=key)
        return new

    def _exchange_keys(
        self,
        tenant: str,
        new: Mapping[tuple[type, str], Any],
        changed: Mapping[tuple[type, str], Any],
    ) -> tuple[set[TakenKey], dict[TakenKey, str]]:
        given_up = {
            key
            for kind, thing_id in changed
            for key in _unique_keys(tenant, self._things[tenant, kind][thing_id])
        }
        taken: dict[TakenKey, str] = {}
        for (kind, thing_id), thing in [*new.items(), *changed.items()]:
            for key in _unique_keys(tenant, thing):
                if key in taken or (key in self._taken and key not in given_up):
                    raise Conflict(kind=kind.__name__, key=thing_id)
                taken[key] = thing_id
        return given_up, taken


def _has_served(thing: Any, kept: Kept, now: datetime) -> bool:
    at: datetime | None = getattr(thing, kept.since)
    right = not kept.state or thing.state == kept.state
    return right and at is not None and at < now - kept.span


def _unique_keys(tenant: str, thing: Any) -> Iterator[TakenKey]:
    for number, key in enumerate(UNIQUE_KEYS.get(type(thing), ())):
        values = tuple(getattr(thing, name) for name in key.names)
        if values[0] != "" or not key.unless_empty:
            yield (tenant, type(thing), number, *values)
