"""From facts to sums: pure, and the only place that says what counts where."""

from collections import Counter
from collections.abc import Iterable, Mapping

from attrs import field, frozen

from groupbuy.application.report_facts import (
    DEAL,
    Grain,
    Key,
    OrderFact,
    PastPurchase,
    What,
)
from groupbuy.application.reporting.days import day_of, hour_of

_REFUNDING = (What.REFUNDS, What.RETURNED, What.UNUSABLE)
PAST = "past"
"""How the parts of a buyer begin that an earlier system knew."""


@frozen
class Sums:
    """Measures by key, added up."""

    by_key: dict[Key, Counter[str]] = field(factory=dict)

    def add(self, key: Key, **more: int) -> None:
        """Add to some measures of a key."""
        self.by_key.setdefault(key, Counter()).update(more)

    def take(self, others: "Sums", times: int = 1) -> None:
        """Add all of some others, or take them away with −1."""
        for key, counts in others.by_key.items():
            own = self.by_key.setdefault(key, Counter())
            for name, amount in counts.items():
                own[name] += times * amount

    def changes(self) -> dict[Key, dict[str, int]]:
        """Return what is not zero."""
        found = {key: without_zeros(counts) for key, counts in self.by_key.items()}
        return {key: counts for key, counts in found.items() if counts}


def without_zeros(counts: Mapping[str, int]) -> dict[str, int]:
    """Return the measures that are not zero, by name."""
    return {name: counts[name] for name in sorted(counts) if counts[name]}


def sums_of(facts: Iterable[OrderFact], zone: str) -> Sums:
    """Count some orders."""
    sums = Sums()
    for fact in facts:
        _Counting(fact, zone, sums).run()
    return sums


def sums_of_past(purchases: Iterable[PastPurchase]) -> Sums:
    """Count some purchases of an earlier system."""
    sums = Sums()
    for each in purchases:
        whose, currency, amount = each.merchant_id, each.amount.currency, each.amount.minor
        key = Key(Grain.HISTORY, whose, each.on.isoformat(), currency, (each.source,))
        sums.add(key, past_orders=1, past_units=each.units, past_sales=amount)
        buyer = Key(Grain.BUYERS, whose, "", currency, (PAST, each.source, each.customer))
        month = each.on.isoformat()[:7]
        sums.add(buyer, **{f"orders@{month}": 1, f"sales@{month}": amount})
    return sums


def joined(before: Mapping[str, int], after: Mapping[str, int]) -> int:
    """Return by how many participants a campaign changes with one of its members."""
    return (after.get("paid", 0) > 0) - (before.get("paid", 0) > 0)


def campaign_of(member: Key) -> Key:
    """Return the row of the campaign that a member belongs to."""
    return Key(Grain.CAMPAIGNS, member.merchant_id, "", member.currency, member.parts[:1])


@frozen
class _Counting:
    """Counts one order."""

    fact: OrderFact
    zone: str
    sums: Sums

    def run(self) -> None:
        """Count what has happened so far."""
        fact = self.fact
        begun = day_of(fact.created_at, self.zone)
        self._sales(begun, begun=1)
        self._add(Grain.HOURS, begun, (hour_of(fact.created_at, self.zone),), begun=1)
        self._add(Grain.STATES, begun, (fact.state.value, fact.close_reason), orders=1)
        if fact.placed_at is not None:
            self._paid()
        if fact.confirmed_at is not None:
            self._confirmed(day_of(fact.confirmed_at, self.zone))
        for move in fact.moves:
            self._sales(day_of(move.at, self.zone), **{move.what.value: move.amount})
            if move.what in _REFUNDING:
                where = (move.what.value, move.why, fact.campaign_id)
                day = day_of(move.at, self.zone)
                self._add(Grain.REFUNDS, day, where, count=1, amount=move.amount)
                if move.what is What.REFUNDS:
                    self._sales(day, refund_count=1)

    def _paid(self) -> None:
        """Count the order as paid: on its day for the sums, on its first day for the hours."""
        fact = self.fact
        if fact.placed_at is not None:
            self._sales(day_of(fact.placed_at, self.zone), paid_orders=1)
        # Of those begun, which were paid: told by the day on which they were begun.
        begun = day_of(fact.created_at, self.zone)
        self._sales(begun, begun_and_paid=1)
        self._add(Grain.HOURS, begun, (hour_of(fact.created_at, self.zone),), paid=1)
        self._add(Grain.MEMBERS, "", (fact.campaign_id, fact.buyer_id), paid=1)

    def _confirmed(self, day: str) -> None:
        fact = self.fact
        gross = sum(line.gross for line in fact.lines)
        net = sum(line.net for line in fact.lines)
        units = sum(line.units for line in fact.lines)
        self._sales(day, orders=1, units=units, gross=gross, discounts=gross - net)
        for grain, parts in (
            (Grain.REGIONS, (fact.region,)),
            (Grain.PLACES, (fact.leader_id, fact.point_id)),
        ):
            self._add(grain, day, parts, orders=1, units=units, sales=net)
        month = day[:7]
        self._add(
            Grain.BUYERS, "", (fact.buyer_id,), **{f"orders@{month}": 1, f"sales@{month}": net}
        )
        for line in fact.lines:
            if line.units:
                each = (line.net - line.dropped) // line.units
                self._add(Grain.DEALS, day, (line.sku_id,), **{f"{DEAL}{each}": 1})
            self._add(
                Grain.GOODS,
                day,
                (
                    fact.campaign_id,
                    fact.leader_id,
                    line.product_id,
                    line.sku_id,
                    line.category_id,
                ),
                lines=1,
                units=line.units,
                gross=line.gross,
                sales=line.net,
                units_back=line.units - line.left,
                back=line.refunded,
            )

    def _sales(self, day: str, **more: int) -> None:
        self._add(Grain.SALES, day, (self.fact.campaign_id, self.fact.leader_id), **more)

    def _add(self, grain: Grain, day: str, parts: tuple[str, ...], **more: int) -> None:
        fact = self.fact
        self.sums.add(Key(grain, fact.merchant_id, day, fact.currency, parts), **more)
