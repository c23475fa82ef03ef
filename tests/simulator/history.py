"""From a seed to a verdict: live through it with faults, let everything come to rest, look."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from attrs import evolve, field, frozen

from groupbuy.application.audit_chain import AuditSeal
from groupbuy.application.invariants import KINDS, Evidence, check_all
from groupbuy.application.ports import AuditRow, LoggedEvent, Task
from groupbuy.domain.campaigns import CountLink
from groupbuy.domain.catalogue import StockMove
from groupbuy.domain.invariants import Books, Finding, Movement
from groupbuy.domain.ordering import CREATED, Order
from groupbuy.domain.payments import Refund
from tests.simulator.knobs import Knobs
from tests.simulator.people import Buyer
from tests.simulator.staff import Merchant, Office
from tests.simulator.world import TENANT, NeverRests, World

_TOLD = (
    "group.",
    "order.",
    "refund.",
    "withdrawal.",
    "after_sale.",
    "commission.",
    "payment.",
    "coupon.",
)


@frozen
class Verdict:
    """What came of one history."""

    seed: int
    findings: tuple[Finding, ...] = ()
    error: str = ""
    counts: Counter = field(factory=Counter)
    steps: int = 0

    @property
    def clean(self) -> bool:
        """Nothing was wrong."""
        return not self.findings and not self.error


def live(knobs: Knobs) -> Verdict:
    """Play one history; a defect of the product that raises is a finding as well."""
    world = World(knobs)
    try:
        findings = tuple(_play(world))
    except NeverRests:
        findings = (Finding(23, "history", "never comes to rest"),)
    except Exception as error:  # noqa: BLE001  whatever it is, it is the verdict
        return Verdict(knobs.seed, (), f"{type(error).__name__}: {error}", world.counts)
    return Verdict(knobs.seed, findings[:20], "", outcomes(world), world.hub.steps)


def _play(world: World) -> Iterator[Finding]:
    alive = []

    def person(name, act):
        alive.append(name)

        def run():
            act()
            alive.remove(name)

        world.hub.spawn(name, run)

    knobs = world.knobs
    for number in range(knobs.people):
        if knobs.only is None or number in knobs.only:
            person(f"buyer-{number}", Buyer(world, number).live)
    person("merchant", Merchant(world).live)
    office = Office(world)
    world.hub.spawn("operator", office.watch)
    if knobs.money:
        person("office", office.live)
    if "clock_jump" in knobs.rates:
        _jump_some_day(world)
    world.run(lambda: not alive)
    yield from world.findings
    yield from check_all(evidence_of(world))
    world.faulty = False
    _come_to_rest(world, office)
    office.seal()
    office.count()
    yield from world.findings
    yield from check_all(evolve(evidence_of(world), at_rest=True))


def _jump_some_day(world: World) -> None:
    def jump():
        world.hub.at += timedelta(minutes=world.chance.choice((5, 100, 600)))
        world.counts["clock_jump"] += 1

    world.hub.later(timedelta(minutes=world.chance.choice((1, 20, 110))), "clock", jump)


def _come_to_rest(world: World, office: Office) -> None:
    """Let the workers finish; what waits for a person is decided, then they finish again."""
    for process in world.webs:
        process.clock.skew = timedelta(0)
    for _ in range(8):
        until = world.hub.at + timedelta(days=12)
        world.run(lambda end=until: not world.pending or world.hub.at > end)
        # Callbacks that are 25 hours late have come by then as well.
        tomorrow = world.hub.at + timedelta(hours=26)
        world.run(lambda end=tomorrow: world.hub.at > end)
        if not office.mend() and not world.pending:
            return
    raise NeverRests


def evidence_of(world: World) -> Evidence:
    """Return everything as it stands, in the order of the commits."""
    database = world.database
    books = Books(
        **{name: database.every(TENANT, kind) for name, kind in KINDS.items()},
        received=_received(world),
        two_approvers_above=world.policy.withdrawals.two_approvers_above,
    )
    moves = [*world.gateway.bank.movements, *world.payouts.bank.movements]
    return Evidence(
        books=books,
        now=world.hub.at,
        truth=[Movement("memory", m.kind, m.number, m.amount.minor) for m in moves],
        tasks=database.every(TENANT, Task),
        events=database.every(TENANT, LoggedEvent),
        audit=database.every(TENANT, AuditRow),
        seals=database.every(TENANT, AuditSeal),
        told=world.told,
        counts=database.every(TENANT, CountLink),
    )


def _received(world: World) -> Counter:
    """Count the goods the shop began with, and what the journal of goods says since."""
    received = Counter(world.stage.received)
    for move in world.database.every(TENANT, StockMove):
        received[move.sku_id] += move.units
    return received


def outcomes(world: World) -> Counter:
    """Count what really happened: faults, refusals, and every kind of event and refund."""
    counts = world.counts
    events = world.database.every(TENANT, LoggedEvent)
    counts.update(event.name for event in events if event.name.startswith(_TOLD))
    counts.update(f"refund:{refund.cause.value}" for refund in world.all(Refund))
    teams = {order.id: order.group_id for order in world.all(Order)}
    created = (event for event in events if event.name == CREATED)
    counts["moved_team"] += sum(e.data["group"] != teams[e.subject] for e in created)
    counts["overlaps"] += world.hub.overlaps
    return counts
