"""A shop whose reports are read off, and the same figures computed plainly from the ledger."""

from collections import Counter
from zoneinfo import ZoneInfo

from groupbuy.application import aftersale, reporting
from groupbuy.application.ports import Query
from groupbuy.application.report_facts import Grain, Rollup
from groupbuy.application.steps.reading import every
from groupbuy.domain.kernel import DomainError
from groupbuy.domain.ledger import Journal
from groupbuy.domain.ordering import Order
from groupbuy.domain.payments import Refund

MONEY = ("sales", "subsidy", "commission", "fees", "refunds")


def feed(shop):
    """Read on until nothing is left."""
    return reporting.feed(shop.desk, shop.begin.__self__, shop.tenant)


def rebuild(shop):
    """Count everything anew."""
    return reporting.rebuild(shop.desk, shop.begin.__self__, shop.system())


def dump(shop):
    """Return all sums as bytes."""
    return shop.desk.read(shop.system(), reporting.dump)


def give_back(shop, joined, units):
    """Let the merchant give units of the first line back, as many as there are; tell if any."""
    left = shop.order(joined).lines[0].left
    asked = aftersale.UnitsBack(joined.order.id, 1, min(units, left))
    try:
        shop.desk.run(shop.merchant_caller(), lambda w: aftersale.refund_units(w, asked, "坏了"))
    except DomainError:
        return False
    return True


def ledger_days(shop, zone="Asia/Shanghai"):
    """Add up what the ledger says of binding orders by (merchant, day), journal by journal.

    `merchant` is what all this credits to the merchant.
    """
    found = {}
    with shop.begin(shop.tenant, write=False) as tx:
        orders = {each.id: each for each in every(tx.of(Order), Query())}
        refunds = {each.id: each.order_id for each in every(tx.of(Refund), Query())}
        for journal in every(tx.of(Journal), Query()):
            order = orders.get(refunds.get(journal.subject, journal.subject))
            if order is None or journal.moment not in {"confirm", "refund_after_confirmation"}:
                continue
            day = journal.at.astimezone(ZoneInfo(zone)).date().isoformat()
            sums = found.setdefault((order.merchant_id, day), Counter())
            for line in journal.lines:
                word = line.account.partition(":")[0]
                sums["sales"] += line.amount if word == "buyer" else 0
                sums["refunds"] -= line.amount if word == "refund_due" else 0
                sums["commission"] -= line.amount if word == "leader" else 0
                sums["fees"] -= line.amount if word == "platform" else 0
                sums["subsidy"] += line.amount if word in {"promotion", "points"} else 0
                sums["merchant"] -= line.amount if word == "merchant" else 0
    return {
        key: {n: a for n, a in sums.items() if a}
        for key, sums in found.items()
        if any(sums.values())
    }


def reported_days(shop):
    """Add up the same off the stored sums."""
    found = {}
    with shop.begin(shop.tenant, write=False) as tx:
        for row in every(tx.of(Rollup), Query().where(grain=Grain.SALES)):
            sums = found.setdefault((row.merchant_id, row.day), Counter())
            for name in MONEY:
                sums[name] += row.counts.get(name, 0)
            sums["merchant"] = (
                sums["sales"]
                + sums["subsidy"]
                - sums["refunds"]
                - sums["commission"]
                - sums["fees"]
            )
    return {
        key: {n: a for n, a in sums.items() if a}
        for key, sums in found.items()
        if any(sums.values())
    }
