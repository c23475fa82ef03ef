"""How hot a product is: buyers of each day, halved every fourteen days, whole numbers only.

Weights grow instead of fading: a buyer of a later day weighs more, and a sum once made never has
to be touched again because time passes. All products fade alike, so their order is the same.
"""

from datetime import date

from attrs import evolve, frozen

HALF_LIFE = 14
"""Days after which a buyer counts half. Source: domain rules, "Hot list"."""
EPOCH = date(2020, 1, 1)
"""The day on which a buyer weighs `ONE`; earlier ones weigh the same."""
ONE = 1 << 32
WEIGHTS = (
    4_294_967_296,
    4_512_965_399,
    4_742_028_353,
    4_982_717_772,
    5_235_623_778,
    5_501_366_442,
    5_780_597_311,
    6_074_000_999,
    6_382_296_873,
    6_706_240_810,
    7_046_627_051,
    7_404_290_154,
    7_780_107_034,
    8_174_999_115,
)
"""2^(32 + n/14), rounded down, for the days of one half-life."""
FRACTION = 20
"""Bits of a rank behind the point: one in a million of a doubling."""
COLD = -1
"""The rank of what nobody wants, or everybody gave back."""
HUNDREDTHS = 100
BASIS_POINTS = 10_000
_MANTISSA = 64


def weight_of(day: date) -> int:
    """Return what one buyer of a day weighs: twice as much as one of fourteen days before."""
    days = max((day - EPOCH).days, 0)
    return WEIGHTS[days % HALF_LIFE] << days // HALF_LIFE


def height_of(number: int) -> int:
    """Return the binary logarithm of a whole number; `COLD` of nothing.

    It has `FRACTION` bits behind the point and is rounded down. What is greater is never lower.
    """
    if number <= 0:
        return COLD
    bits = number.bit_length()
    part = number << _MANTISSA >> bits
    found = bits - 1
    # The mantissa lies in [1, 2) of 2^63; each squaring yields one more bit of the logarithm.
    for _ in range(FRACTION):
        part = part * part >> _MANTISSA - 1
        bit = part >> _MANTISSA
        found = found << 1 | bit
        part >>= bit
    return found


@frozen
class Share:
    """What something adds to how hot a product is; all parts may be below zero."""

    warmth: int = 0
    """Weights of the days on which somebody bought it, added up."""
    buyers: int = 0
    """Different people."""
    units: int = 0
    back: int = 0
    """Of the units, those given back."""

    def plus(self, other: "Share", times: int = 1) -> "Share":
        """Add another one, or take it away with −1."""
        return Share(
            self.warmth + times * other.warmth,
            self.buyers + times * other.buyers,
            self.units + times * other.units,
            self.back + times * other.back,
        )


NOTHING = Share()


@frozen
class Heat:
    """How hot one product is, everywhere or in one community.

    The id is the product's, with the community behind a slash.
    """

    id: str
    product_id: str
    community: str
    """A pickup point or a leader; empty: everywhere."""
    category_id: str = ""
    """Of the product, to be found by."""
    warmth: str = "0"
    """The exact sum of weights, hexadecimal: it outgrows every column of whole numbers."""
    buyers: int = 0
    units: int = 0
    back: int = 0
    stars: int = 0
    """Bayesian mean of the reviews, in hundredths of a star."""
    reviews: int = 0
    rank: int = COLD
    """Logarithm of the hot score, to be sorted by."""
    version: int = 0

    @classmethod
    def of(cls, key: str) -> "Heat":
        """Return the empty one of an id."""
        product, _, community = key.partition("/")
        return cls(key, product, community)

    @property
    def share(self) -> Share:
        """All shares that were added so far."""
        return Share(int(self.warmth, 16), self.buyers, self.units, self.back)

    def counting(self, share: Share) -> "Heat":
        """Return it with that share instead of its own."""
        more = evolve(
            self,
            warmth=f"{share.warmth:x}",
            buyers=share.buyers,
            units=share.units,
            back=share.back,
        )
        return evolve(more, rank=height_of(more.score))

    def judged(self, category_id: str, stars: int, reviews: int) -> "Heat":
        """Return it with what is said of its product now; `stars` in hundredths."""
        more = evolve(self, category_id=category_id, stars=stars, reviews=reviews)
        return evolve(more, rank=height_of(more.score))

    def recent(self, today: date) -> int:
        """Return its buyers as they count today, in hundredths of one, rounded down."""
        return HUNDREDTHS * int(self.warmth, 16) // weight_of(today)

    @property
    def back_bp(self) -> int:
        """What part of the units came back, in basis points, halves rounded up."""
        if not self.units:
            return 0
        return (2 * BASIS_POINTS * self.back + self.units) // (2 * self.units)

    @property
    def score(self) -> int:
        """Buyers by age × rating × (1 − refund rate), exact, on a scale of its own."""
        if self.units <= 0:
            return 0
        return int(self.warmth, 16) * self.stars * (self.units - self.back) // self.units
