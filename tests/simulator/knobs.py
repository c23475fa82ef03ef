"""What one history is like: drawn from its seed, so that every seed is another kind of trouble."""

from random import Random  # noqa: TID251  the seed is the only source of chance

from attrs import field, frozen

FAULTS = (
    "lost_call",
    "lost_answer",
    "slow_provider",
    "too_many",
    "lost_callback",
    "late_callback",
    "repeated_callback",
    "wrong_amount",
    "paid_after_close",
    "second_payment",
    "abnormal_refund",
    "failed_payout",
    "database_down",
    "lost_commit",
    "clock_skew",
    "clock_jump",
    "killed_web",
    "killed_worker",
)
_RATES = (0.05, 0.15, 0.4)


@frozen
class Shape:
    """The shop a history begins with; few of them, so that each is built once."""

    quorum: int
    capacity: int | None
    stock: int
    limit: int | None
    stop: bool
    coupons: int
    """How many of each offer there are; fewer than people who want them."""


SHAPES = (
    Shape(quorum=2, capacity=3, stock=40, limit=None, stop=False, coupons=3),
    Shape(quorum=3, capacity=None, stock=4, limit=2, stop=False, coupons=2),
    Shape(quorum=2, capacity=None, stock=6, limit=1, stop=True, coupons=4),
    Shape(quorum=4, capacity=5, stock=5, limit=3, stop=False, coupons=1),
)


@frozen
class Knobs:
    """Everything about a history that is not chance on its way."""

    seed: int
    shape: Shape
    people: int
    burst: bool
    by_rank: bool
    money: bool
    """Whether it goes on to commission, settlement and withdrawal."""
    teams: bool
    """Whether most people want to be in a team."""
    poll: int
    """Seconds between two looks of a worker that nobody wakes."""
    rates: dict[str, float] = field(factory=dict)
    only: frozenset[int] | None = None
    """Which people take part; None for all."""

    @classmethod
    def of(
        cls, seed: int, only: frozenset[int] | None = None, without: frozenset[str] = frozenset()
    ) -> "Knobs":
        """Draw them; `only` and `without` cut a history down, all else stays as it is."""
        chance = Random(f"knobs/{seed}")
        shape = chance.choice(SHAPES)
        people, burst, rank = chance.randint(2, 6), chance.random() < 0.5, chance.random() < 0.5
        money, poll = chance.random() < 0.35, chance.choice((1, 30, 300))
        teams = chance.random() < 0.2
        rates = {name: chance.choice(_RATES) for name in FAULTS if chance.random() < 0.35}
        kept = {name: rate for name, rate in rates.items() if name not in without}
        return cls(seed, shape, people, burst, rank, money, teams, poll, kept, only)
