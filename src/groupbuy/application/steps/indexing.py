"""Keeping what search finds beside what it is about, in the same transaction."""

import hashlib
from collections.abc import Iterable, Sequence
from functools import lru_cache

from attrs import evolve, frozen

from groupbuy.application.ports.search import Letters
from groupbuy.application.write_path import Work
from groupbuy.domain.campaigns import Campaign, CampaignState
from groupbuy.domain.catalogue import Product, ProductState, Variant
from groupbuy.domain.membership import Leader
from groupbuy.domain.search import Folding, Running, Said, SearchEntry, entry_of

_TAG = 3
"""Letters that keep the tokens of shops apart; those who share them are parted by their rows."""
_SHOWN = frozenset({CampaignState.SCHEDULED, CampaignState.OPEN})


@frozen
class Around:
    """What stands around a product: the names it is found by as well."""

    brand: str
    categories: tuple[str, ...]
    """Names from the root."""


@lru_cache(maxsize=4)
def folding_of(letters: Letters) -> Folding:
    """Return the one folding that knows these characters; it remembers what it has folded."""
    return Folding(letters.simplified)


@lru_cache(maxsize=1024)
def tag_of(tenant: str) -> str:
    """Return what all tokens of a shop begin with."""
    return hashlib.blake2s(tenant.encode()).hexdigest()[:_TAG]


def said_of(fold: Folding, product: Product, variants: Iterable[Variant], around: Around) -> Said:
    """Return everything that is said about a product, folded. The one place that knows."""
    facts = [f"{fact.name} {fact.value}" for fact in product.attributes]
    options = dict.fromkeys(variant.options for variant in variants)
    return Said(
        name=fold.fold(product.name),
        labels=fold.fold(" ".join([around.brand, *reversed(around.categories)])),
        facts=fold.fold(" ".join([product.code, product.unit, *facts, *options])),
        story=fold.fold(product.description),
    )


def index_product(
    work: Work,
    product: Product,
    variants: Sequence[Variant],
    around: Around,
    known: SearchEntry | None,
    sold: int | None = None,
) -> bool:
    """Stage what a product is found by, if that is new; tell whether it was.

    `sold` is what it was sold so far; left out, it stays as it was last counted.
    """
    if not variants:
        return False
    cheapest = min(variants, key=lambda v: (v.price.minor, v.id))
    letters = work.kit.letters
    base = SearchEntry(
        id=product.id,
        merchant_id=product.merchant_id,
        category_id=product.category_id,
        price=cheapest.price,
        created_at=product.created_at,
        brand_id=product.brand_id,
        sold=(known.sold if known else 0) if sold is None else sold,
        listed=product.state is ProductState.LISTED,
        running=known.running if known else (),
        version=known.version if known else 0,
    )
    said = said_of(folding_of(letters), product, variants, around)
    wanted = entry_of(base, said, tag_of(work.caller.tenant), letters.readings)
    if wanted == known:
        return False
    store = work.of(SearchEntry)
    store.add(wanted) if known is None else store.save(wanted)
    return True


def index_campaign(work: Work, campaign: Campaign) -> bool:
    """Stage on the entries of what a campaign sells that it does, or no longer does.

    Campaigns that are over are taken off as well. Tells whether it may still be found.
    """
    letters, now = work.kit.letters, work.now()
    tag, fold = tag_of(work.caller.tenant), folding_of(letters)
    shown = campaign.state in _SHOWN and campaign.ends_at > now
    leader = work.of(Leader).find([campaign.leader_id] if shown and campaign.leader_id else [])
    words = fold.fold(" ".join([campaign.title, *(each.name for each in leader.values())]))
    mine = [Running(campaign.id, campaign.ends_at, words)] if shown else []
    for entry in work.of(SearchEntry).find({o.product_id for o in campaign.offers}).values():
        others = [r for r in entry.running if r.id != campaign.id and r.ends_at > now]
        after = entry.with_running([*others, *mine], tag, letters.readings)
        if after != entry:
            work.of(SearchEntry).save(evolve(after, version=entry.version))
    return shown
