"""What is bought by the same people: lift, with a minimum support.

The lift of two products is how many people bought both, over how many would have if one had nothing
to do with the other: both × everybody / (first × second). Who bought the first is the same for
all that is compared with it, and so is everybody: the order is that of both / second. As if
`DAMPING` more people had bought the second one alone, so that three of three do not beat sixty of
seventy.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from attrs import frozen

FEWEST = 3
"""So many different people must have bought both: less is chance, and could tell of somebody."""
DAMPING = 10
SCALE = 1_000_000
PULL = 10
"""How much a lift of one pulls a product to the front; being hot near by pulls like a tenth."""


@frozen
class Together:
    """A product that people who bought another one have bought as well."""

    product_id: str
    because: str
    """The other one."""
    both: int
    """Different people who bought both, of those that were looked at."""
    lift: int
    """Damped and without what is the same for all of them, in millionths."""


@frozen
class Suited:
    """A product that suits somebody."""

    product_id: str
    because: Together | None
    """Of what they bought; None where it is simply hot."""


def also_bought(
    product_id: str, baskets: Iterable[Iterable[str]], buyers: Mapping[str, int]
) -> list[Together]:
    """Return what buyers of a product bought as well, the strongest first.

    `baskets` holds what each of them bought, `buyers` how many people bought each product at all.
    """
    counts = Counter(other for basket in baskets for other in set(basket) if other != product_id)
    found = [
        Together(other, product_id, both, lift_of(both, buyers.get(other, 0)))
        for other, both in counts.items()
        if both >= FEWEST
    ]
    return sorted(found, key=lambda each: (-each.lift, -each.both, each.product_id))


def lift_of(both: int, buyers: int) -> int:
    """Return the damped lift of a product that so many people bought; it is at least `both`."""
    return SCALE * both // (max(buyers, both) + DAMPING)


def for_somebody(
    found: Iterable[Together], scores: Mapping[str, int], near: Collection[str], limit: int
) -> list[Suited]:
    """Return what suits somebody best, of what has a score: the hot ones, pulled to the front.

    `scores` are hot scores, without what they have; `near` is hot among their neighbours. Lifts of
    one product add up, and it is there because of the strongest. On real purchases this foretells
    better than lifts alone, which know nothing of time, and than the hot list alone.
    """
    sums, best = Counter[str](), dict[str, Together]()
    for each in found:
        sums[each.product_id] += each.lift
        known = best.get(each.product_id)
        if known is None or (each.lift, each.because) > (known.lift, known.because):
            best[each.product_id] = each
    pulled = {
        key: score * ((1 + (key in near)) * SCALE + PULL * sums[key])
        for key, score in scores.items()
    }
    order = sorted(((value, key) for key, value in pulled.items() if value > 0), reverse=True)
    return [Suited(key, best.get(key)) for _, key in order[:limit]]
