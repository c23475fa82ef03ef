"""Joining: seats, goods, orders and payments of many shoppers in one transaction.

The one use case that spans contexts. Joins come in batches (from the mailbox); the domain
applies them one after another in order of arrival, each gets an answer of its own, and a refused
one leaves nothing behind but that answer.
"""

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from attrs import asdict, define, evolve, field, frozen

from groupbuy.application.ports import Ahead, Answer, KeyClaim, Query
from groupbuy.application.steps.admitting import admitted, check_delivery
from groupbuy.application.steps.bringing import link_behind
from groupbuy.application.steps.couponing import buyer_with, coupon_for, saved_by
from groupbuy.application.steps.pricing import Buyer, item_of, priced_for
from groupbuy.application.steps.reading import every, first_page
from groupbuy.application.steps.teaming import NEW_TEAM, group_for, seats_across
from groupbuy.application.write_path import ATTEMPTS, Caller, Desk, Work
from groupbuy.domain.campaigns import (
    LIVE,
    Campaign,
    Group,
    Mode,
    Progress,
    Seat,
    StockPolicy,
    group_of,
    progress_of,
)
from groupbuy.domain.catalogue import Stock
from groupbuy.domain.kernel import (
    Conflict,
    DomainError,
    Event,
    KeyReused,
    Money,
    Refused,
)
from groupbuy.domain.marketing import Coupon
from groupbuy.domain.membership import Leader, LeaderState, Role
from groupbuy.domain.ordering import CREATED, Contact, Order, Quote
from groupbuy.domain.payments import Payment
from groupbuy.domain.sharing import ShareLink

PREPAY_FALLBACK = timedelta(seconds=5)
"""The outbox announces a payment that its own request did not manage to announce."""
LINES_AT_MOST = 50


@frozen
class Join:
    """A shopper presses 我要参团."""

    caller: Caller
    claim: KeyClaim
    campaign_id: str
    items: tuple[tuple[str, int], ...]
    """(variant, units)"""
    contact: Contact
    pickup_point_id: str | None = None
    helper_id: str | None = None
    note: str = ""
    team: str | None = None
    """The team to join, or `NEW_TEAM` to open one; None where there are no teams."""
    coupon_id: str | None = None
    """The coupon to pay with; it has to take something off, or the join is refused."""
    share_id: str | None = None
    """The share link that brought the shopper. One that is unknown, or about something else, is
    passed over."""
    agreed: Money | None = None
    """What the shopper was shown and agrees to pay; None takes what it costs now. Where the price
    has come down since they pay less."""

    def __attrs_post_init__(self) -> None:
        """Only a shopper joins. Raises Unauthenticated, Forbidden."""
        self.caller.require(Role.SHOPPER)

    @property
    def group_id(self) -> str:
        """What joins queue for: the one group of a pool or relay, or all teams of a campaign."""
        return group_of(self.campaign_id)


@frozen
class Joined:
    """What a join made."""

    order: Order
    payment: Payment
    progress: Progress


Render = Callable[[Joined], str]
Refuse = Callable[[DomainError], str]
Outcome = tuple[Answer, bool] | DomainError
"""(answer, whether it is a replay), or why there is no answer to keep."""


def join_many(desk: Desk, joins: Sequence[Join], render: Render, refuse: Refuse) -> list[Outcome]:
    """Answer a batch of joins of one tenant in one transaction, in order of arrival.

    If the batch cannot be committed as a whole its joins are run one by one, so that a bad one
    is answered alone.
    """
    try:
        return _batch(desk, joins, render, refuse)
    except DomainError:
        if len(joins) > 1:
            return [join_many(desk, [join], render, refuse)[0] for join in joins]
    return _alone(desk, joins, render, refuse)


def _alone(desk: Desk, joins: Sequence[Join], render: Render, refuse: Refuse) -> list[Outcome]:
    last: DomainError = Conflict(kind="group", key=joins[0].group_id)
    for attempt in range(1, ATTEMPTS):
        try:
            return _batch(desk, joins, render, refuse)
        except Conflict as error:
            last = error
            desk.backoff.wait(attempt)
        except DomainError as error:
            return [error]
    return [last]


def _batch(desk: Desk, joins: Sequence[Join], render: Render, refuse: Refuse) -> list[Outcome]:
    tenant, wants = joins[0].caller.tenant, Wants.of(joins)
    with desk.begin(tenant, ahead=wants.ahead()) as tx:
        work = Work(tx, joins[0].caller, desk.kit)
        # All teams of a campaign share its stock and its limits.
        held = work.of(Campaign).lock(wants.of_teams) if wants.of_teams else {}
        groups = work.of(Group).lock(wants.groups)
        # Whoever joins holds the group or its campaign: nobody else can be using a key of it.
        stored = tx.claim_keys(wants.claims, guarded=True)
        hall = _hall(work, groups, wants, held)
        answers: dict[KeyClaim, Answer] = {}
        outcomes: list[Outcome] = []
        for join in joins:
            known = stored.get(join.claim) or answers.get(join.claim)
            if known is not None:
                outcomes.append((known, True))
                continue
            answers[join.claim] = answer = _answer(hall, join, render, refuse)
            outcomes.append((answer, False))
        hall.stage()
        tx.answer_keys(answers, desk.kit.clock.now())
    desk.publish(tenant, hall.work.touched)
    return outcomes


def _answer(hall: "Hall", join: Join, render: Render, refuse: Refuse) -> Answer:
    try:
        return Answer(ok=True, body=render(hall.join(join)))
    except KeyReused:
        raise
    except DomainError as error:
        return Answer(ok=False, body=refuse(error))


@frozen
class Wants:
    """What a batch of joins reads and locks, known before it begins."""

    claims: tuple[KeyClaim, ...]
    groups: tuple[str, ...]
    campaigns: tuple[str, ...]
    goods: tuple[str, ...]
    buyers: tuple[str, ...]
    helpers: tuple[str, ...]
    coupons: tuple[str, ...] = ()
    of_teams: tuple[str, ...] = ()
    """Campaigns whose teams are joined or opened."""
    shares: tuple[str, ...] = ()

    @classmethod
    def of(cls, joins: Sequence[Join]) -> "Wants":
        """Collect it."""
        return cls(
            claims=tuple(join.claim for join in joins),
            groups=tuple(sorted({j.team or j.group_id for j in joins if j.team != NEW_TEAM})),
            campaigns=tuple(sorted({join.campaign_id for join in joins})),
            goods=tuple(sorted({sku for join in joins for sku, _ in join.items})),
            buyers=tuple(sorted({join.caller.user_id for join in joins})),
            helpers=tuple(sorted({join.helper_id for join in joins if join.helper_id})),
            coupons=tuple(sorted({join.coupon_id for join in joins if join.coupon_id})),
            of_teams=tuple(sorted({join.campaign_id for join in joins if join.team})),
            shares=tuple(sorted({join.share_id for join in joins if join.share_id})),
        )

    @property
    def seats(self) -> Query:
        """The living seats of these buyers in these groups."""
        mine = Query().among("group_id", self.groups).among("buyer_id", self.buyers)
        return mine.among("state", LIVE)

    def ahead(self) -> tuple[Ahead, ...]:
        """Return the readings in the order in which they are asked for."""
        before = (Ahead(Campaign, self.of_teams, lock=True),) if self.of_teams else ()
        always = (
            Ahead(Group, self.groups, lock=True),
            Ahead(claims=self.claims),
            Ahead(Campaign, self.campaigns),
            Ahead(Seat, query=first_page(self.seats)),
            Ahead(Stock, self.goods, lock=True),
        )
        after = (Ahead(Coupon, self.coupons, lock=True),) if self.coupons else ()
        return (*before, *always, *after)


def _hall(work: Work, groups: dict[str, Group], wants: Wants, held: dict[str, Campaign]) -> "Hall":
    """Lock what else the joins need, one statement a table, in the global order."""
    hall = Hall(work, groups, {**work.of(Campaign).find(wants.campaigns), **held})
    teams = {each.id: each for each in held.values() if each.mode is Mode.TEAM}
    for seat in every(work.of(Seat), wants.seats):
        if seat.campaign_id not in teams:
            hall.seats.setdefault((seat.group_id, seat.buyer_id), []).append(seat)
    for seat in seats_across(work, teams.values(), wants.buyers):
        hall.seats.setdefault((seat.campaign_id, seat.buyer_id), []).append(seat)
    hall.stock.update(work.of(Stock).lock(wants.goods))
    if wants.coupons:
        hall.coupons.update(work.of(Coupon).lock(wants.coupons))
    hall.helpers.update(work.of(Leader).find(wants.helpers))
    hall.shares.update(work.of(ShareLink).find(wants.shares))
    return hall


@define
class Hall:
    """The groups and goods of one batch, as they change join by join; staged once at the end."""

    work: Work
    groups: dict[str, Group]
    campaigns: dict[str, Campaign]
    seats: dict[tuple[str, str], list[Seat]] = field(factory=dict)
    stock: dict[str, Stock] = field(factory=dict)
    helpers: dict[str, Leader] = field(factory=dict)
    shares: dict[str, ShareLink] = field(factory=dict)
    coupons: dict[str, Coupon] = field(factory=dict)
    _rules: dict[str, str] = field(factory=dict)
    _changed_groups: set[str] = field(factory=set)
    _new_groups: set[str] = field(factory=set)
    _changed_stock: set[str] = field(factory=set)
    _changed_coupons: set[str] = field(factory=set)

    def join(self, join: Join) -> Joined:
        """Seat one shopper. Raises a refusal and changes nothing."""
        campaign = self._open(join)
        group, opened = group_for(self.work, campaign, join.team, self.groups)
        reached = group.reached(campaign.measure)
        items = [item_of(campaign, sku, units, reached) for sku, units in join.items]
        now = self.work.now()
        priced = priced_for(campaign, items, now, self._buyer(join, campaign))
        if join.agreed is not None and priced.payable > join.agreed:
            raise Refused(rule="price_is_as_shown", about=campaign.id)
        held = self._reserve(campaign, join.items)
        order_id = self.work.new_id("ord", near=group.id)
        shared = campaign.id if campaign.mode is Mode.TEAM else group.id
        mine = self.seats.setdefault((shared, join.caller.user_id), [])
        units = sum(count for _, count in join.items)
        after, seat, happened = group.hold(
            campaign, order_id, join.caller.user_id, units, priced.payable, mine, now
        )
        happened = [*opened, *happened, *self._hold_coupon(join, order_id, priced, now)]
        link = link_behind(self.shares, join.share_id, campaign, join.caller.user_id)
        order = Order(
            id=order_id,
            campaign_id=campaign.id,
            group_id=group.id,
            merchant_id=campaign.merchant_id,
            buyer_id=join.caller.user_id,
            lines=priced.lines,
            contact=join.contact,
            created_at=now,
            expires_at=seat.held_until,
            leader_id=campaign.leader_id,
            helper_id=join.helper_id,
            helper_bp=campaign.side_rates.helper_bp if join.helper_id else 0,
            pickup_point_id=join.pickup_point_id,
            pickup_bp=campaign.side_rates.of_point(join.pickup_point_id),
            note=join.note,
            refund_rules=self._rules_of(campaign),
            after_sale_days=campaign.refund_rules.after_sale_days,
            coupon_id=join.coupon_id,
            coupon_returns=campaign.refund_rules.coupon_returns,
            points_per_yuan=self.work.kit.policy.points.per_yuan,
            share_id=link.id if link else None,
            shared_by=link.sharer_id if link else None,
        )
        payment = self._payment(order)
        self.groups[group.id] = after
        (self._new_groups if opened else self._changed_groups).add(group.id)
        self.stock.update(held)
        self._changed_stock.update(held)
        mine.append(seat)
        self._stage(order, payment, seat, happened)
        return Joined(order, payment, progress_of(campaign, after, now))

    def stage(self) -> None:
        """Stage every group and every stock that changed, once."""
        for group_id in sorted(self._changed_groups):
            self.work.of(Group).save(self.groups[group_id])
        for group_id in sorted(self._new_groups):
            self.work.of(Group).add(self.groups[group_id])
            self.work.later("end_group", group_id, self.groups[group_id].ends_at)
        for sku_id in sorted(self._changed_stock):
            self.work.of(Stock).save(self.stock[sku_id])
        for coupon_id in sorted(self._changed_coupons):
            self.work.of(Coupon).save(self.coupons[coupon_id])

    def _buyer(self, join: Join, campaign: Campaign) -> Buyer | None:
        """Return what pricing has to know of a shopper; whoever has nothing is nobody to it."""
        level = join.caller.member.level
        if not join.coupon_id:
            return Buyer(level=level) if level else None
        coupon = coupon_for(self.coupons, join.coupon_id, join.caller.user_id, campaign)
        found = buyer_with(self.work, join.caller.user_id, [coupon], coupon.id)
        return evolve(found, level=level)

    def _hold_coupon(
        self, join: Join, order_id: str, priced: Quote, now: datetime
    ) -> Sequence[Event]:
        if not join.coupon_id:
            return ()
        saved = saved_by(join.coupon_id, priced.lines)
        coupon, happened = self.coupons[join.coupon_id].hold(order_id, saved, now)
        self.coupons[coupon.id] = coupon
        self._changed_coupons.add(coupon.id)
        return happened

    def _rules_of(self, campaign: Campaign) -> str:
        """Return the refund rules the buyer is shown, as the order keeps them."""
        known = self._rules.get(campaign.id)
        if known is None:
            known = self._rules[campaign.id] = json.dumps(asdict(campaign.refund_rules))
        return known

    def _open(self, join: Join) -> Campaign:
        found, who = self.campaigns.get(join.campaign_id), join.caller
        campaign = admitted(self.work, found, join.campaign_id, who.user_id, who.member)
        check_delivery(campaign, join.pickup_point_id, join.contact)
        helper = self.helpers.get(join.helper_id or "")
        if join.helper_id and (helper is None or helper.state is not LeaderState.APPROVED):
            raise Refused(rule="leader_is_approved", about=join.helper_id)
        return campaign

    def _reserve(self, campaign: Campaign, items: Sequence[tuple[str, int]]) -> dict[str, Stock]:
        held: dict[str, Stock] = {}
        for sku, units in items:
            if campaign.offer(sku).stock_policy is StockPolicy.PRESALE:
                # Ordered before they are bought: only whether they are on sale counts.
                if sku in self.stock:
                    self.stock[sku].check_on_sale()
                continue
            stock = held.get(sku) or self.stock.get(sku)
            if stock is None:
                raise Refused(rule="goods_in_stock", about=sku)
            held[sku] = stock.reserve(units)
        return held

    def _payment(self, order: Order) -> Payment:
        return Payment(
            id=self.work.new_id("pay", near=order.id),
            order_id=order.id,
            group_id=order.group_id,
            buyer_id=order.buyer_id,
            provider=self.work.kit.policy.provider,
            due=order.payable,
            created_at=order.created_at,
            expires_at=order.expires_at,
        )

    def _stage(self, order: Order, payment: Payment, seat: Seat, happened: Sequence[Event]) -> None:
        work = self.work
        work.of(Order).add(order)
        work.of(Payment).add(payment)
        work.of(Seat).add(seat)
        work.emit(
            [*happened, Event(CREATED, order.id, order.created_at, {"group": order.group_id})]
        )
        work.later("prepay", payment.id, order.created_at + PREPAY_FALLBACK)
        work.later("expire", order.id, order.expires_at)
