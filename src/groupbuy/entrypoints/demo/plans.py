"""The seven campaigns of the story, and what must come of each."""

from collections.abc import Iterator
from datetime import timedelta

from attrs import frozen

from groupbuy.entrypoints.demo.clock import FIRST_MORNING

OPENS = FIRST_MORNING + timedelta(days=1)
"""When all campaigns begin to sell."""
ENDS = OPENS + timedelta(days=3)
"""When all campaigns end; the watch is offered for three days."""
COUPON_FEN = 500
"""What the coupon of the story takes off, from `COUPON_REACH_FEN` on."""
COUPON_REACH_FEN = 3_000
EVENINGS = (
    OPENS + timedelta(hours=1, minutes=30),
    OPENS + timedelta(days=1, hours=4),
    OPENS + timedelta(days=2, hours=12, minutes=30),
)
"""When people join: a wave on each of the three days."""


@frozen
class Plan:
    """A campaign: what it offers, who joins when, and how it must end."""

    name: str
    code: str
    """The variant's code in the catalogue."""
    price_fen: int
    """What one unit must cost."""
    waves: tuple[int, int, int]
    """How many join and pay on each evening."""
    share_bp: int = 10_000
    """Price as a share of the original one."""
    mode: str = "pool"
    quorum: int = 0
    leader: int = 0
    pickup: bool = False
    late: int = 0
    """Who pay only when it is over."""
    spoiled: int = 0
    """Whose parcels arrive spoiled, and are refunded after formation."""
    steps: tuple[tuple[int, int, int], ...] = ()
    """Of a ladder of prices: from so many buyers on, share of the original price, price in fen."""
    coupons: int = 0
    """How many of the first evening pay with the coupon."""
    team_hours: int | None = None
    """How long a team of the campaign stays open."""

    @property
    def joined(self) -> int:
        """How many must have joined and paid in time."""
        return sum(self.waves)

    @property
    def outcome(self) -> str:
        """What must come of it."""
        return "formed" if self.joined >= max(self.quorum, 1) else "failed"

    @property
    def paid(self) -> Iterator[tuple[int, int]]:
        """Yield how many pay which price in fen, evening by evening; coupons left out."""
        before = 0
        for count in self.waves:
            yield count, self._price(before)
            before += count

    @property
    def lowered(self) -> int:
        """How many have paid more than the last step of the ladder."""
        return sum(count for count, price in self.paid if price > self._price(self.joined))

    @property
    def captured_fen(self) -> int:
        """What must have been paid, late money included."""
        paid = sum(count * price for count, price in self.paid) + self.late * self.price_fen
        return paid - self.coupons * COUPON_FEN

    @property
    def refunded_fen(self) -> int:
        """What must have gone back."""
        back = self.spoiled if self.outcome == "formed" else self.joined
        last = self._price(self.joined)
        lowered = sum(count * (price - last) for count, price in self.paid)
        return (back + self.late) * self.price_fen + lowered

    def _price(self, reached: int) -> int:
        """Return the price once so many have paid."""
        return next((f for at, _, f in reversed(self.steps) if at <= reached), self.price_fen)


PLANS = (
    Plan("智能手表 8 折 · 50 人成团", "SM001-1", 79_920, (18, 20, 12), 8_000, quorum=50),
    Plan("智能手表 8 折 · 隔壁小区", "SM001-1", 79_920, (17, 20, 12), 8_000, quorum=50, leader=1),
    Plan(
        "赣南脐橙 85 折 · 成团后续卖",
        "SG001-1",
        3_391,
        (20, 10, 6),
        8_500,
        quorum=20,
        leader=1,
        late=1,
        spoiled=1,
    ),
    Plan("土鸡蛋接龙", "SP006-1", 3_591, (12, 8, 4), 9_000, mode="relay", leader=2),
    Plan("五常大米 · 自提", "SP001-1", 5_391, (10, 4, 2), 9_000, quorum=12, leader=2, pickup=True),
    Plan(
        "抽纸阶梯价 · 越多越便宜",
        "JJ004-1",
        3_861,
        (6, 6, 3),
        9_000,
        quorum=5,
        steps=((6, 8_000, 3_432), (12, 7_000, 3_003)),
        coupons=2,
    ),
    Plan(
        "纸尿裤三人拼团",
        "MY001-1",
        7_920,
        (3, 3, 3),
        8_000,
        "team",
        quorum=3,
        leader=1,
        team_hours=24,
    ),
)
"""The watch forms with 50, its twin fails with 49, the oranges sell on, eggs are a relay, tissues
get cheaper with every step, and nappies are bought in teams of three."""
