"""Buyers: they join, pay, change their minds, and repeat themselves when the line breaks."""

from datetime import timedelta
from random import Random  # noqa: TID251  the seed is the only source of chance

from attrs import evolve

from groupbuy.adapters.memory.payments import MemoryPayments
from groupbuy.application import aftersale, checkout, coupons, payments
from groupbuy.application.aftersale import Application
from groupbuy.application.invariants import Told
from groupbuy.application.ports import BillLine, KeyClaim, PaymentOutcome
from groupbuy.application.steps.teaming import NEW_TEAM
from groupbuy.domain.aftersale import AfterSale, CaseState, Kind, Reason, ReturnParcel
from groupbuy.domain.campaigns import Group, GroupState, Mode
from groupbuy.domain.kernel import Conflict, DomainError, KeyReused, Money, Refused, Unavailable
from groupbuy.domain.marketing import Coupon
from groupbuy.domain.ordering import Contact, Order, OrderState
from groupbuy.domain.payments import Payment
from tests.simulator.stage import LASTS
from tests.simulator.world import Dropped

CONTACT = Contact(name="王", phone="138", address="幸福路 1 号", region="上海")


class Buyer:
    """One person and what becomes of their order."""

    def __init__(self, world, number):
        self.world, self.number = world, number
        self.me = world.stage.buyers[number % len(world.stage.buyers)]
        self.chance = Random(f"buyer/{world.knobs.seed}/{number}")
        self.order_id = ""
        self.payment = None

    def likely(self, share):
        return self.chance.random() < share

    def wait(self, *seconds):
        self.world.hub.sleep(timedelta(seconds=self.chance.choice(seconds)))

    def live(self):
        """Come, join, pay, and perhaps regret."""
        world = self.world
        if not world.knobs.burst:
            self.wait(0, 5, 300, 2_000, 6_500)
        self._join()
        if not self.order_id:
            return
        if self.likely(0.08):
            self.wait(0, 30)
            world.do(self.me, lambda w: aftersale.cancel_checkout(w, self.order_id))
        if self.likely(0.9):
            self.wait(0, 0, 0, 10, 20, 880, 905)
            self._pay()
        if world.knobs.burst and self.likely(0.3):
            self._join_once_more()
        if self.likely(0.2):
            self.wait(0, 60, 600)
            world.do(self.me, lambda w: aftersale.leave_group(w, self.order_id))
        self._after_sale()

    # --- joining ------------------------------------------------------------------------------

    def _join(self):
        coupon_id = self._coupon()
        self._join_with(coupon_id)
        if coupon_id and not self.order_id:
            self.number += 1_000
            self._join_with(None)

    def _coupon(self):
        """Claim a coupon if there are some left; return one to pay with, or None."""
        world = self.world
        if self.likely(0.5):
            offer = self.chance.choice(world.stage.offers)
            world.do(self.me, lambda w: coupons.claim(w, offer.id))
        if not self.likely(0.7):
            return None
        mine = [each.id for each in world.all(Coupon) if each.owner_id == self.me.user_id]
        return self.chance.choice(mine) if mine else None

    def _join_with(self, coupon_id):
        world = self.world
        first, others = (2, (0, 1)) if world.knobs.teams else (0, (1, 2))
        campaign = world.stage.campaigns[first if self.likely(0.8) else self.chance.choice(others)]
        units = self.chance.choice((1, 1, 2, 3))
        claim = KeyClaim(f"{self.me.user_id}/joins", f"key-{self.number}", f"{units}")
        join = checkout.Join(
            caller=self.me,
            claim=claim,
            campaign_id=campaign.id,
            items=((campaign.offers[0].sku_id, units),),
            contact=CONTACT,
            coupon_id=coupon_id,
            team=self._team(campaign),
        )
        twice = 2 if self.likely(0.2) else 1
        made = None
        for _ in range(4):
            made = self._ask_for(join, twice)
            if made is not None:
                break
            self.wait(1, 5)
        if made and self.likely(0.15):
            self._ask_for(join, 1)
        if made and self.likely(0.1):
            self._ask_for(evolve(join, claim=evolve(claim, input_hash="another body")), 1)

    def _team(self, campaign):
        """Choose a team that seems to be open, or open one."""
        if campaign.mode is not Mode.TEAM:
            return None
        groups = [each for each in self.world.all(Group) if each.campaign_id == campaign.id]
        open_ones = [each.id for each in groups if each.state is GroupState.OPEN]
        return self.chance.choice([NEW_TEAM, *open_ones])

    def _join_once_more(self):
        """Another order of the same buyer, for the limits."""
        order_id, self.number = self.order_id, self.number + 100
        self.order_id = ""
        self._join()
        self.order_id = self.order_id or order_id
        if self.order_id != order_id:
            self._pay()
        self.order_id = order_id

    def _ask_for(self, join, times):
        """Return the order's id, "" if refused, None if nobody knows."""
        world = self.world
        try:
            said = world.serve(
                lambda process: checkout.join_many(
                    process.desk, [join] * times, lambda joined: joined.order.id, _code
                )
            )
        except (Dropped, Unavailable, Conflict):
            world.counts["dropped"] += 1
            return None
        for one in said:
            if isinstance(one, Conflict | Unavailable):
                return None
            self._heard(join.claim, one)
        return self.order_id

    def _heard(self, claim, one):
        world = self.world
        if isinstance(one, KeyReused):
            world.told.append(Told(claim.scope, claim.key, claim.input_hash, f"error:{one.code}"))
            world.counts["key_reused"] += 1
            return
        answer, repeated = one
        world.counts["replayed"] += repeated
        made = answer.body if answer.ok else ""
        world.told.append(Told(claim.scope, claim.key, claim.input_hash, answer.body, made))
        if answer.ok:
            self.order_id = answer.body
        else:
            world.counts[f"refused:{answer.body}"] += 1

    # --- paying -------------------------------------------------------------------------------

    def _pay(self):
        world = self.world
        self.payment = world.do(self.me, lambda w: payments.open_payment(w, self.order_id))
        if self.payment is None:
            self._pay_late()
            return
        if world.strikes("second_payment"):
            self._begin_another(self.payment)
        self._announce(self.payment)
        self.wait(0, 0, 10, 120)
        self._hand_over(self.payment)

    def _announce(self, payment):
        """As the page does that shows the code to scan."""
        world = self.world

        def announce(process):
            desk, system = process.desk, self.me
            request = desk.read(system, lambda w: payments.prepay_request(w, payment.id))
            if request is None:
                return
            report = world.gateway.prepay(request)
            if report.pay_params:
                desk.run(system, lambda w: payments.announced(w, payment.id, report.pay_params))

        try:
            world.serve(announce)
        except (Dropped, DomainError):
            world.counts["dropped"] += 1

    def _hand_over(self, payment):
        """Between the buyer and the provider: we are not asked."""
        world = self.world
        amount = None
        if world.strikes("wrong_amount"):
            amount = payment.due + Money(self.chance.choice((-payment.due.minor + 1, -1, 100)))
        try:
            world.gateway.bank.pay(payment.number, amount=amount)
            world.counts["paid"] += 1
        except DomainError:
            self._pay_late()

    def _pay_late(self):
        """The provider takes money for something it had closed: such things happen."""
        world = self.world
        found = [p for p in world.all(Payment) if p.order_id == self.order_id]
        if found and world.strikes("paid_after_close"):
            self.wait(0, 60, 3_000)
            take_anyway(world.gateway.bank, found[0].number, world.hub.at)

    def _begin_another(self, first):
        """A second attempt open beside the first, paid as well."""
        world = self.world
        again = Payment(
            id=world.webs[0].desk.kit.ids.new("pay"),
            order_id=first.order_id,
            group_id=first.group_id,
            buyer_id=first.buyer_id,
            provider=first.provider,
            due=first.due,
            created_at=first.created_at,
            expires_at=first.expires_at,
        )
        if world.do(self.me, lambda w: w.of(Payment).add(again) or True):
            self._announce(again)
            self._hand_over(again)

    # --- after sale ---------------------------------------------------------------------------

    def _after_sale(self):
        world = self.world
        for _ in range(self.chance.choice((0, 1, 1, 2))):
            world.hub.sleep(LASTS)
            self.wait(0, 3_600, 40_000)
            order = world.database.stored(world.tenant, Order, [self.order_id])[self.order_id]
            left = order.lines[0].left
            if not left or order.confirmed_at is None:
                continue
            back = (Kind.RETURN_AND_REFUND, Kind.EXCHANGE)
            sent = order.state is OrderState.FULFILLING and self.likely(0.8)
            kind = self.chance.choice(back) if sent else Kind.REFUND_ONLY
            units = self.chance.randint(1, left)
            asked = Application(self.order_id, 1, units, kind, Reason.DAMAGED)
            case = world.do(self.me, lambda w, a=asked: aftersale.apply_for(w, a))
            if case is not None:
                self._follow(case)

    def _follow(self, case):
        world = self.world
        if self.likely(0.15):
            world.do(self.me, lambda w: aftersale.cancel_case(w, case.id))
        if case.goods_come_back:
            self.wait(90_000)
            parcel = ReturnParcel("sf", "SF900")
            sent = world.do(self.me, lambda w: aftersale.ship_back(w, case.id, parcel))
            if sent is not None and sent.state is CaseState.RETURN_SHIPPED:
                world.counts["goods_sent_back"] += 1
        self.wait(90_000, 180_000)
        self._insist(case)

    def _insist(self, case):
        """Bring a refusal to an operator, or say whether the replacement is right."""
        world = self.world
        case = world.database.stored(world.tenant, AfterSale, [case.id])[case.id]
        right = case.state is CaseState.REPLACEMENT_SENT and self.likely(0.5)
        if right and world.do(self.me, lambda w: aftersale.accept_replacement(w, case.id)):
            world.counts["exchanged"] += 1
        elif case.state in (CaseState.REFUSED, CaseState.REPLACEMENT_SENT) and self.likely(0.6):
            asked = world.do(self.me, lambda w: aftersale.escalate_case(w, case.id, "it is broken"))
            world.counts["escalated"] += asked is not None


def take_anyway(bank: MemoryPayments, number, at):
    """Let the provider take money for a closed payment, and tell us."""
    known = bank._payments.get(number)
    if known is None or known.outcome is not PaymentOutcome.CLOSED or not known.request.amount:
        return
    paid = evolve(known, outcome=PaymentOutcome.CAPTURED, captured=known.request.amount, paid_at=at)
    bank._payments[number] = paid
    bank.movements.append(
        BillLine(kind="payment", number=number, amount=known.request.amount, at=at)
    )
    bank.callbacks.tell(paid.report())


def _code(error):
    return error.rule if isinstance(error, Refused) else error.code
