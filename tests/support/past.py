"""What a shop's own rows say now, to be compared with what a replay says later."""

from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any

from attrs import frozen

from groupbuy.application import aftersale, campaigns, fulfilment
from groupbuy.application.bookkeeping import replaying
from groupbuy.application.payments import OPEN
from groupbuy.application.steps.parcels import Parcel
from groupbuy.application.write_path import Caller
from groupbuy.domain.campaigns import Campaign, Group
from groupbuy.domain.kernel import DomainError
from groupbuy.domain.membership import Role
from groupbuy.domain.ordering import Order
from tests.support.shop import ShopRefusal


@frozen
class Snapshot:
    """A shop at one moment."""

    at: datetime
    balances: dict[tuple[str, str], int]
    campaigns: dict[str, str]
    groups: dict[str, str]
    orders: dict[str, str]


def seen_now(shop: Any, database: Any) -> Snapshot:
    """Look at the stored states and at the trial balance."""
    rows = database.ledger(shop.tenant).accounts
    things = [
        {each.id: each.state.value for each in shop.all(kind)} for kind in (Campaign, Group, Order)
    ]
    return Snapshot(
        shop.clock.at, {(r.account, r.currency): r.balance for r in rows if r.balance}, *things
    )


def seen_again(shop: Any, database: Any, at: datetime) -> Snapshot:
    """Replay the shop as of a moment."""
    with replaying(database, Caller.system(shop.tenant), at) as past:
        balances = {(a.account, a.currency): a.balance for a in past.accounts()}
        named = [_states(past.things(name)) for name in ("campaign", "group", "order")]
        for name, each in zip(("campaign", "group", "order"), named, strict=True):
            assert past.states()[name] == Counter(each.values())
    return Snapshot(at, balances, *named)


def _states(things: Iterable[tuple[str, Any]]) -> dict[str, str]:
    return {key: state.value for key, state in things}


class Story:
    """Plays whatever may happen to a shop, a move at a time; what the rules refuse is no move."""

    def __init__(self, shop: Any) -> None:
        """Begin with one campaign."""
        self.shop = shop
        self.leader = shop.leader()
        self.campaigns = [shop.campaign(leader=self.leader)]
        self.joined: list[Any] = []

    def play(self, move: str, which: int) -> None:
        """Let some seconds pass, then do one thing to one of what there is."""
        self.shop.clock.forward(seconds=7)
        with suppress(DomainError, ShopRefusal):
            getattr(self, f"_{move}")(which)
        self.shop.work_off()

    def _open(self, _which: int) -> None:
        self.campaigns.append(self.shop.campaign(leader=self.leader))

    def _join(self, which: int) -> None:
        self.joined.append(self.shop.join(self.campaigns[which % len(self.campaigns)]))

    def _pay(self, which: int) -> None:
        joined = self._one(which)
        if joined and self.shop.payment(joined).state in OPEN:
            self.shop.pay(joined)

    def _buy(self, which: int) -> None:
        self._join(which)
        self.shop.pay(self.joined[-1])

    def _leave(self, which: int) -> None:
        if joined := self._one(which):
            buyer = self.shop.caller(joined.order.buyer_id, Role.SHOPPER)
            self._do(buyer, aftersale.leave_group, joined.order.id)

    def _cancel(self, which: int) -> None:
        campaign = self.campaigns[which % len(self.campaigns)]
        self._do(self.shop.merchant_caller(), campaigns.cancel_campaign, campaign.id, "why")

    def _send(self, which: int) -> None:
        if joined := self._one(which):
            staff = self.shop.merchant_caller()
            self._do(staff, fulfilment.approve_order, joined.order.id)
            self._do(staff, fulfilment.ship_order, Parcel(joined.order.id, "sf", f"SF{which}"))

    def _reject(self, which: int) -> None:
        if joined := self._one(which):
            self._do(self.shop.merchant_caller(), fulfilment.reject_order, joined.order.id, "why")

    def _wait(self, which: int) -> None:
        self.shop.pass_time(hours=1 + which % 40)

    def _one(self, which: int) -> Any:
        return self.joined[which % len(self.joined)] if self.joined else None

    def _do(self, caller: Any, use_case: Any, *args: Any) -> None:
        self.shop.desk.run(caller, lambda work: use_case(work, *args))


MOVES = ("open", "join", "pay", "buy", "buy", "leave", "cancel", "send", "reject", "wait")
