"""The people: users and their roles, merchants, leaders, pickup points, addresses."""

from datetime import datetime
from enum import StrEnum

from attrs import evolve, field, frozen

from groupbuy.domain.kernel import Edge, Event, Invalid, Machine, Money
from groupbuy.domain.membership.member import Membership

RULE_NAME_AT_MOST = 40
RULES_AT_MOST = 20
"""How many approval rules one merchant may have."""


class Role(StrEnum):
    """What a person is trusted with."""

    SHOPPER = "shopper"
    LEADER = "leader"
    MERCHANT = "merchant"
    FINANCE = "finance"
    OPERATOR = "operator"
    ADMIN = "admin"
    """People, not money."""


@frozen
class User:
    """One person at one tenant. Everything personal is sealed under `data_key`."""

    id: str
    phone_fingerprint: str
    """Keyed hash, unique per tenant."""
    phone_sealed: str
    name_sealed: str
    """The display name a person chose, to be read by themselves only."""
    password_hash: str
    data_key: str
    """Wrapped; empty once erased."""
    created_at: datetime
    roles: frozenset[Role] = frozenset({Role.SHOPPER})
    merchant_id: str | None = None
    leader_id: str | None = None
    blocked: bool = False
    invited_by: str | None = None
    share_id: str | None = None
    """The share link that brought them; it counts, and pays nobody."""
    security_changed_at: datetime | None = None
    """Last change of phone, password or payout account: withdrawals cool down."""
    initial: str = ""
    """The first letter of the display name: all that others see of it."""
    member: Membership = Membership()
    version: int = 0

    def granted(self, role: Role) -> "User":
        """Add a role."""
        return evolve(self, roles=self.roles | {role})

    def revoked(self, role: Role) -> "User":
        """Take a role away."""
        return evolve(self, roles=self.roles - {role})

    @property
    def erased(self) -> bool:
        """Tell whether nothing personal of theirs can be read any more."""
        return not self.data_key


@frozen
class LoginSession:
    """A login. Its id is the hash of the token: the token itself is never stored."""

    id: str
    user_id: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    """Absolute end."""
    client: str = ""
    ended_at: datetime | None = None
    version: int = 0


@frozen
class ApprovalRule:
    """When orders of a merchant need no look of a person: everything it names must hold."""

    name: str
    below: Money | None = None
    """Only orders that cost less."""
    known_buyer: bool = False
    """Only of buyers who have completed an order of this merchant before."""
    campaign_ids: tuple[str, ...] = ()
    """Only in these campaigns; none named: in all."""

    def __attrs_post_init__(self) -> None:
        """A rule has a name and names something."""
        if not 1 <= len(self.name.strip()) <= RULE_NAME_AT_MOST:
            raise Invalid(field="name", reason=f"must have 1 to {RULE_NAME_AT_MOST} letters")
        if self.below is None and not self.known_buyer and not self.campaign_ids:
            raise Invalid(field="rules", reason="has to name something")

    def holds(self, campaign_id: str, payable: Money, *, known: bool) -> bool:
        """Tell whether an order needs no look; `known`: its buyer is."""
        return (
            (self.below is None or _less(payable, self.below))
            and (known or not self.known_buyer)
            and (not self.campaign_ids or campaign_id in self.campaign_ids)
        )


def _less(payable: Money, bound: Money) -> bool:
    """A bound in another currency bounds nothing: a person has to look."""
    return payable.currency == bound.currency and payable < bound


@frozen
class Merchant:
    """Who ships the goods and gets the money."""

    id: str
    name: str
    created_at: datetime
    fee_bp: int = 0
    """The operator's share of sales, in basis points."""
    auto_approve: bool = False
    """Every order is accepted by itself."""
    approval_rules: tuple[ApprovalRule, ...] = ()
    """Orders that one of these fits are accepted by themselves."""
    payout_channel: str = ""
    """bank_card | wechat_wallet"""
    payout_account_sealed: str = ""
    payout_name_sealed: str = ""
    payout_changed_at: datetime | None = None
    data_key: str = ""
    """Wrapped; seals where the merchant is paid. Made when that is first said."""
    version: int = 0


class LeaderState(StrEnum):
    """Where a leader is in their life."""

    APPLIED = "applied"
    APPROVED = "approved"
    REFUSED = "refused"
    SUSPENDED = "suspended"


class LeaderMove(StrEnum):
    """What may be asked of a leader."""

    APPROVE = "approve"
    REFUSE = "refuse"
    SUSPEND = "suspend"
    REINSTATE = "reinstate"
    APPLY_AGAIN = "apply_again"


_S, _M = LeaderState, LeaderMove
LEADER: Machine[LeaderState, LeaderMove, None] = Machine(
    name="leader",
    initial=_S.APPLIED,
    final=frozenset(),
    edges=(
        Edge(_S.APPLIED, _M.APPROVE, _S.APPROVED, "leader.approved"),
        Edge(_S.APPLIED, _M.REFUSE, _S.REFUSED, "leader.refused"),
        Edge(_S.REFUSED, _M.APPLY_AGAIN, _S.APPLIED, "leader.applied"),
        Edge(_S.APPROVED, _M.SUSPEND, _S.SUSPENDED, "leader.suspended"),
        Edge(_S.SUSPENDED, _M.REINSTATE, _S.APPROVED, "leader.reinstated"),
    ),
)


@frozen
class Leader:
    """A neighbour who runs campaigns for a community and earns commission."""

    id: str
    user_id: str
    name: str
    applied_at: datetime
    communities: tuple[str, ...] = ()
    contact_sealed: str = ""
    commission_bp: int | None = None
    """Own rate in basis points, unless campaign or category say another; None: the shop's."""
    payout_channel: str = ""
    """bank_card | wechat_wallet"""
    payout_account_sealed: str = ""
    payout_name_sealed: str = ""
    payout_changed_at: datetime | None = None
    refusal: str = ""
    state: LeaderState = LeaderState.APPLIED
    version: int = 0

    @property
    def erased(self) -> bool:
        """Tell whether the person behind it is gone: nobody is left to earn."""
        return not self.name

    def move(self, move: LeaderMove, now: datetime) -> "tuple[Leader, list[Event]]":
        """Approve, refuse, suspend or reinstate."""
        edge = LEADER.fire(self.state, move, None)
        return evolve(self, state=edge.target), [Event(edge.event, self.id, now)]


@frozen
class PickupPoint:
    """Where neighbours collect their bags."""

    id: str
    name: str
    address: str
    region: str
    leader_id: str | None = None
    open_hours: str = ""
    commission_bp: int = 0
    version: int = 0


@frozen
class Address:
    """A place a shopper had goods sent to; everything but the region is sealed."""

    id: str
    user_id: str
    name_sealed: str
    phone_sealed: str
    phone_tail: str
    street_sealed: str
    region: str
    removed_at: datetime | None = None
    """Set when its person took it away; nothing readable or sealed is left in it then."""
    version: int = 0


@frozen
class Notice:
    """One message in a person's in-app inbox; its id is the message key."""

    id: str
    user_id: str
    kind: str
    subject: str
    at: datetime
    facts: dict[str, str] = field(factory=dict)
    read_at: datetime | None = None
    version: int = 0
