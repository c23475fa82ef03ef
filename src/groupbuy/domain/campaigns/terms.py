"""What a campaign promises: offers, quorum, capacity, limits and refund rules."""

from enum import StrEnum

from attrs import frozen

from groupbuy.domain.kernel import BASIS_POINTS, Invalid, Money

TEAM_SIZES = range(2, 101)
"""How many buyers a team may need."""
GRAMS_AT_MOST = 1_000_000
"""The most a unit of goods may weigh by estimate."""


class Mode(StrEnum):
    """How a campaign gathers people."""

    POOL = "pool"
    """One group for everybody."""
    TEAM = "team"
    """Shoppers open teams under the campaign, each with its own clock (拼团)."""
    RELAY = "relay"
    """No quorum: every paid seat counts at once (接龙)."""


class Measure(StrEnum):
    """What a quorum or a capacity counts."""

    BUYERS = "buyers"
    UNITS = "units"
    AMOUNT = "amount"
    """Minor units of money; for a quorum only."""


class StockPolicy(StrEnum):
    """Whether a sale is bounded by goods in hand."""

    TRACKED = "tracked"
    PRESALE = "presale"
    """Orders first, procurement after: bounded by the campaign's capacity only."""


class ReturnPolicy(StrEnum):
    """What the law lets a buyer send back (Consumer Rights Protection Law, art. 25)."""

    ORDINARY = "ordinary"
    FRESH = "fresh"
    CUSTOM_MADE = "custom_made"
    OPENED_DIGITAL = "opened_digital"
    CONFIRMED_NON_RETURNABLE = "confirmed_non_returnable"


class OnQuorum(StrEnum):
    """What a group does once its quorum is reached."""

    SELL_ON = "sell_on"
    STOP = "stop"


class FreightPayer(StrEnum):
    """Who pays when goods go back."""

    BUYER = "buyer"
    MERCHANT = "merchant"


@frozen
class Quorum:
    """How many must have paid before the end."""

    measure: Measure
    target: int
    """Buyers, units, or minor units of money."""

    def __attrs_post_init__(self) -> None:
        """A quorum of nothing is no quorum."""
        if self.target < 1:
            raise Invalid(field="quorum.target", reason="must be at least 1")


@frozen
class Capacity:
    """The most seats a group may hold: held + paid + confirmed."""

    measure: Measure
    limit: int

    def __attrs_post_init__(self) -> None:
        """Money is no measure of room."""
        if self.limit < 1:
            raise Invalid(field="capacity.limit", reason="must be at least 1")
        if self.measure is Measure.AMOUNT:
            raise Invalid(field="capacity.measure", reason="counts buyers or units")


@frozen
class Limits:
    """The most one buyer may take; None means no limit."""

    units_per_buyer: int | None = None
    units_per_order: int | None = None
    orders_per_buyer: int | None = None

    def __attrs_post_init__(self) -> None:
        """A limit of zero would sell nothing."""
        for name in ("units_per_buyer", "units_per_order", "orders_per_buyer"):
            limit: int | None = getattr(self, name)
            if limit is not None and limit < 1:
                raise Invalid(field=f"limits.{name}", reason="must be at least 1")


@frozen
class RefundRules:
    """What a buyer may undo, and who bears what; shown before paying, copied to the order.

    A group that fails refunds everything to the original payment: no rule here can change that.
    """

    leave_hours_before_end: int | None = 0
    """Leaving before formation ends so many hours before the end; None: it is not offered."""
    return_window_days: int = 7
    """Promised to the buyer and applied by after-sale staff, as are the three below."""
    return_freight: FreightPayer = FreightPayer.BUYER
    coupon_returns: bool = True
    points_return: bool = True
    after_sale_days: int = 7
    """Commission and the merchant's share vest so many days after delivery."""


@frozen
class Tier:
    """One step of a price ladder: from `reached` (in the quorum's measure) everybody pays less."""

    reached: int
    share_bp: int
    """Price as a share of the original, in basis points."""

    def __attrs_post_init__(self) -> None:
        """Refuse a step that nobody could take, or that gives everything away."""
        if self.reached < 1:
            raise Invalid(field="tiers.reached", reason="must be at least 1")
        if not 1 <= self.share_bp < BASIS_POINTS:
            raise Invalid(field="tiers.share_bp", reason="must lie between 1 and 9999")


@frozen
class PointRate:
    """What a pickup point earns on what is collected there, in basis points."""

    point_id: str
    bp: int


@frozen
class SideRates:
    """What others earn beside the leader, as publishing fixed it."""

    helper_bp: int = 0
    points: tuple[PointRate, ...] = ()

    def of_point(self, point_id: str | None) -> int:
        """Return the rate of a pickup point; 0 for one that earns nothing."""
        return next((each.bp for each in self.points if each.point_id == point_id), 0)


@frozen
class Waiver:
    """The merchant openly gave up the quorum."""

    by: str
    reason: str


@frozen
class Offer:
    """One variant on sale in a campaign, frozen as it was when the campaign was published."""

    sku_id: str
    product_id: str
    title: str
    options: str
    original: Money
    price: Money
    category_id: str = ""
    stock_policy: StockPolicy = StockPolicy.TRACKED
    return_policy: ReturnPolicy = ReturnPolicy.ORDINARY
    commission_bp: int | None = None
    """What was asked for: overrides the campaign's, the category's and the leader's rate."""
    leader_bp: int = 0
    """The leader's rate as publishing fixed it (offer, campaign, category, leader: first set)."""
    leader_why: str = ""
    """Which rule gave that rate, such as `category:cat_…`; publishing fixes it."""
    fee_bp: int = 0
    """The operator's share; publishing fixes it."""
    unit_grams: int | None = None
    """Sold by weight: the price is for a unit of so many grams by estimate."""

    def __attrs_post_init__(self) -> None:
        """A price lies between one minor unit and the original price."""
        if self.price.currency != self.original.currency:
            raise Invalid(field="offers.price", reason="has another currency than the original")
        if not 0 < self.price.minor <= self.original.minor:
            raise Invalid(field="offers.price", reason="must lie between 0.01 and the original")
        if self.unit_grams is not None and not 1 <= self.unit_grams <= GRAMS_AT_MOST:
            raise Invalid(field="offers.unit_grams", reason=f"must be 1 to {GRAMS_AT_MOST}")

    @staticmethod
    def share_of(original: Money, basis_points: int) -> Money:
        """Return a price given as a share of the original (80 % of ¥999.00 is 79 920 fen)."""
        if not 0 < basis_points <= 10_000:
            raise Invalid(field="offers.share_bp", reason="must lie between 1 and 10000")
        return original.at_rate(basis_points)
