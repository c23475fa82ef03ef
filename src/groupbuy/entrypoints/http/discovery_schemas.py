"""What shoppers are shown before they search looks like over HTTP."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from groupbuy.application.discovery import (
    CampaignSlot,
    ForYou,
    Home,
    HotList,
    HotSlot,
    ProductSlot,
    Why,
)
from groupbuy.domain.discovery import HALF_LIFE
from groupbuy.entrypoints.http.campaign_schemas import (
    CampaignOut,
    campaign_out,
)
from groupbuy.entrypoints.http.catalogue_schemas import ShelfOut, shelf_out
from groupbuy.entrypoints.http.progress_schemas import ProgressOut, progress_out


class WhyOut(msgspec.Struct, frozen=True):
    """Why something is shown, in the language of the request."""

    code: str
    text: str


class HotSlotOut(msgspec.Struct, frozen=True):
    """One place of a hot list."""

    place: int
    """From 1."""
    product: ShelfOut
    buyers: int
    """Different people who have bought it, ever; of a community those of it."""
    score: int
    """Buyers as they count today, each halved every half-life, in hundredths of one."""
    why: WhyOut


class HotListOut(msgspec.Struct, frozen=True):
    """What is hot: buyers by age × rating × (1 − refund rate), the hottest first."""

    items: list[HotSlotOut]
    half_life_days: int
    as_of: datetime | None
    """What happened before then is counted; null before the first count."""


class CampaignSlotOut(msgspec.Struct, frozen=True):
    """A campaign, how far its group is, and why it is shown."""

    campaign: CampaignOut
    progress: ProgressOut
    why: WhyOut


class ProductSlotOut(msgspec.Struct, frozen=True):
    """A product, and why it is shown."""

    product: ShelfOut
    why: WhyOut


class SlotsOut(msgspec.Struct, frozen=True):
    """Products, the best first, each with the reason why it is shown."""

    items: list[ProductSlotOut]


class ForYouOut(msgspec.Struct, frozen=True):
    """What suits somebody."""

    items: list[ProductSlotOut]
    personal: bool
    """It follows from what they bought; otherwise it is what is popular."""


class HomeOut(msgspec.Struct, frozen=True):
    """The home page: at most ten of each; what there is none of is an empty list."""

    tonight: list[CampaignSlotOut]
    """Ending before midnight, the first to end at the front."""
    nearly_formed: list[CampaignSlotOut]
    """Half of what they need and more, the least missing part at the front."""
    hot: list[HotSlotOut]
    new: list[ProductSlotOut]
    """The most promising first; at the end some that nobody knows yet, in turns."""
    for_you: ForYouOut
    made_at: datetime
    """What is shown is that of this moment, a quarter of a minute ago at most."""


def hot_list_out(found: HotList, language: str) -> HotListOut:
    """Render a hot list."""
    return HotListOut(
        [hot_slot_out(each, language) for each in found.slots], HALF_LIFE, found.as_of
    )


def hot_slot_out(slot: HotSlot, language: str) -> HotSlotOut:
    """Render one place of a hot list."""
    product = shelf_out(slot.shelved)
    return HotSlotOut(slot.place, product, slot.buyers, slot.score, why_out(slot.why, language))


def home_out(home: Home, own: ForYou, language: str) -> HomeOut:
    """Render a home page."""
    return HomeOut(
        tonight=[_campaign_slot(each, language) for each in home.tonight],
        nearly_formed=[_campaign_slot(each, language) for each in home.nearly_formed],
        hot=[hot_slot_out(each, language) for each in home.hot.slots],
        new=[product_slot_out(each, language) for each in home.new],
        for_you=for_you_out(own, language),
        made_at=home.made_at,
    )


def for_you_out(found: ForYou, language: str) -> ForYouOut:
    """Render what suits somebody."""
    slots = [product_slot_out(each, language) for each in found.slots]
    return ForYouOut(slots, found.personal)


def slots_out(found: Sequence[ProductSlot], language: str) -> SlotsOut:
    """Render products with their reasons."""
    return SlotsOut([product_slot_out(each, language) for each in found])


def product_slot_out(slot: ProductSlot, language: str) -> ProductSlotOut:
    """Render a product with the reason why it is shown."""
    return ProductSlotOut(shelf_out(slot.shelved), why_out(slot.why, language))


def _campaign_slot(slot: CampaignSlot, language: str) -> CampaignSlotOut:
    why = why_out(slot.why, language)
    return CampaignSlotOut(campaign_out(slot.campaign), progress_out(slot.progress), why)


def why_out(why: Why, language: str) -> WhyOut:
    """Render a reason."""
    return WhyOut(why.code, why.en if language == "en" else why.zh)
