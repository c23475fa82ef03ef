"""The story: sign up, publish, join, form or fail, ship, sign for, settle, withdraw."""

from datetime import timedelta
from typing import Any

from attrs import define, field, frozen

from groupbuy.domain.commission import WithdrawalState, payout_number
from groupbuy.entrypoints.cli.output import Output
from groupbuy.entrypoints.demo.client import Surprise, Visitor
from groupbuy.entrypoints.demo.clock import local
from groupbuy.entrypoints.demo.people import Cast, Leader, Shopper, gather
from groupbuy.entrypoints.demo.plans import (
    COUPON_FEN,
    COUPON_REACH_FEN,
    ENDS,
    EVENINGS,
    OPENS,
    PLANS,
    Plan,
)
from groupbuy.entrypoints.demo.stage import Stage

CARRIER = "sf"
PERIOD = "2026-10"
"""The month whose commission is settled: all of the story's sales vest in it."""
LAST_EVENING = OPENS.replace(month=10, day=31, hour=21)
NEW_MONTH = OPENS.replace(month=11, day=1, hour=10)


@frozen
class Ticket:
    """A seat somebody took, to be paid at the provider."""

    shopper: Shopper
    order_id: str
    number: str
    """The payment's number at the provider."""


@define(eq=False)
class Run:
    """A campaign as it runs."""

    plan: Plan
    id: str
    group_id: str
    waiting: list[Shopper]
    """Who will join, in order; whoever comes late is last."""
    tickets: list[Ticket] = field(factory=list)
    late: list[Ticket] = field(factory=list)
    teams: list[str] = field(factory=list)
    """Opened under a campaign with teams, one each evening."""


@define(eq=False)
class Story:
    """Plays the days on a stage, and says what happens as it goes."""

    stage: Stage
    out: Output
    runs: list[Run] = field(factory=list)
    _cast: Cast | None = None
    _coupons: dict[str, dict[str, str]] = field(factory=dict)
    """By campaign, who pays with which coupon, by phone."""

    @property
    def cast(self) -> Cast:
        """Everybody who takes part, once they have signed up."""
        if self._cast is None:
            raise Surprise("nobody has signed up yet")
        return self._cast

    def play(self) -> None:
        """Play from the first morning to the last withdrawal. Raises Surprise."""
        self._say("邻居们注册，商品上架", "neighbours sign up, products are imported")
        self._cast = gather(self.stage)
        self._publish()
        self._give_coupons()
        self._share()
        for evening in range(len(EVENINGS)):
            self._join(evening)
        self._miss_the_end()
        self._end()
        self._pay_too_late()
        self._ship()
        self._deliver()
        self._complain()
        self._settle()
        self._withdraw()

    def open_another(self) -> None:
        """Open one more campaign, a copy of the first, for whoever wants to look around."""
        leader, starts = self.cast.leaders[0].visitor, self.stage.clock.now() + timedelta(seconds=5)
        window = {
            "starts_at": starts.isoformat(),
            "ends_at": (starts + timedelta(days=3)).isoformat(),
        }
        copied = leader.post(f"/leader/campaigns/{self.runs[0].id}/copies", window)
        self._agree_and_schedule(leader, copied["id"])
        self.stage.turn_to(starts)

    def _agree_and_schedule(self, leader: Visitor, campaign_id: str) -> None:
        """Let the merchant agree to the leader's prices, then publish."""
        seen = self.cast.merchant.get(f"/merchant/campaigns/{campaign_id}")
        word = {"version": seen["version"]}
        self.cast.merchant.post(f"/merchant/campaigns/{campaign_id}/approve", word)
        leader.post(f"/leader/campaigns/{campaign_id}/schedule")

    def _publish(self) -> None:
        shoppers = list(self.cast.shoppers)
        for plan in PLANS:
            leader = self.cast.leaders[plan.leader].visitor
            drafted = leader.post("/leader/campaigns", self._contents(plan))
            self._agree_and_schedule(leader, drafted["id"])
            needed = plan.joined + plan.late
            people, shoppers = shoppers[:needed], shoppers[needed:]
            self.runs.append(Run(plan, drafted["id"], drafted["group_id"], people))
        self._say(
            f"{len(PLANS)} 个团购已发布，{local(OPENS)} 开团",
            f"{len(PLANS)} campaigns are published and open on {local(OPENS)}",
        )
        self.stage.turn_to(OPENS)

    def _give_coupons(self) -> None:
        """The merchant offers a coupon; some claim one and pay with it on the first evening."""
        terms = {
            "kind": "amount_off",
            "title": "满 30 减 5",
            "arguments": {"off": COUPON_FEN, "reach": COUPON_REACH_FEN},
            "quantity": 100,
            "starts_at": self.stage.clock.now().isoformat(),
            "ends_at": ENDS.isoformat(),
            "days": 7,
        }
        offered = self.cast.merchant.post("/merchant/coupon-templates", terms)
        for run in self.runs:
            for shopper in run.waiting[: run.plan.coupons]:
                path = f"/shop/coupon-templates/{offered['id']}/claim"
                claimed = shopper.visitor.post(path)
                known = self._coupons.setdefault(run.id, {})
                known[shopper.visitor.phone] = claimed["id"]
        self._say("商家发券：满 30 减 5", "the merchant offers a coupon: ¥5 off from ¥30 on")

    def _share(self) -> None:
        """A leader takes the text the shop has ready for the chat group."""
        leader, run = self.cast.leaders[0].visitor, self.runs[0]
        told = leader.get(f"/shop/campaigns/{run.id}/share?channel=chat_group")
        text = told["copies"][0]["text"].replace("\n", " ")
        self._say(f"团长转发到群里：{text}", f"a leader tells the chat group: {text}")

    def _contents(self, plan: Plan) -> dict[str, Any]:
        offer = {"sku_id": self.cast.variants[plan.code], "share_bp": plan.share_bp}
        contents: dict[str, Any] = {
            "title": plan.name,
            "mode": plan.mode,
            "starts_at": OPENS.isoformat(),
            "ends_at": ENDS.isoformat(),
            "offers": [offer],
        }
        if plan.quorum:
            contents["quorum"] = {"measure": "buyers", "target": plan.quorum}
        if plan.team_hours:
            contents["team_hours"] = plan.team_hours
        if plan.steps:
            steps = [{"reached": at, "share_bp": share} for at, share, _ in plan.steps]
            contents["tiers"] = steps
        if plan.pickup:
            contents |= {"pickup_point_ids": [self.cast.pickup_point_id], "express": False}
        return contents

    def _join(self, evening: int) -> None:
        self.stage.turn_to(EVENINGS[evening])
        wave = [
            (run, run.waiting.pop(0)) for run in self.runs for _ in range(run.plan.waves[evening])
        ]
        openers = [next((p for p in wave if p[0] is run), None) for run in self.runs]
        first = [pair for pair in openers if pair is not None and pair[0].plan.team_hours]
        wave = [*first, *(pair for pair in wave if pair not in first)]
        tickets = [self._take_seat(*pair, opens=True) for pair in first]
        tickets += self.stage.crowd.each(lambda pair: self._take_seat(*pair), wave[len(first) :])
        for (run, _), ticket in zip(wave, tickets, strict=True):
            run.tickets.append(ticket)
        self._pay(tickets)
        self._say(f"{len(wave)} 位邻居参团并付款", f"{len(wave)} neighbours join and pay")
        for run in self.runs:
            self._tell_progress(run)

    def _take_seat(self, run: Run, shopper: Shopper, *, opens: bool = False) -> Ticket:
        wish: dict[str, Any] = {
            "items": [{"sku_id": self.cast.variants[run.plan.code]}],
            "contact": shopper.contact,
        }
        if run.plan.pickup:
            wish["pickup_point_id"] = self.cast.pickup_point_id
        if run.plan.team_hours:
            wish["team"] = "new" if opens else run.teams[-1]
        if shopper.visitor.phone in self._coupons.get(run.id, {}):
            wish["coupon_id"] = self._coupons[run.id].pop(shopper.visitor.phone)
        joined = shopper.visitor.post(f"/shop/campaigns/{run.id}/joins", wish)
        if opens:
            run.teams.append(joined["group_id"])
        shopper.visitor.post(f"/shop/orders/{joined['order_id']}/payment")
        return Ticket(shopper, joined["order_id"], joined["payment"]["number"])

    def _pay(self, tickets: list[Ticket], **how: object) -> None:
        numbers = [ticket.number for ticket in tickets]
        paid = self.stage.sandbox.control("/pay-many", {"numbers": numbers, **how})
        if paid["refused"]:
            raise Surprise(f"the provider refuses {paid['refused']}")
        self.stage.quiet()

    def _miss_the_end(self) -> None:
        """Somebody takes a seat near the end, and forgets to pay in time."""
        self.stage.turn_to(ENDS - timedelta(minutes=40))
        for run in self.runs:
            run.late = [self._take_seat(run, shopper) for shopper in run.waiting]
        self.stage.turn_to(ENDS - timedelta(minutes=20))

    def _end(self) -> None:
        self.stage.turn_to(ENDS + timedelta(seconds=1))
        self._say("三天到了：成团的发货，没成团的退款", "three days are over: groups are decided")
        for run in self.runs:
            self._tell_progress(run)

    def _pay_too_late(self) -> None:
        """The provider takes money for an order it had closed: it must go back."""
        self.stage.clock.forward(minutes=5)
        for ticket in (ticket for run in self.runs for ticket in run.late):
            self.stage.sandbox.control(f"/pay/{ticket.number}", {"force": True})
            self.stage.quiet()
            self._say(
                f"{ticket.shopper.visitor.name} 在结束后才付款：原路退回",
                "a payment after the end goes back the way it came",
            )

    def _ship(self) -> None:
        self.stage.turn_to(ENDS + timedelta(hours=2))
        merchant, crowd = self.cast.merchant, self.stage.crowd
        formed = [run for run in self.runs if run.plan.outcome == "formed"]
        orders = [ticket.order_id for run in formed for ticket in run.tickets]
        crowd.each(lambda order: merchant.post(f"/merchant/orders/{order}/approve"), orders)
        parcels = [
            {"order_id": t.order_id, "carrier": CARRIER, "tracking_number": tracking_of(t)}
            for run in formed
            if not run.plan.pickup
            for t in run.tickets
        ]
        shipped = merchant.post("/merchant/shipments", {"parcels": parcels})
        if shipped["rejected"]:
            raise Surprise(f"parcels are rejected: {shipped['rejected'][:3]}")
        bags = [t.order_id for run in formed if run.plan.pickup for t in run.tickets]
        crowd.each(lambda o: merchant.post(f"/merchant/orders/{o}/ready-for-pickup"), bags)
        self.stage.quiet()
        self._say(
            f"商家发出 {len(parcels)} 件，{len(bags)} 份送到自提点",
            f"{len(parcels)} parcels are on their way, {len(bags)} bags at the pickup point",
        )

    def _deliver(self) -> None:
        for days in (1, 2):
            self.stage.turn_to(ENDS + timedelta(days=days, hours=7))
            self.stage.crowd.each(self._advance, self._parcels())
            self.stage.quiet()
        bags = [t for run in self.runs if run.plan.pickup for t in run.tickets]
        self.stage.crowd.each(self._collect, bags)
        self._say("包裹全部签收，自提码全部核销", "all parcels are signed for, all bags collected")

    def _advance(self, ticket: Ticket) -> None:
        self.stage.sandbox.control(f"/parcels/{CARRIER}/{tracking_of(ticket)}/advance")

    def _parcels(self) -> list[Ticket]:
        express = (run for run in self.runs if run.plan.outcome == "formed" and not run.plan.pickup)
        return [ticket for run in express for ticket in run.tickets]

    def _collect(self, ticket: Ticket) -> None:
        """The shopper shows the one-time code, the leader of the point types it in."""
        shown = ticket.shopper.visitor.get(f"/shop/orders/{ticket.order_id}/pickup-code")
        keeper = self.cast.leaders[-1].visitor
        keeper.post(f"/leader/pickups/{ticket.order_id}/collect", {"code": shown["code"]})

    def _complain(self) -> None:
        """A box arrived spoiled: the merchant refunds it, and commission shrinks with it."""
        self.stage.turn_to(ENDS + timedelta(days=2, hours=10))
        for run in self.runs:
            for ticket in run.tickets[: run.plan.spoiled]:
                path = f"/merchant/orders/{ticket.order_id}/refunds"
                self.cast.merchant.post(path, {"reason": "签收时有坏果"})
                self._say("一箱坏果，商家全额退款", "a spoiled box is refunded in full")
        self.stage.quiet()

    def _settle(self) -> None:
        finance = self.cast.finance[0]
        self.stage.turn_to(LAST_EVENING)
        planned = finance.get(f"/ops/settlements/stl_{PERIOD}")
        self._say(
            f"售后期满，佣金可结算：{len(planned['leaders'])} 位团长",
            f"commission has vested for {len(planned['leaders'])} leaders",
        )
        self.stage.turn_to(NEW_MONTH)
        self.stage.until(self._is_settled, "the month is settled")
        self._say("新的一月：佣金自动结算", "a new month: commission settles by itself")

    def _is_settled(self) -> bool:
        done = self.cast.finance[0].get(f"/ops/settlements/stl_{PERIOD}")
        return all(portion["statement_id"] for portion in done["leaders"])

    def _withdraw(self) -> None:
        for leader in self.cast.leaders:
            self._withdraw_all(leader)
        self.stage.turn_to(NEW_MONTH + timedelta(hours=2))
        self._say("团长提现到账", "leaders have their money")

    def _withdraw_all(self, leader: Leader) -> None:
        """Ask for everything; finance agrees, two people to a large amount."""
        available = leader.visitor.get("/leader/commission")["available"]
        if available["amount"] <= 0:
            return
        asked = leader.visitor.post("/leader/withdrawals", {"amount": available})
        for approver in self.cast.finance[: asked["approvals_needed"]]:
            approver.post(f"/ops/withdrawals/{asked['id']}/approve", {"reason": "月度提现"})
        self.stage.quiet()
        sent = leader.visitor.get("/leader/withdrawals")["items"][0]
        if sent["state"] == WithdrawalState.AWAITING_USER.value:
            self.stage.sandbox.control(f"/confirm-transfer/{payout_number(sent['id'])}")
            self.stage.quiet()

    def _tell_progress(self, run: Run) -> None:
        group_id = run.teams[-1] if run.teams else run.group_id
        at = self.cast.shoppers[0].visitor.get(f"/shop/groups/{group_id}/progress")
        self.out.note(
            f"    {run.plan.name}：已参团 {at['joined']}，还差 {at['missing']}（{at['state']}）",
            f"    {run.plan.name}: {at['joined']} joined, {at['missing']} missing ({at['state']})",
        )

    def _say(self, zh: str, en: str) -> None:
        now = local(self.stage.clock.now())
        self.out.note(f"{now}  {zh}", f"{now}  {en}")


def tracking_of(ticket: Ticket) -> str:
    """Return the tracking number the merchant writes on a parcel."""
    return f"SF{ticket.order_id.partition('_')[2]}"
