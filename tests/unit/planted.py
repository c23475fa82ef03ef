"""Wrong states to plant into evidence of a shop that lived well."""

from datetime import timedelta

from attrs import evolve

from groupbuy.domain.campaigns import Tier
from groupbuy.domain.kernel import Money
from groupbuy.domain.marketing import CouponTemplate, Giving, promotion_of, written
from groupbuy.domain.ordering import Attribution, Funder, OrderState

COUPON = {
    "id": "1",
    "title": "满100减20",
    "kind": "amount_off",
    "arguments": {"off": 2_000, "reach": 10_000},
}


def with_books(evidence, **kinds):
    return evolve(evidence, books=evolve(evidence.books, **kinds))


def first(things, wanted=lambda _: True):
    return next(thing for thing in things if wanted(thing))


def changed(evidence, kind, wanted=lambda _: True, **changes):
    things = list(getattr(evidence.books, kind))
    thing = first(things, wanted)
    things[things.index(thing)] = evolve(thing, **changes)
    return with_books(evidence, **{kind: things})


def added(evidence, kind, *more):
    return with_books(evidence, **{kind: [*getattr(evidence.books, kind), *more]})


def promised(evidence):
    order = first(evidence.books.orders, lambda o: o.state is OrderState.CONFIRMED)
    line = evolve(order.lines[0], attributions=(), gross=order.lines[0].net)
    paid = (Attribution("coupon", "coupon:cpn_1", Money(100), Funder.PLATFORM),)
    line = evolve(line, gross=line.gross + Money(100), attributions=paid)
    return changed(evidence, "orders", lambda o: o.id == order.id, lines=(line,))


def laddered(evidence):
    formed = first(evidence.books.groups, lambda g: g.formed_at)
    tiers = (Tier(1, 5_000),)
    with_tiers = changed(evidence, "campaigns", lambda c: c.id == formed.campaign_id, tiers=tiers)
    return changed(with_tiers, "groups", lambda g: g.id == formed.id, final_reached=3)


def offer(evidence, claimed, **more):
    return CouponTemplate(
        id="tpl_1",
        promotion=written(promotion_of(COUPON)),
        giving=Giving.OPEN,
        quantity=1,
        claimed=claimed,
        days=7,
        starts_at=evidence.now,
        ends_at=evidence.now + timedelta(days=1),
        created_at=evidence.now,
        created_by="usr_1",
        **more,
    )


def above_budget(evidence):
    _, coupon, _ = offer(evidence, 0).claim("cpn_1", "usr_1", held=0, is_new=True, now=evidence.now)
    coupons = added(evidence, "coupons", evolve(coupon, saved=3_000))
    return added(coupons, "coupon_templates", offer(evidence, 1, budget=2_000))
