"""Whatever buyer, merchant, operator and time do with after-sale cases, in any order."""

from collections import Counter

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from groupbuy.application import aftersale, fulfilment
from groupbuy.application.steps.parcels import Parcel
from groupbuy.domain.aftersale import OPEN, AfterSale, CaseState, Kind, Reason, ReturnParcel
from groupbuy.domain.campaigns import Measure, Quorum
from groupbuy.domain.catalogue import Stock, StockMove
from groupbuy.domain.kernel import DomainError
from groupbuy.domain.membership import Role
from tests.support.checks import check_shop
from tests.support.shop import Shop

UNITS, IN_HAND, PRICE = 4, 7, 3_333
few = st.integers(0, 2)
ACTS = (
    *("apply", "send_back", "cancel", "accept", "escalate", "approve", "refuse", "refund"),
    *("receive", "inspect", "replace", "decide"),
)
FITTING = {
    CaseState.APPLIED: ("approve", "approve", "refuse"),
    CaseState.APPROVED: ("send_back",),
    CaseState.RETURN_SHIPPED: ("receive", "inspect", "refuse"),
    CaseState.RETURN_RECEIVED: ("inspect", "refuse"),
    CaseState.TO_REPLACE: ("replace", "replace", "refund"),
    CaseState.REPLACEMENT_SENT: ("accept", "escalate"),
    CaseState.REFUSED: ("escalate", "apply"),
    CaseState.ESCALATED: ("decide",),
    CaseState.REFUNDING: ("inspect", "apply"),
    CaseState.DONE: ("inspect", "apply"),
}
"""What is tried most in each state, so that lives become long."""


class LivesOfCases(RuleBasedStateMachine):
    """One order of four units, of which there are few more; cases about it one after another."""

    @initialize()
    def buy(self):
        self.shop = shop = Shop()
        campaign = shop.campaign(
            shop.variant(price=PRICE, stock=IN_HAND),
            leader=shop.leader(commission_bp=777),
            share_bp=9_999,
            quorum=Quorum(Measure.BUYERS, 1),
        )
        user = shop.user(roles=frozenset({Role.SHOPPER}))
        self.buyer, self.seller = shop.caller(user.id, Role.SHOPPER), shop.merchant_caller()
        self.office = shop.caller("usr_op", Role.OPERATOR)
        self.joined = shop.join(campaign, self.buyer, units=UNITS)
        shop.pay(self.joined)
        shop.work_off()
        order_id = self.joined.order.id
        self.do(self.seller, fulfilment.approve_order, order_id)
        self.do(self.seller, fulfilment.ship_order, Parcel(order_id, "sf", "SF1"))
        self.numbers = 1

    def do(self, who, use_case, *args, **more):
        """Try it: what is refused changes nothing."""
        try:
            return self.shop.desk.run(who, lambda work: use_case(work, *args, **more))
        except DomainError:
            return None

    def newest(self):
        """The newest case; None if there is none yet."""
        found = self.shop.all(AfterSale)
        return max(found, key=lambda case: case.id) if found else None

    # --- what people do -----------------------------------------------------------------------

    @rule(data=st.data())
    def somebody_whose_turn_it_may_be_acts(self, data):
        case = self.newest()
        fitting = FITTING.get(case.state, ("apply",)) if case else ("apply",)
        getattr(self, data.draw(st.sampled_from(fitting)))(case.id if case else "", data.draw)

    @rule(data=st.data(), act=st.sampled_from(ACTS))
    def anybody_tries_anything(self, data, act):
        case = self.newest()
        getattr(self, act)(case.id if case else "afs_none", data.draw)

    @rule(units=st.integers(1, 2))
    def the_shop_refunds_some_other_way(self, units):
        wish = aftersale.UnitsBack(self.joined.order.id, 1, units)
        self.do(self.seller, aftersale.refund_units, wish, "kindness")

    @rule(hours=st.sampled_from((1, 23, 80, 250)))
    def time_passes(self, hours):
        self.shop.pass_time(hours=hours)

    def apply(self, _case, draw):
        kind, reason = draw(st.sampled_from(Kind)), draw(st.sampled_from(Reason))
        wish = aftersale.Application(self.joined.order.id, 1, draw(few), kind, reason)
        self.do(self.buyer, aftersale.apply_for, wish)

    def send_back(self, case, _draw):
        self.do(self.buyer, aftersale.ship_back, case, ReturnParcel("sf", "SF9"))

    def cancel(self, case, _draw):
        self.do(self.buyer, aftersale.cancel_case, case)

    def accept(self, case, _draw):
        self.do(self.buyer, aftersale.accept_replacement, case)

    def escalate(self, case, _draw):
        self.do(self.buyer, aftersale.escalate_case, case, "it is broken")

    def approve(self, case, _draw):
        self.do(self.seller, aftersale.approve_case, case)

    def refuse(self, case, _draw):
        self.do(self.seller, aftersale.refuse_case, case, "it is not")

    def refund(self, case, _draw):
        self.do(self.seller, aftersale.refund_instead, case, "sold out")

    def receive(self, case, _draw):
        self.do(self.seller, aftersale.receive_back, case)

    def inspect(self, case, draw):
        found = aftersale.Counted(case, draw(few), draw(few))
        self.do(self.seller, aftersale.inspect_return, found)

    def replace(self, case, _draw):
        self.numbers += 1
        sent = aftersale.Replacement(case, "sf", f"SF{self.numbers}")
        self.do(self.seller, aftersale.send_replacement, sent)

    def decide(self, case, draw):
        right = draw(st.booleans())
        self.do(self.office, aftersale.rule_case, case, "so", for_buyer=right)

    # --- what stays true --------------------------------------------------------------------------

    @invariant()
    def the_books_are_right(self):
        check_shop(self.shop)

    @invariant()
    def no_more_goes_back_than_was_paid(self):
        payable = self.joined.order.payable
        assert (
            sum(refund.amount.minor for refund in self.shop.refunds(self.joined)) <= payable.minor
        )
        assert self.shop.order(self.joined).refunded <= payable

    @invariant()
    def goods_add_up_and_go_by_the_journal_alone(self):
        (stock,), moves = self.shop.all(Stock), self.shop.all(StockMove)
        assert stock.available + stock.reserved + stock.sold == IN_HAND + sum(
            m.units for m in moves
        )
        lines = Counter[str]()
        for move in moves:
            lines[move.reason.partition(": ")[2]] += move.units
        cases = self.shop.all(AfterSale)
        good = sum(case.good_units or 0 for case in cases)
        assert lines["returned"] + lines["damaged"] == good
        sent_out = [case for case in cases if case.replacement_id]
        assert 0 <= -lines["replacement"] <= sum(case.units for case in sent_out)

    def teardown(self):
        """Nobody says anything more: no case waits for ever."""
        if not hasattr(self, "numbers"):
            return
        for _ in range(12):
            self.shop.pass_time(days=5)
        check_shop(self.shop, at_rest=True)
        states = {case.state for case in self.shop.all(AfterSale)}
        assert not states & OPEN
        assert states <= {CaseState.REFUSED, CaseState.CANCELLED, CaseState.DONE}
        assert self.shop.trouble == []


TestLivesOfCases = LivesOfCases.TestCase
TestLivesOfCases.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
