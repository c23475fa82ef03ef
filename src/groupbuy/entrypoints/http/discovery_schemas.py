"""What shoppers are shown before they search looks like over HTTP."""

from datetime import datetime

import msgspec

from groupbuy.application.discovery import HotList, HotSlot, Why
from groupbuy.domain.discovery import HALF_LIFE
from groupbuy.entrypoints.http.catalogue_schemas import ShelfOut, shelf_out


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


def hot_list_out(found: HotList, language: str) -> HotListOut:
    """Render a hot list."""
    return HotListOut(
        [hot_slot_out(each, language) for each in found.slots], HALF_LIFE, found.as_of
    )


def hot_slot_out(slot: HotSlot, language: str) -> HotSlotOut:
    """Render one place of a hot list."""
    product = shelf_out(slot.shelved)
    return HotSlotOut(slot.place, product, slot.buyers, slot.score, why_out(slot.why, language))


def why_out(why: Why, language: str) -> WhyOut:
    """Render a reason."""
    return WhyOut(why.code, why.en if language == "en" else why.zh)
