"""What an operator may set, with the defaults of the rules."""

from attrs import frozen

from groupbuy.domain.commission import DEFAULT_RULES, MONTHLY, SettlementRules, WithdrawalRules
from groupbuy.domain.community import CommunityRules
from groupbuy.domain.feedback import FeedbackRules
from groupbuy.domain.membership import LevelRules
from groupbuy.domain.points import NO_POINTS, TEN_POINTS, InvitationRules, PointRules
from groupbuy.domain.segments import PushRules


@frozen
class Policy:
    """Settings that rules take as arguments. Durations name their unit."""

    zone: str = "Asia/Shanghai"
    """Where the operator's days and months begin."""
    currency: str = "CNY"
    """ISO 4217 code of the shop."""
    provider: str = "sandbox"
    """The gateway that takes new payments, one of `provider.payments`."""
    default_commission_bp: int = 500
    """What a leader earns unless something more specific says otherwise; basis points."""
    helper_bp: int = 0
    """What a helper earns beside the leader; basis points."""
    default_fee_bp: int = 100
    """The operator's share of a new merchant's sales; basis points."""
    after_sale_decide_hours: int = 24
    """How long a merchant has to answer an after-sale case before silence approves it."""
    after_sale_return_days: int = 7
    """How long a buyer has to send goods back before the case lapses, and the merchant to say
    that they came before silence says so."""
    after_sale_inspect_days: int = 3
    """How long a merchant has to count goods that came back before nobody objects to them."""
    after_sale_replace_days: int = 3
    """How long a merchant has to send a replacement before the money goes back instead."""
    after_sale_look_days: int = 10
    """How long a buyer has to say that a replacement is not right before the exchange is done."""
    after_sale_appeal_days: int = 3
    """How long a buyer may bring a refused case to an operator; the order is not completed
    before."""
    after_sale_rule_days: int = 7
    """How long an operator has to decide such a case before silence decides for the buyer."""
    correction_hours: int = 48
    """How long a buyer has to mend an order before it is rejected and refunded."""
    parcel_silent_days: int = 3
    """The shop is told of a parcel of which nothing was heard for so long."""
    pickup_wait_days: int = 2
    """Shop and buyer are told of a bag that lies at its pickup point for so long."""
    session_idle_hours: int = 72
    """A login that is not used for so long has ended."""
    session_absolute_days: int = 30
    """Any login has ended after so long."""
    max_attempts: int = 20
    """After so many tries an outside effect waits for an operator."""
    refunds_per_second: int = 80
    """Refunds all workers together send to one payment provider; WeChat Pay takes 5,000 a minute
    for payments older than a month."""
    closing_alert_minutes: int = 60
    """Somebody is told once payments have kept a group from its outcome for so long."""
    audit_seal_after_seconds: int = 300
    """Audit rows are sealed once they are so much older than the oldest open transaction."""
    delist_when_sold_out: bool = False
    """A product goes off sale by itself once nothing of it is left, held or sold ahead."""
    refuse_overstated_prices: bool = False
    """A campaign whose original price was never asked before is refused; else it is only not
    struck through."""
    pictures_a_day: int = 50
    """Pictures a person may upload within a day."""
    pictures_a_day_by_sellers: int = 5_000
    """Pictures one of a merchant's or operator's people may upload within a day."""
    report_margin_seconds: int = 60
    """By how much the clocks of our machines may differ; reports read so much of the event log
    twice."""
    auto_approve: bool = False
    """Orders of a formed group are approved by themselves."""
    settlement: SettlementRules = MONTHLY
    withdrawals: WithdrawalRules = DEFAULT_RULES
    community: CommunityRules = CommunityRules()
    feedback: FeedbackRules = FeedbackRules()
    points: PointRules = NO_POINTS
    invitations: InvitationRules = TEN_POINTS
    levels: LevelRules = LevelRules()
    pushes: PushRules = PushRules()
