"""Promotions of a campaign: which ones somebody may set up."""

from collections.abc import Iterable, Sequence

from attrs import evolve

from groupbuy.application.steps.pricing import check_conditions
from groupbuy.application.write_path import Work
from groupbuy.domain.campaigns import Offer
from groupbuy.domain.kernel import Forbidden, Invalid
from groupbuy.domain.marketing import KINDS, Layer, Payer, Promotion, written
from groupbuy.domain.membership import Role

AT_MOST = 10
_LAYERS = (Layer.ACTIVITY, Layer.THRESHOLD)


def promotions_of(
    work: Work, promotions: Sequence[Promotion], offers: Iterable[Offer]
) -> tuple[str, ...]:
    """Return promotions as a campaign keeps them, each with an id that orders name for good.

    A discount is given by the merchant, or by the platform if an operator says so. Raises Invalid,
    Forbidden for what nobody could keep.
    """
    if len(promotions) > AT_MOST:
        raise Invalid(field="promotions", reason=f"at most {AT_MOST}")
    skus = {offer.sku_id for offer in offers}
    for number, each in enumerate(promotions):
        _check(work, each, f"promotions.{number}", skus)
    return tuple(written(evolve(each, id=work.new_id("prm"))) for each in promotions)


def _check(work: Work, each: Promotion, at: str, skus: set[str]) -> None:
    if each.layer not in _LAYERS:
        offered = [name for name, kind in KINDS.items() if kind.layer in _LAYERS]
        raise Invalid(field=f"{at}.kind", reason="must be one of " + ", ".join(offered))
    if each.payer is Payer.LEADER:
        raise Invalid(field=f"{at}.payer", reason="must be one of merchant, platform")
    if each.payer is Payer.PLATFORM and Role.OPERATOR not in work.caller.roles:
        raise Forbidden(needs=Role.OPERATOR.value)
    check_conditions(each, f"{at}.conditions")
    unknown = sorted(_named(each) - skus)
    if unknown:
        raise Invalid(field=f"{at}.arguments", reason=f"{unknown[0]} is not offered here")


def _named(promotion: Promotion) -> set[str]:
    """Return the variants a promotion names."""
    rows = [*getattr(promotion.terms, "tags", ()), *getattr(promotion.terms, "pieces", ())]
    return {row.sku_id for row in rows} | set(promotion.eligible.skus)
