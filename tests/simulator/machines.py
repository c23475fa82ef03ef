"""Processes of the product: each has its own clock and its own generation, all share a database."""

from datetime import timedelta
from itertools import count

from attrs import define, field

from groupbuy.adapters.memory import MemoryDatabase, MemorySignals
from groupbuy.adapters.memory.unit_of_work import MemoryUnitOfWork
from groupbuy.application.invariants import Move
from groupbuy.application.write_path import Desk, Kit
from groupbuy.domain.kernel import Conflict, Unavailable, make_id
from tests.support.shop import NoWaiting, OpenVault


@define(eq=False)
class SkewedClock:
    """What one machine takes for the time."""

    hub: object
    skew: timedelta = timedelta(0)

    def now(self):
        return self.hub.at + self.skew


@define(eq=False)
class SharedIds:
    """Ids and tokens in the order they were made, whoever makes them."""

    clock: SkewedClock
    numbers: count

    def new(self, kind, cell=0):
        millis = int(self.clock.now().timestamp()) * 1000
        return make_id(kind, millis=millis, cell=cell, entropy=next(self.numbers))

    def token(self):
        return f"token-{next(self.numbers)}"

    def digits(self, many):
        return str(next(self.numbers)).zfill(many)[-many:]


class Unit(MemoryUnitOfWork):
    """A unit of work that others overtake, that its process may not live to commit or to hear of,
    and whose database is sometimes away.
    """

    process = None

    def __enter__(self):
        if self.write:
            world = self.process.world
            world.hub.point()
            if world.strikes("database_down"):
                raise Unavailable(what="database")
        return super().__enter__()

    def __exit__(self, kind, error, trace):
        if kind is not None or not self.write:
            super().__exit__(kind, error, trace)
            return
        world = self.process.world
        world.hub.point()
        moves = world.moves_of(self.tenant, self.changes)
        try:
            super().__exit__(kind, error, trace)
        except Conflict:
            world.counts["conflict"] += 1
            raise
        world.committed(moves)
        if moves and world.strikes("lost_commit"):
            raise Unavailable(what="database")
        world.hub.point()


@define(eq=False)
class Process:
    """A web process or a worker. `generation` counts its lives; the dead do nothing any more."""

    world: object
    name: str
    generation: int = 0
    clock: SkewedClock = field(init=False)
    desk: Desk = field(init=False)

    def __attrs_post_init__(self):
        world = self.world
        self.clock = SkewedClock(world.hub)
        if world.strikes("clock_skew"):
            self.clock.skew = timedelta(seconds=world.chance.randint(-45, 45))
        ids = SharedIds(self.clock, world.numbers)
        kit = Kit(self.clock, ids, OpenVault(), world.policy)
        self.desk = Desk(self.begin, kit, MemorySignals(), NoWaiting())

    def begin(self, tenant, *, write=True, ahead=()):
        unit = Unit(self.world.database, tenant, write)
        unit.process = self
        return unit

    @property
    def life(self):
        return (self, self.generation)


def clone(database):
    """Return a database with the same things: they are frozen, so only the drawers are copied."""
    copy = MemoryDatabase()
    copy._things = {place: dict(drawer) for place, drawer in database._things.items()}
    copy._taken, copy._keys = dict(database._taken), dict(database._keys)
    copy._events = database._events
    return copy


def moves_between(database, tenant, changes):
    """Return what a commit is about to do, thing by thing."""
    things = database._things
    # Of a kind that is added once, what is there already stays as it is.
    moves = [
        Move(None, thing)
        for (kind, key), thing in changes.new.items()
        if key not in things.get((tenant, kind), {})
    ]
    for (kind, key), thing in changes.changed.items():
        moves.append(Move(things.get((tenant, kind), {}).get(key), thing))
    return moves
