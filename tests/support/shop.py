"""A small shop for tests: people, goods, a clock moved by hand, a provider in memory."""

import itertools
from datetime import UTC, datetime, timedelta

from attrs import define, evolve, field

from groupbuy.adapters.memory import MemoryDatabase, MemorySignals
from groupbuy.adapters.memory.carriers import MemoryCarrier
from groupbuy.adapters.memory.notices import MemoryNotifier
from groupbuy.adapters.memory.payments import MemoryPayments
from groupbuy.adapters.memory.payouts import MemoryPayouts
from groupbuy.application import campaigns, checkout, payments
from groupbuy.application.outside import Outside
from groupbuy.application.policy import Policy
from groupbuy.application.ports import Answer, KeyClaim, PaymentOutcome, PaymentReport, Query
from groupbuy.application.relay import Relay
from groupbuy.application.steps.offering import OfferSpec
from groupbuy.application.write_path import Caller, Desk, Kit
from groupbuy.domain.campaigns import (
    Campaign,
    Group,
    Measure,
    Mode,
    Progress,
    Quorum,
    Seat,
    group_of,
    progress_of,
)
from groupbuy.domain.catalogue import Category, Product, ProductState, Stock, Variant
from groupbuy.domain.kernel import DomainError, Money, make_id
from groupbuy.domain.ledger import Journal, sums
from groupbuy.domain.membership import Leader, LeaderState, Merchant, Role, User
from groupbuy.domain.ordering import Contact, Order
from groupbuy.domain.payments import Payment, Refund, RefundLimits

NOON = datetime(2026, 11, 2, 4, tzinfo=UTC)
"""Noon in Shanghai."""
TENANT = "main"
LIMITS = RefundLimits(timedelta(minutes=1), 50, timedelta(days=365))
"""What the provider allows of refunds, and keeps to."""


@define(slots=False)
class HandClock:
    """A clock that tests move."""

    at: datetime = NOON

    def now(self):
        return self.at

    def forward(self, **delta):
        self.at += timedelta(**delta)


@define(slots=False)
class CountingIds:
    """Ids in the order they were made."""

    clock: HandClock
    _count: itertools.count = field(factory=lambda: itertools.count(1))

    def new(self, kind, cell=0):
        millis = int(self.clock.at.timestamp()) * 1000
        return make_id(kind, millis=millis, cell=cell, entropy=next(self._count))

    def token(self):
        return f"token-{next(self._count)}"

    def digits(self, count):
        return str(next(self._count)).zfill(count)[-count:]


class OpenVault:
    """Seals nothing, but checks who opens what."""

    def new_data_key(self):
        return "key"

    def rewrap(self, data_key):
        return data_key

    def seal(self, data_key, bound_to, text):
        return f"sealed[{bound_to}]{text}"

    def open(self, data_key, bound_to, sealed):
        head = f"sealed[{bound_to}]"
        assert sealed.startswith(head), "opened by somebody else"
        return sealed.removeprefix(head)

    def fingerprint(self, field, text):
        return f"{field}#{text}"


class NoWaiting:
    """Retries at once."""

    def wait(self, attempt):
        pass


class ShopRefusal(Exception):
    """A join was answered with a refusal."""


@define(slots=False)
class Shop:
    """Everything wired together, on any database that has `begin`."""

    begin: object = None
    clock: HandClock = field(factory=HandClock)
    policy: Policy = Policy(provider="memory")
    tenant: str = TENANT
    _keys: itertools.count = field(factory=lambda: itertools.count(1))

    def __attrs_post_init__(self):
        self.begin = self.begin or MemoryDatabase().begin
        self.ids = CountingIds(self.clock)
        self.kit = Kit(self.clock, self.ids, OpenVault(), self.policy)
        self.desk = Desk(self.begin, self.kit, MemorySignals(), NoWaiting())
        self.gateway = MemoryPayments(self.clock, True, LIMITS)
        self.payouts = MemoryPayouts(self.clock)
        self.carrier = MemoryCarrier(self.clock)
        self.notifier = MemoryNotifier()
        self.trouble = []
        self.relay = self.a_relay()

    # --- processes ----------------------------------------------------------------------------

    @property
    def outside(self):
        return Outside(
            {"memory": self.gateway},
            {"memory": self.payouts},
            {"memory": self.carrier},
            {"memory": self.notifier},
        )

    def a_relay(self):
        return Relay(self.desk, self.outside, failed=lambda t, e: self.trouble.append((t.id, e)))

    def work_off(self, rounds=200):
        """Let the worker do everything that is due."""
        for _ in range(rounds):
            if not self.relay.tick(self.tenant):
                return
        raise AssertionError("the outbox never runs dry")

    def pass_time(self, **delta):
        self.clock.forward(**delta)
        self.work_off()

    # --- people -------------------------------------------------------------------------------

    def caller(self, user_id="usr_x", *roles, **more):
        return Caller(self.tenant, user_id, frozenset(roles), data_key="key", **more)

    def system(self):
        return Caller.system(self.tenant)

    def store(self, *things):
        def add(work):
            for thing in things:
                work.of(type(thing)).add(thing)

        self.desk.run(self.system(), add)
        return things[0]

    def merchant(self, **changes):
        self._merchant = self.store(
            Merchant(id=self.ids.new("mch"), name="果园", created_at=self.clock.at, **changes)
        )
        return self._merchant

    def merchant_caller(self):
        merchant = self._merchant
        return self.caller("usr_staff", Role.MERCHANT, merchant_id=merchant.id)

    def leader(self, **changes):
        user = self.user(initial="何", roles=frozenset({Role.SHOPPER, Role.LEADER}))
        leader = Leader(
            id=self.ids.new("ldr"),
            user_id=user.id,
            name="何秀兰",
            applied_at=self.clock.at,
            state=LeaderState.APPROVED,
            **changes,
        )
        return self.store(leader)

    def leader_caller(self, leader):
        return self.caller(leader.user_id, Role.LEADER, Role.SHOPPER, leader_id=leader.id)

    def user(self, **changes):
        user_id = self.ids.new("usr")
        user = User(
            id=user_id,
            phone_fingerprint=f"phone-{user_id}",
            phone_sealed="",
            name_sealed="",
            initial="王",
            password_hash="",
            data_key="key",
            created_at=self.clock.at,
        )
        return self.store(evolve(user, **changes))

    def shopper(self):
        return self.caller(self.ids.new("usr"), Role.SHOPPER)

    # --- goods --------------------------------------------------------------------------------

    def variant(self, price=99900, stock=1000, merchant=None, **changes):
        merchant = merchant or getattr(self, "_merchant", None) or self.merchant()
        category = Category(id=self.ids.new("cat"), name="数码")
        product = Product(
            id=self.ids.new("prd"),
            merchant_id=merchant.id,
            code=f"P{next(self._keys)}",
            name="智能手表",
            category_id=category.id,
            created_at=self.clock.at,
            state=ProductState.LISTED,
        )
        variant = Variant(
            id=self.ids.new("sku"),
            product_id=product.id,
            merchant_id=merchant.id,
            code=f"S{next(self._keys)}",
            options="标准",
            price=Money(price),
            **changes,
        )
        self.store(category, product, variant, Stock(id=variant.id, available=stock))
        return variant

    # --- campaigns ----------------------------------------------------------------------------

    def campaign(self, variant=None, *, leader=None, share_bp=8000, **changes):
        """Open a campaign now: 80 % of the price, 3 days, quorum 3."""
        variant = variant or self.variant()
        spec = campaigns.CampaignSpec(
            title="手表团",
            mode=Mode.POOL,
            starts_at=self.clock.at,
            ends_at=self.clock.at + timedelta(days=3),
            offers=(OfferSpec(variant.id, share_bp=share_bp),),
            leader_id=leader.id if leader else None,
            quorum=Quorum(Measure.BUYERS, 3),
        )
        by = self.merchant_caller()
        draft = self.desk.run(by, lambda w: campaigns.draft_campaign(w, evolve(spec, **changes)))
        self.desk.run(by, lambda w: campaigns.schedule_campaign(w, draft.id))
        self.work_off()
        return self.get(Campaign, draft.id)

    def join(self, campaign, who=None, units=1, key=None, sku=None, **more):
        """Join; return what the join made. Raises ShopRefusal, DomainError."""
        who = who or self.shopper()
        made = []
        join = checkout.Join(
            caller=who,
            claim=KeyClaim(f"{who.user_id}/joins", key or f"k{next(self._keys)}", "hash"),
            campaign_id=campaign.id,
            items=((sku or campaign.offers[0].sku_id, units),),
            contact=Contact(name="王", phone="138", address="幸福路 1 号", region="上海"),
            **more,
        )

        def render(joined):
            made.append(joined)
            return joined.order.id

        answer = checkout.join_many(self.desk, [join], render, str)[0]
        if isinstance(answer, DomainError):
            raise answer
        if not answer[0].ok:
            raise ShopRefusal(answer[0].body)
        return made[0] if made else answer[0].body

    def pay(self, joined, *, at=None, amount=None):
        """Let the buyer pay, and the provider tell us."""
        payment = joined.payment
        self.gateway.prepay(
            self.desk.read(self.system(), lambda w: payments.prepay_request(w, payment.id))
        )
        return self.hear(self.gateway.pay(payment.number, amount=amount, paid_at=at))

    def hear(self, report):
        return self.desk.run(self.system(), lambda w: payments.settle_payments(w, [report]))[0]

    def late_word(self, joined, *, at, amount=None):
        """The provider says something it decided itself, whatever the memory gateway thinks."""
        return self.hear(
            PaymentReport(
                number=joined.payment.number,
                outcome=PaymentOutcome.CAPTURED,
                amount=amount or joined.payment.due,
                provider_ref="late",
                paid_at=at,
            )
        )

    def join_and_pay(self, campaign, count=1, **more):
        joined = [self.join(campaign, **more) for _ in range(count)]
        for each in joined:
            self.pay(each)
        return joined

    # --- looking ------------------------------------------------------------------------------

    def get(self, kind, key):
        return self.desk.read(self.system(), lambda w: w.of(kind).get(key))

    def all(self, kind, **equals):
        query = Query().where(**equals).page(100_000)
        return self.desk.read(self.system(), lambda w: w.of(kind).select(query))

    def group(self, campaign):
        return self.get(Group, group_of(campaign.id))

    def progress(self, campaign) -> Progress:
        return progress_of(self.get(Campaign, campaign.id), self.group(campaign), self.clock.at)

    def order(self, joined):
        return self.get(Order, joined.order.id)

    def seat(self, joined):
        return self.get(Seat, joined.order.id)

    def payment(self, joined):
        return self.get(Payment, joined.payment.id)

    def refunds(self, joined):
        return self.all(Refund, order_id=joined.order.id)

    def stock(self, campaign):
        return self.get(Stock, campaign.offers[0].sku_id)

    def balances(self):
        return {a: v for a, v in sums(self.all(Journal)).items() if v}


__all__ = ["NOON", "TENANT", "Answer", "HandClock", "Shop", "ShopRefusal"]
