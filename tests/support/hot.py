"""Every hot use case on a real database, and what each of them sends there, values included."""

from contextlib import contextmanager
from datetime import timedelta

import psycopg
from attrs import define, evolve, field, frozen
from sqlalchemy import event

from groupbuy.adapters.persistence.session import Session
from groupbuy.application import (
    aftersale,
    campaigns,
    checkout,
    commission,
    fulfilment,
    orders,
    payments,
)
from groupbuy.application.membership import recognise, session_id_of
from groupbuy.application.ports import KeyClaim, ParcelState, PaymentOutcome, PaymentReport, Query
from groupbuy.application.relay import claim
from groupbuy.application.steps.parcels import Parcel
from groupbuy.domain.campaigns import CampaignState, Measure, Quorum
from groupbuy.domain.commission import Dispute, DisputeState
from groupbuy.domain.kernel import cell_of
from groupbuy.domain.membership import LoginSession, Role
from groupbuy.domain.ordering import Contact
from tests.support.shop import Shop

PERIOD = "2026-11"
"""The month the stories happen in."""


@frozen
class Sent:
    """One statement as it went to the server."""

    use_case: str
    text: str
    values: tuple = ()

    @property
    def about_rows(self):
        """Tell whether it reads or writes rows of ours."""
        return self.text.split(None, 1)[0] in {"SELECT", "INSERT", "UPDATE", "DELETE"} and not (
            "set_config" in self.text or "pg_notify" in self.text
        )


def _heard(session, driver, text, values):
    """Tell whoever records this connection; what we send goes past its own cursors."""
    if (recorder := getattr(driver, "recorder", None)) is not None:
        recorder.hear(text, values)
    return _execute(session, driver, text, values)


_execute, Session._execute = Session._execute, _heard


@define(slots=False, eq=False)
class Recorder:
    """Notes what the connections of a database send; must come before the first of them."""

    database: object
    sent: list = field(factory=list)
    use_case: str = ""

    def __attrs_post_init__(self):
        recorder = self

        class Noting(psycopg.Cursor):
            def execute(self, query, params=None, **more):
                recorder.hear(query, params)
                return super().execute(query, params, **more)

        def connected(connection, _record):
            connection.cursor_factory, connection.recorder = Noting, recorder

        event.listen(self.database.engine, "connect", connected)

    def hear(self, query, params):
        if self.use_case:
            text = query.decode() if isinstance(query, bytes) else str(query)
            self.sent.append(Sent(self.use_case, text, tuple(params or ())))

    @contextmanager
    def of(self, use_case):
        self.use_case = use_case
        try:
            yield
        finally:
            self.use_case = ""


@define(slots=False, eq=False)
class HotShop:
    """A shop with a past: formed and failed groups, refunds, parcels, commission, a settlement."""

    database: object
    recorder: Recorder = None
    names: tuple = ()
    """Of the use cases gone through."""

    def __attrs_post_init__(self):
        self.recorder = Recorder(self.database)
        self.shop = Shop(begin=self.database.begin)
        self.shop.merchant(fee_bp=100)
        self.leader = self.shop.leader(commission_bp=500)
        self.buyer = self._shopper()

    def live(self):
        """Live through two months, so that everything there can be is there."""
        shop = self.shop
        formed = shop.campaign(leader=self.leader)
        joined = [*shop.join_and_pay(formed, 3), *self._pay(shop.join(formed, self.buyer))]
        self._deliver(joined)
        shop.join_and_pay(shop.campaign(leader=self.leader), 2)
        shop.pass_time(days=29)
        shop.desk.run(shop.system(), self._settled)
        self._doubt()
        self._deliver(shop.join_and_pay(shop.campaign(leader=self.leader), 3))
        # From here on the world stands still, for whoever copies it.
        self.open = shop.campaign(leader=self.leader, quorum=Quorum(Measure.BUYERS, 1))
        self.other = shop.campaign(leader=self.leader)
        (self.paid,) = shop.join_and_pay(self.other)
        self.seated = [shop.join(self.open) for _ in range(3)]
        self._pay(shop.join(self.open, self.buyer))

    def _doubt(self):
        """Put a dispute of the leader's into the books, answered long ago."""
        key, near = self.shop.desk.kit.ids.new, cell_of(self.leader.id)
        made = Dispute(
            id=key("dsp", near),
            statement_id=key("stm", near),
            entry_id=key("cme", near),
            order_id=key("ord", near),
            leader_id=self.leader.id,
            opened_by=self.leader.user_id,
            opened_at=self.shop.clock.at,
            open_line="",
            state=DisputeState.UPHELD,
        )
        self.shop.store(made)

    def go_through(self):
        """Run every hot use case, each under its name; return what they sent."""
        steps = self._steps()
        self.names = tuple(steps)
        for name, step in steps.items():
            with self.recorder.of(name):
                step()
        found = [sent for sent in self.recorder.sent if sent.about_rows]
        assert {sent.use_case for sent in found} == set(self.names)
        return found

    def _steps(self):
        shop, desk = self.shop, self.shop.desk
        system, leader = shop.system(), shop.leader_caller(self.leader)
        (first, second, third), paid = self.seated, self.paid
        request = desk.read(system, lambda w: payments.prepay_request(w, first.payment.id))
        shop.gateway.prepay(request)
        newest = Query().sorted("-created_at").page(21)
        soonest = Query().where(state=CampaignState.OPEN).sorted("ends_at").page(21)
        states = tuple(orders.SHOWN_TO_SELLERS)
        listed = newest.among("state", states)

        def reads(use_case, who=system):
            return lambda: desk.read(who, use_case)

        def runs(use_case, who=system):
            return lambda: desk.run(who, use_case)

        return {
            "session": lambda: recognise(desk, shop.tenant, [session_id_of(self.token)]),
            "join alone": lambda: self._join(self.open),
            "join batched": lambda: self._join(self.open, self.other, times=8),
            "join again": lambda: self._join(self.open, who=self.buyer),
            "prepay announcement": self._announce(first),
            "capture with confirmation": lambda: shop.hear(shop.gateway.pay(first.payment.number)),
            "captures batched": self._captures(second),
            "cancel": runs(
                lambda w: aftersale.cancel_checkout(w, third.order.id), self._buyer_of(third)
            ),
            "leave": runs(lambda w: aftersale.leave_group(w, paid.order.id), self._buyer_of(paid)),
            "tasks": lambda: shop.relay.tick(shop.tenant),
            "claim": runs(lambda w: claim(w, 100)),
            "expire": lambda: shop.pass_time(hours=1),
            "order list of a buyer": reads(lambda w: orders.my_orders(w, newest), self.buyer),
            "its next page": reads(
                lambda w: orders.my_orders(
                    w, evolve(newest, after=(shop.clock.at, first.order.id))
                ),
                self.buyer,
            ),
            "order list of a leader": reads(lambda w: orders.leader_orders(w, newest), leader),
            "order list of a merchant": reads(
                lambda w: orders.merchant_orders(w, listed), shop.merchant_caller()
            ),
            "order list of a campaign": reads(
                lambda w: orders.merchant_orders(w, listed.where(campaign_id=self.open.id)),
                shop.merchant_caller(),
            ),
            "campaigns that are open": reads(lambda w: campaigns.open_campaigns(w, soonest)),
            "campaign page": reads(lambda w: campaigns.public_campaign(w, self.open.id)),
            "progress": reads(
                lambda w: campaigns.progress(w, [self.open.id.replace("cmp", "grp")])
            ),
            "leader's entries": reads(commission.my_entries, leader),
            "leader's earnings": reads(commission.my_earnings, leader),
            "leader's statements": reads(commission.my_statements, leader),
            "leader's statement": reads(
                lambda w: [commission.my_statement(w, s.id) for s in commission.my_statements(w)],
                leader,
            ),
            "settlement preview": lambda: commission.preview(desk, system, "2026-12"),
            "settlement of a leader": self._settle_next,
        }

    def _settle_next(self):
        self.shop.clock.at += timedelta(days=60)
        desk = self.shop.desk
        desk.run(
            self.shop.system(),
            lambda w: commission.settle_leader(w, "2026-12", self.leader.id, "monthly"),
        )

    def _settled(self, work):
        return commission.settle_leader(work, PERIOD, self.leader.id, "monthly")

    def _announce(self, joined):
        shop = self.shop

        def step():
            shop.desk.read(shop.system(), lambda w: payments.prepay_request(w, joined.payment.id))
            shop.desk.run(shop.system(), lambda w: payments.announced(w, joined.payment.id, "pay"))

        return step

    def _captures(self, *joined):
        shop = self.shop
        reports = [
            PaymentReport(
                number=each.payment.number,
                outcome=PaymentOutcome.CAPTURED,
                amount=each.payment.due,
                provider_ref="batch",
                paid_at=shop.clock.at,
                event_id=f"event-{each.payment.id}",
            )
            for each in joined
        ]
        heard = [payments.Heard("sandbox", report) for report in reports]

        def step():
            answers = payments.hear_payments(shop.desk, shop.system().tenant, heard)
            assert answers == [None] * len(heard)

        return step

    def _join(self, *places, times=1, who=None):
        shop = self.shop
        joins = [
            checkout.Join(
                caller=(by := who or shop.shopper()),
                claim=KeyClaim(f"{campaign.id}/{by.user_id}", f"hot-{number}", "hash"),
                campaign_id=campaign.id,
                items=((campaign.offers[0].sku_id, 1),),
                contact=Contact(name="王", phone="138", address="幸福路 1 号"),
            )
            for number in range(times)
            for campaign in places
        ]
        answers = checkout.join_many(shop.desk, joins, lambda made: made.order.id, str)
        assert all(answer.ok for answer, _ in answers)

    def _pay(self, joined):
        self.shop.pay(joined)
        return [joined]

    def _deliver(self, joined):
        shop, staff = self.shop, self.shop.merchant_caller()
        shop.work_off()
        for each in joined:
            shop.desk.run(staff, lambda w, o=each.order.id: fulfilment.approve_order(w, o))
            number = _number(each)
            parcel = Parcel(each.order.id, "sf", number)
            shop.desk.run(staff, lambda w, p=parcel: fulfilment.ship_order(w, p))
        shop.work_off()
        for each in joined:
            for state in (ParcelState.IN_TRANSIT, ParcelState.DELIVERED):
                shop.carrier.move("sf", _number(each), state)
        shop.pass_time(hours=3)
        shop.pass_time(days=8)

    def _buyer_of(self, joined):
        return self.shop.caller(joined.order.buyer_id, Role.SHOPPER)

    def _shopper(self):
        self.token = "token-of-the-buyer"
        user = self.shop.user(roles=frozenset({Role.SHOPPER}))
        now = self.shop.clock.at
        ends = now + timedelta(days=400)
        session = LoginSession(session_id_of(self.token), user.id, now, ends, ends)
        self.shop.store(session)
        return self.shop.caller(user.id, Role.SHOPPER)


def _number(joined):
    return joined.order.id.replace("_", "")


__all__ = ["HotShop", "Sent"]
