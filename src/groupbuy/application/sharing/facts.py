"""What is true of something to share at this moment: of a campaign, or of a product."""

from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from groupbuy.application.ports import Query
from groupbuy.application.write_path import Work
from groupbuy.domain.campaigns import (
    Campaign,
    CampaignState,
    Group,
    GroupState,
    Mode,
    Offer,
    group_of,
    progress_of,
)
from groupbuy.domain.catalogue import Product, ProductState, Variant
from groupbuy.domain.kernel import Money, NotFound, Refused, kind_of
from groupbuy.domain.pictures import picture_id_in
from groupbuy.domain.search import SearchEntry
from groupbuy.domain.sharing import Counted, Phase, ShareFacts

CAMPAIGN, PRODUCT = "cmp", "prd"
VARIANTS_AT_MOST = 500


def facts_of(work: Work, subject: str, kind: str = "") -> ShareFacts:
    """Return what a share text may say of a campaign or of a product that is on sale.

    `kind` is what it has to be; left out, its id tells. A product is told of with the campaign
    that sells it and ends first. Raises NotFound, and Refused for a campaign that nobody can join
    any more.
    """
    kind = kind or kind_of(subject)
    if kind == CAMPAIGN:
        return _of_campaign(work, shown_campaign(work, subject))
    if kind == PRODUCT:
        return _of_product(work, shown_product(work, subject))
    raise NotFound(kind="share", key=subject)


def shown_campaign(work: Work, campaign_id: str) -> Campaign:
    """Return a campaign anybody may see. Raises NotFound."""
    campaign = work.of(Campaign).get(campaign_id)
    if campaign.state is CampaignState.DRAFT:
        raise NotFound(kind="campaign", key=campaign_id)
    return campaign


def shown_product(work: Work, product_id: str) -> Product:
    """Return a product that is on sale. Raises NotFound."""
    product = work.of(Product).get(product_id)
    if product.state is not ProductState.LISTED:
        raise NotFound(kind="product", key=product_id)
    return product


def _of_campaign(work: Work, campaign: Campaign) -> ShareFacts:
    if campaign.state is CampaignState.SCHEDULED:
        return _coming(work, campaign)
    found = _selling(work, campaign, campaign.id, campaign.title, campaign.offers)
    if found is None:
        raise Refused(rule="shared_while_it_can_be_joined", about=campaign.id)
    return found


def _coming(work: Work, campaign: Campaign) -> ShareFacts:
    price, alone, dearer = _prices(campaign, campaign.offers, 0)
    left = max(campaign.starts_at - work.now(), timedelta())
    return ShareFacts(
        subject=campaign.id,
        title=campaign.title,
        price=price,
        phase=Phase.COMING,
        dearer=dearer,
        alone=alone,
        seconds=left // timedelta(seconds=1),
        at=campaign.starts_at.astimezone(ZoneInfo(campaign.zone)),
        quorum=campaign.quorum is not None,
        picture_id=_picture(work, campaign.offers),
    )


def _selling(
    work: Work, campaign: Campaign, subject: str, title: str, offers: Sequence[Offer]
) -> ShareFacts | None:
    """Return what is true of an open campaign; None if nobody can join it."""
    if campaign.mode is Mode.TEAM:
        return _teams(work, campaign, subject, title, offers)
    group = work.of(Group).find([group_of(campaign.id)]).get(group_of(campaign.id))
    selling = group is not None and group.state in (GroupState.OPEN, GroupState.FORMED)
    if group is None or not selling or group.ends_at <= work.now():
        return None
    progress = progress_of(campaign, group, work.now())
    price, alone, dearer = _prices(campaign, offers, progress.reached)
    return ShareFacts(
        subject=subject,
        title=title,
        price=price,
        phase=Phase.SELLING,
        dearer=dearer,
        alone=alone,
        joined=progress.joined,
        # A relay needs no quorum: whoever comes first gets the goods.
        missing=progress.missing if campaign.quorum else 0,
        counted=Counted(progress.measure.value),
        seconds=progress.seconds_left,
        at=progress.ends_at.astimezone(ZoneInfo(campaign.zone)),
        quorum=campaign.quorum is not None,
        picture_id=_picture(work, offers),
    )


def _teams(
    work: Work, campaign: Campaign, subject: str, title: str, offers: Sequence[Offer]
) -> ShareFacts | None:
    """Every team has a count of its own: of the campaign only its size is true."""
    left = campaign.ends_at - work.now()
    if campaign.state is not CampaignState.OPEN or left <= timedelta():
        return None
    price, alone, dearer = _prices(campaign, offers, 0)
    return ShareFacts(
        subject=subject,
        title=title,
        price=price,
        phase=Phase.SELLING,
        dearer=dearer,
        alone=alone,
        team=campaign.target,
        seconds=left // timedelta(seconds=1),
        at=campaign.ends_at.astimezone(ZoneInfo(campaign.zone)),
        quorum=True,
        picture_id=_picture(work, offers),
    )


def _of_product(work: Work, product: Product) -> ShareFacts:
    entry = work.of(SearchEntry).find([product.id]).get(product.id)
    running = sorted(entry.running, key=lambda r: (r.ends_at, r.id)) if entry else []
    campaigns = work.of(Campaign).find(each.id for each in running)
    for each in running:
        campaign = campaigns.get(each.id)
        if campaign is None or campaign.state is not CampaignState.OPEN:
            continue
        offers = [offer for offer in campaign.offers if offer.product_id == product.id]
        found = _selling(work, campaign, product.id, product.name, offers) if offers else None
        if found is not None:
            return found
    query = Query().where(product_id=product.id).page(VARIANTS_AT_MOST)
    prices = [variant.price for variant in work.of(Variant).select(query)]
    if not prices:
        raise NotFound(kind="product", key=product.id)
    lowest = min(prices, key=lambda price: price.minor)
    dearer = any(price != lowest for price in prices)
    return ShareFacts(
        subject=product.id,
        title=product.name,
        price=lowest,
        phase=Phase.ON_SALE,
        dearer=dearer,
        picture_id=_first(product),
    )


def _picture(work: Work, offers: Sequence[Offer]) -> str:
    """Return the first picture of the first goods that have one of ours."""
    products = work.of(Product).find({offer.product_id for offer in offers})
    found = (products.get(offer.product_id) for offer in offers)
    return next(filter(None, (_first(product) for product in found if product)), "")


def _first(product: Product) -> str:
    return next(filter(None, map(picture_id_in, product.pictures)), "")


def _prices(
    campaign: Campaign, offers: Sequence[Offer], reached: int
) -> tuple[Money, Money | None, bool]:
    """Return the lowest price, what the same unit costs alone if more, whether others cost more."""
    priced = [(campaign.price_at(offer.sku_id, reached), offer) for offer in offers]
    price, offer = min(priced, key=lambda each: (each[0].minor, each[1].sku_id))
    alone = offer.original if price < offer.original else None
    return price, alone, any(each != price for each, _ in priced)
