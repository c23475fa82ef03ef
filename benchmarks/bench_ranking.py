"""How well hot lists and recommendations foretell what is bought, beside plain popularity.

Replays purchases of a shop: at the beginning of a week everything before it is known, and what
follows is foretold. The rules are those of the domain. The shared file (CDNOW, 1997–1998) names no
products; an item is a unit price there. A file of your own with a column `product` does better:

    python benchmarks/bench_ranking.py --file mine.csv    # customer,date,product[,quantity]

Prints NDCG@50 and coverage. Nothing is measured by the clock. See README.md.
"""

import argparse
import csv
import math
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

from attrs import define, field, frozen

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from benchmarks.kit.report import Finding, plain, store  # noqa: E402  after the path is set
from groupbuy.application.discovery.recommending import (  # noqa: E402
    ASKED_FOR_EACH,
    LOOKED_BACK,
)
from groupbuy.domain.discovery import (  # noqa: E402
    EPOCH,
    also_bought,
    for_somebody,
    weight_of,
)

OUT = ROOT / "benchmarks" / "out" / "ranking.json"
SHARED = ROOT.parent / "shared" / "data" / "purchases-cdnow.csv"
TOP = 50
WEEK = timedelta(days=7)
KNOWN_WEEKS = 4
"""So much is known before anything is foretold."""
MONTH = timedelta(days=28)


@frozen(order=True)
class Purchase:
    """Somebody bought an item on a day."""

    on: date
    customer: str
    item: str


@define
class Known:
    """Everything bought so far, as the domain counts it."""

    warmth: Counter[str] = field(factory=Counter)
    sold: Counter[str] = field(factory=Counter)
    """Purchases of all time: plain popularity."""
    buyers: defaultdict[str, dict[str, None]] = field(factory=lambda: defaultdict(dict))
    """Who bought an item, the last one at the end."""
    baskets: defaultdict[str, dict[str, None]] = field(factory=lambda: defaultdict(dict))
    """What somebody bought, the last at the end."""
    days: set[Purchase] = field(factory=set)

    def learn(self, each: Purchase) -> None:
        """Take one more purchase; a day counts a buyer of an item once."""
        self.sold[each.item] += 1
        if each not in self.days:
            self.days.add(each)
            self.warmth[each.item] += weight_of(each.on)
        for told, key in (
            (self.buyers[each.item], each.customer),
            (self.baskets[each.customer], each.item),
        ):
            told.pop(key, None)
            told[key] = None

    def hot(self) -> list[str]:
        """Return all items by the hot score; nothing is known of reviews and returns."""
        return sorted(self.warmth, key=lambda item: (-self.warmth[item], item))

    def popular(self) -> list[str]:
        """Return all items by what was sold of them."""
        return sorted(self.sold, key=lambda item: (-self.sold[item], item))

    def for_you(self, customer: str, hot: Sequence[str]) -> list[str]:
        """Return what is shown to a customer: as `/shop/for-you`, but for communities."""
        mine = list(reversed(self.baskets[customer]))
        counts = {item: len(buyers) for item, buyers in self.buyers.items()}
        pairs = [
            pair
            for item in mine[:LOOKED_BACK]
            for pair in also_bought(item, self._asked(item, customer), counts)
        ]
        scores = {item: self.warmth[item] for item in hot if item not in self.baskets[customer]}
        return [each.product_id for each in for_somebody(pairs, scores, (), TOP)]

    def _asked(self, item: str, customer: str) -> Iterator[Iterable[str]]:
        buyers = [each for each in self.buyers[item] if each != customer]
        return (self.baskets[each] for each in buyers[-ASKED_FOR_EACH:])


def filled(found: Sequence[str], others: Iterable[str], without: Iterable[str]) -> list[str]:
    """Return a list of fifty, its end filled with others."""
    left = set(without)
    return [*found, *(item for item in others if item not in left)][:TOP]


def read(path: Path) -> list[Purchase]:
    """Read purchases, and move them by whole weeks behind the first day that weights tell apart."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if int(row.get("quantity") or 1) > 0]
    bought = [
        Purchase(date.fromisoformat(row["date"]), row["customer"], _item(row)) for row in rows
    ]
    first = min(each.on for each in bought)
    behind = max((EPOCH - first) // WEEK + 1, 0) * WEEK
    return sorted(Purchase(each.on + behind, each.customer, each.item) for each in bought)


def _item(row: Mapping[str, str]) -> str:
    if "product" in row:
        return row["product"]
    fen = round(100 * float(row["amount"]) / int(row["quantity"]))
    return f"{fen:06}"


def ndcg(shown: Sequence[str], wanted: Mapping[str, int]) -> float:
    """Return how much of what was wanted is at the front, 1 for the best order there is."""
    best = sorted(wanted.values(), reverse=True)[:TOP]
    return gain([wanted.get(item, 0) for item in shown[:TOP]]) / gain(best)


def gain(values: Iterable[int]) -> float:
    """Return the discounted sum of what a list brings."""
    return sum(value / math.log2(place + 2) for place, value in enumerate(values))


def mean(values: Sequence[float]) -> float:
    """Return the mean, 0 of nothing."""
    return sum(values) / len(values) if values else 0.0


Step = Callable[[Known, list[Purchase]], None]


def replay(bought: Sequence[Purchase], span: timedelta, every: timedelta, step: Step) -> None:
    """Walk through time: at each step everything before is known, and `span` is to be foretold."""
    known, place = Known(), 0
    cut, last = bought[0].on + KNOWN_WEEKS * WEEK, bought[-1].on
    while cut + span <= last + timedelta(days=1):
        while place < len(bought) and bought[place].on < cut:
            known.learn(bought[place])
            place += 1
        coming = [each for each in bought[place:] if each.on < cut + span]
        if coming:
            step(known, coming)
        cut += every


def hot_lists(bought: Sequence[Purchase], span: timedelta) -> Finding:
    """Foretell the items that most people will buy."""
    ours, plainly = list[float](), list[float]()

    def step(known: Known, coming: list[Purchase]) -> None:
        wanted = Counter(item for item, _ in {(each.item, each.customer) for each in coming})
        ours.append(ndcg(known.hot(), wanted))
        plainly.append(ndcg(known.popular(), wanted))

    replay(bought, span, WEEK, step)
    return compared(f"hot list, the next {span.days} days", ours, plainly, {})


def for_customers(bought: Sequence[Purchase]) -> Finding:
    """Foretell what each customer will buy that they have not bought before."""
    ours, plainly, warm = list[float](), list[float](), list[float]()
    seen, seen_plainly, there = set[str](), set[str](), set[str]()

    def step(known: Known, coming: list[Purchase]) -> None:
        hot, popular = known.hot(), known.popular()
        there.update(hot)
        new = defaultdict[str, Counter[str]](Counter)
        for each in coming:
            if each.customer in known.baskets and each.item not in known.baskets[each.customer]:
                new[each.customer][each.item] = 1
        for customer, wanted in sorted(new.items()):
            shown = known.for_you(customer, hot)
            usual = filled([], popular, known.baskets[customer])
            ours.append(ndcg(shown, wanted))
            plainly.append(ndcg(usual, wanted))
            warm.append(ndcg(filled([], hot, known.baskets[customer]), wanted))
            seen.update(shown)
            seen_plainly.update(usual)

    replay(bought, MONTH, MONTH, step)
    share = {
        "hot list alone": round(mean(warm), 4),
        "coverage %": round(100 * len(seen) / max(len(there), 1), 1),
        "coverage of plain popularity %": round(100 * len(seen_plainly) / max(len(there), 1), 1),
    }
    return compared("for each customer, the next 28 days", ours, plainly, share)


def compared(
    name: str, ours: Sequence[float], plainly: Sequence[float], more: Mapping[str, float]
) -> Finding:
    """Return both side by side."""
    found, usual = mean(ours), mean(plainly)
    return Finding(
        name,
        round(found, 4),
        "NDCG@50",
        ratios={"x plain popularity": round(found / usual, 3)} if usual else {},
        details={"plain popularity": round(usual, 4), "foretold": len(ours), **more},
        goal="more than plain popularity",
        holds=found > usual,
    )


def main() -> None:
    """Replay, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--file", type=Path, default=SHARED)
    given = parser.parse_args()
    if not given.file.exists():
        raise SystemExit(f"no purchases in {given.file}: name a file with --file")
    bought = read(given.file)
    customers, items = {b.customer for b in bought}, {b.item for b in bought}
    print(f"{len(bought):,} purchases of {len(customers):,} customers, {len(items):,} items")
    findings = [hot_lists(bought, WEEK), hot_lists(bought, MONTH), for_customers(bought)]
    print(plain(findings))
    store(findings, OUT)


if __name__ == "__main__":
    main()
