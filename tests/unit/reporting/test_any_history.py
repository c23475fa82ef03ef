"""Whatever is bought and given back, in whatever order it is heard of, the sums are the same."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from groupbuy.application import aftersale, reporting
from groupbuy.application.policy import Policy
from groupbuy.application.report_facts import OrderFact, ReportPosition, Rollup
from groupbuy.application.reporting import days
from groupbuy.application.reporting.feeding import recount
from groupbuy.domain.campaigns import Measure, Quorum
from groupbuy.domain.kernel import DomainError, Invalid
from groupbuy.domain.ordering import Order
from groupbuy.domain.payments import PaymentState, Refund
from tests.support.reporting import dump, feed, give_back, ledger_days, rebuild, reported_days
from tests.support.shop import Shop, ShopRefusal

BY = {
    "distribution": ["hour", "region", "community", "state"],
    "products": ["", "sku"],
}
ZONES = [
    "Asia/Shanghai",
    "Europe/Berlin",
    "America/New_York",
    "Africa/Cairo",
    "Australia/Lord_Howe",
]
START = datetime(2015, 1, 1, tzinfo=UTC)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["buy", "buy", "join", "pay", "late", "leave", "back", "feed", "wait", "part"]
        ),
        st.integers(0, 30),
        st.integers(0, 40),
    ),
    max_size=20,
)


class Story:
    """Two campaigns of two merchants; what makes no sense in a step is left out."""

    def __init__(self, zone="Asia/Shanghai"):
        self.shop = shop = Shop(policy=Policy(provider="memory", zone=zone))
        self.joined = []
        two = Quorum(Measure.BUYERS, 2)
        self.campaigns = [shop.campaign(quorum=two)]
        shop.merchant(fee_bp=150)
        leader = shop.leader(commission_bp=833)
        sold = shop.variant(12_345)
        self.campaigns.append(shop.campaign(sold, leader=leader, share_bp=9_999, quorum=two))

    def step(self, what, number, hours):
        self.shop.clock.forward(minutes=hours * 17)
        getattr(self, what)(number)

    def join(self, number):
        campaign = self.campaigns[number % 2]
        with suppress(DomainError, ShopRefusal):
            self.joined.append(self.shop.join(campaign, units=1 + number % 3))

    def buy(self, number):
        before = len(self.joined)
        self.join(number)
        if len(self.joined) > before:
            self.pay(-1)

    def late(self, number):
        """The provider took the money after all."""
        if (one := self.pick(number)) is not None:
            with suppress(DomainError):
                self.shop.late_word(one, at=self.shop.clock.at)

    def pick(self, number):
        return self.joined[number % len(self.joined)] if self.joined else None

    def pay(self, number):
        if (one := self.pick(number)) is not None:
            payment = self.shop.payment(one)
            if payment.state is PaymentState.CREATED:
                with suppress(DomainError):
                    self.shop.pay(one)

    def leave(self, number):
        if (one := self.pick(number)) is not None:
            who = self.shop.caller(one.order.buyer_id)
            with suppress(DomainError):
                self.shop.desk.run(who, lambda w: aftersale.leave_group(w, one.order.id))

    def back(self, number):
        if (one := self.pick(number)) is not None:
            give_back(self.shop, one, 3)

    def part(self, number):
        if (one := self.pick(number)) is not None:
            give_back(self.shop, one, 1)

    def feed(self, _number):
        feed(self.shop)

    def wait(self, number):
        self.shop.clock.forward(hours=number)
        self.shop.work_off()


@settings(max_examples=40, deadline=None)
@given(STEPS, st.sampled_from(ZONES), st.randoms(use_true_random=False))
def test_sums_kept_on_the_way_are_those_counted_anew_and_those_of_the_ledger(steps, zone, chance):
    story = Story(zone)
    shop = story.shop
    for step in steps:
        story.step(*step)
        if chance.random() < 0.2:  # some orders are heard of late, twice, or out of turn
            known = [order.id for order in shop.all(Order)]
            some = chance.sample(known, chance.randint(0, len(known)))
            shop.desk.run(shop.system(), lambda w, some=some: recount(w, some))
    shop.work_off()
    feed(shop)
    kept = dump(shop)
    assert reported_days(shop) == ledger_days(shop, zone)
    again = rebuild(shop)
    assert again.changed == 0
    assert dump(shop) == kept
    assert again.orders == len(shop.all(Order)) == len(shop.all(OrderFact))


@settings(max_examples=20, deadline=None)
@given(STEPS)
def test_sales_and_refunds_of_every_report_are_those_of_the_ledger(steps):
    story = Story()
    for step in steps:
        story.step(*step)
    shop = story.shop
    shop.work_off()
    feed(shop)
    ledger = ledger_days(shop)
    sales = sum(sums.get("sales", 0) for sums in ledger.values())
    refunds = sum(sums.get("refunds", 0) for sums in ledger.values())
    granted = sum(each.amount.minor for each in shop.all(Refund))
    whole = reporting.days.days("2026-01-01", "2027-12-31")
    seen = {}
    for name in reporting.REPORTS:
        for by in BY.get(name, [""]):
            ask = reporting.Ask(whole, by=by)
            report = reporting.show(shop.desk, shop.system(), reporting.Wanted(name, ask))
            codes = [measure.code for measure in report.measures]
            seen[name, by] = dict(zip(codes, report.totals, strict=True))
            for place, code in enumerate(codes):
                if code in {"sales", "refunds", "amount", "merchant", "back"}:
                    assert report.totals[place] == sum(row.values[place] for row in report.rows)
    with_sales = {key: found["sales"] for key, found in seen.items() if "sales" in found}
    assert with_sales == dict.fromkeys(with_sales, sales)  # nothing here has freight
    assert len(with_sales) == 10
    assert [seen[n, ""]["refunds"] for n in ("daily", "monthly", "campaign", "leaders")] == [
        refunds
    ] * 4
    assert seen["products", ""]["back"] == seen["categories", ""]["back"] == refunds
    assert seen["refunds", ""]["amount"] == granted
    assert seen["campaign", ""]["merchant"] == sum(x.get("merchant", 0) for x in ledger.values())
    assert seen["distribution", "state"]["count"] == len(shop.all(Order))


@settings(max_examples=15, deadline=None)
@given(STEPS)
def test_counting_anew_from_nothing_gives_the_same_bytes(steps):
    story = Story()
    for step in steps:
        story.step(*step)
    feed(story.shop)
    kept, shop = dump(story.shop), story.shop
    with shop.begin(shop.tenant) as tx:  # somebody has spoiled everything
        for row in shop.all(Rollup):
            tx.of(Rollup).save(evolve(tx.of(Rollup).lock([row.id])[row.id], counts={"sales": 1}))
    assert (dump(shop) == kept) is (kept == b"")
    rebuild(shop)
    assert dump(shop) == kept
    feed(shop)
    assert dump(shop) == kept


@settings(max_examples=300)
@given(
    st.integers(0, 20 * 365 * 86_400_000).map(lambda ms: START + timedelta(milliseconds=ms)),
    st.sampled_from(ZONES),
)
def test_an_instant_belongs_to_the_one_day_that_has_begun_and_is_not_over(at, zone):
    day = date.fromisoformat(days.day_of(at, zone))
    start, end = days.Days(day, day + timedelta(days=1)).instants(zone)
    assert start <= at < end
    assert timedelta(hours=22) < end - start < timedelta(hours=26)


def test_the_day_summer_time_begins_has_23_hours_and_the_day_it_ends_25():
    spring = days.day("2026-03-29").instants("Europe/Berlin")
    autumn = days.day("2026-10-25").instants("Europe/Berlin")
    assert (spring[1] - spring[0], autumn[1] - autumn[0]) == (
        timedelta(hours=23),
        timedelta(hours=25),
    )
    cairo = days.day("2026-04-24").instants("Africa/Cairo")  # midnight itself is skipped
    assert cairo[0].astimezone(ZoneInfo("Africa/Cairo")).hour == 1


def test_the_period_before_is_as_long_and_months_stay_months():
    assert days.month("2026-03").before() == days.month("2026-02")
    assert days.days("2026-03-10", "2026-03-12").before() == days.days("2026-03-07", "2026-03-09")
    assert days.day("2026-03-01").before() == days.day("2026-02-28")


@pytest.mark.parametrize("text", ["2026-13-01", "20260301", "2026-W10-1", "1066-01-01", "x"])
def test_what_is_no_day_is_refused(text):
    with pytest.raises(Invalid):
        days.day(text)


def test_a_range_ends_after_it_begins_and_is_not_endless():
    with pytest.raises(Invalid):
        days.days("2026-03-10", "2026-03-09")
    with pytest.raises(Invalid):
        days.days("1999-01-01", "2026-03-09")


def test_another_zone_is_noticed_and_everything_counted_anew():
    story = Story()
    story.step("join", 0, 0)
    feed(story.shop)
    shop = story.shop
    kit = evolve(shop.kit, policy=evolve(shop.policy, zone="Pacific/Auckland"))
    shop.desk = evolve(shop.desk, kit=kit)
    assert feed(shop).stale
    before = dump(shop)
    rebuild(shop)
    assert not feed(shop).stale
    assert dump(shop) != before
    assert shop.all(ReportPosition)[0].zone == "Pacific/Auckland"


def test_a_buyer_is_one_participant_however_often_they_buy():
    shop = Shop()
    campaign = shop.campaign()
    who = shop.shopper()
    for buyer in (who, who, shop.shopper()):
        shop.pay(shop.join(campaign, buyer))
    feed(shop)
    rows = shop.all(Rollup, grain="campaigns")
    assert [row.counts for row in rows] == [{"participants": 2}]
