"""The smallest shop around the domain: open a campaign, join, pay, form. Needs attrs only.

Run it with `python examples/embed.py`; it prints the progress after every payment.
"""

from datetime import UTC, datetime, timedelta

from groupbuy.domain.campaigns import (
    Campaign,
    Group,
    Measure,
    Mode,
    Offer,
    Quorum,
    progress_of,
)
from groupbuy.domain.kernel import Money, Refused

NOW = datetime(2026, 11, 2, 4, tzinfo=UTC)
WATCH = Money(99_900)


def a_campaign() -> Campaign:
    """A smart watch at 80 % of ¥999.00, three days, two people."""
    return Campaign(
        id="cmp_watch",
        merchant_id="mch_1",
        title="智能手表团",
        mode=Mode.POOL,
        starts_at=NOW,
        ends_at=NOW + timedelta(days=3),
        created_by="me",
        created_at=NOW,
        offers=(
            Offer(
                sku_id="sku_watch",
                product_id="prd_watch",
                title="智能手表",
                options="黑色",
                original=WATCH,
                price=Offer.share_of(WATCH, 8_000),
            ),
        ),
        quorum=Quorum(Measure.BUYERS, 2),
    )


def main() -> None:
    """Play one group from opening to formation, then be refused after the end."""
    campaign, _ = a_campaign().schedule(NOW)
    campaign, _ = campaign.open(NOW)
    group, _ = Group.of(campaign, "grp_watch", NOW)
    price = campaign.offer("sku_watch").price
    for buyer in ("何秀兰", "周建国"):
        group, seat, _ = group.hold(campaign, f"ord_{buyer}", buyer, 1, price, (), NOW)
        group, seat, events = group.pay(campaign, seat, (), paid_at=NOW, now=NOW)
        seen = progress_of(campaign, group, NOW)
        names = [event.name for event in events]
        print(f"{seen.joined} joined, {seen.missing} missing, {group.state.value}: {names}")
    try:
        group.hold(campaign, "ord_late", "late", 1, price, (), campaign.ends_at)
    except Refused as refusal:
        print(f"refused: {refusal.rule}")


if __name__ == "__main__":
    main()
