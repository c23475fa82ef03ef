"""What the stories of after-sale cases share: an order that was sent, and its people."""

import threading
from typing import Any

from groupbuy.application import aftersale
from groupbuy.domain.aftersale import AfterSale, Kind, Reason, ReturnParcel
from groupbuy.domain.campaigns import Measure, Quorum
from groupbuy.domain.catalogue import Stock, StockMove
from groupbuy.domain.kernel import DomainError
from groupbuy.domain.membership import Role
from tests.support.stories import sent

PRICE = 10_001


def sent_order(shop: Any) -> Any:
    """Three units of a formed group with a leader, on their way to the buyer."""
    leader = shop.leader(commission_bp=777)
    campaign = shop.campaign(
        shop.variant(price=PRICE, stock=10),
        leader=leader,
        share_bp=10_000,
        quorum=Quorum(Measure.BUYERS, 1),
    )
    buyer = shop.user(roles=frozenset({Role.SHOPPER}))
    joined = shop.join(campaign, shop.caller(buyer.id, Role.SHOPPER), units=3)
    shop.pay(joined)
    shop.rest()
    sent(shop, joined)
    return joined


def buyer_of(shop: Any, joined: Any) -> Any:
    return shop.caller(joined.order.buyer_id, Role.SHOPPER)


def operator(shop: Any) -> Any:
    return shop.caller("usr_op", Role.OPERATOR)


def ask(
    shop: Any,
    joined: Any,
    kind: Kind = Kind.EXCHANGE,
    units: int = 1,
    reason: Reason = Reason.DAMAGED,
) -> Any:
    wish = aftersale.Application(joined.order.id, 1, units, kind, reason, "破了")
    return shop.do(buyer_of(shop, joined), aftersale.apply_for, wish)


def agreed(shop: Any, joined: Any, kind: Kind = Kind.EXCHANGE, units: int = 1) -> Any:
    """A case whose goods are on their way back."""
    case = ask(shop, joined, kind, units)
    shop.do(shop.merchant_caller(), aftersale.approve_case, case.id)
    return send_back(shop, joined, case)


def send_back(shop: Any, joined: Any, case: Any, number: str = "SF900") -> Any:
    return shop.do(buyer_of(shop, joined), aftersale.ship_back, case.id, ReturnParcel("sf", number))


def act(shop: Any, use_case: Any, *args: Any, who: Any = None, **more: Any) -> Any:
    return shop.do(who or shop.merchant_caller(), use_case, *args, **more)


def now_is(shop: Any, case: Any) -> Any:
    return shop.get(AfterSale, case.id)


def goods(shop: Any, joined: Any) -> Any:
    stock = shop.get(Stock, joined.order.lines[0].sku_id)
    return stock.available, stock.reserved, stock.sold


def journal(shop: Any, joined: Any) -> Any:
    moves = shop.all(StockMove, sku_id=joined.order.lines[0].sku_id)
    return [(m.units, m.reason.partition(": ")[2]) for m in sorted(moves, key=lambda m: m.id)]


def replaced(shop: Any, case: Any, number: str = "SF2") -> Any:
    return act(shop, aftersale.send_replacement, aftersale.Replacement(case.id, "sf", number))


def move_parcel(shop: Any, number: Any, state: Any) -> Any:
    shop.carrier.move("sf", number, state)
    shop.work_off()


def at_once(shop: Any, *acts: Any) -> list[str]:
    """Let several people do something at the same moment; return what they heard."""
    together, outcomes = threading.Barrier(len(acts)), list[str]()

    def run(who: Any, use_case: Any) -> None:
        together.wait()
        try:
            shop.desk.run(who, use_case)
            outcomes.append("done")
        except DomainError as error:
            outcomes.append(getattr(error, "rule", error.code))

    threads = [threading.Thread(target=run, args=act) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
