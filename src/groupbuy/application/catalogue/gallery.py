"""Which pictures a product shows, in its gallery and inside its description."""

from groupbuy.application.catalogue.facts import ProductFacts
from groupbuy.application.steps.picturing import claim
from groupbuy.application.write_path import Work
from groupbuy.domain.catalogue import Product
from groupbuy.domain.pictures import Picture, Purpose, picture_id_in, pictures_named_in


def pictures_of(product: Product) -> set[str]:
    """Return the ids of our own pictures that a product shows."""
    named = {key for text in product.pictures if (key := picture_id_in(text))}
    return named.union(pictures_named_in(product.description_html))


def named_in(facts: ProductFacts) -> set[str]:
    """Return the ids of our own pictures that somebody says a product shows."""
    named = {key for text in facts.pictures or () if (key := picture_id_in(text))}
    return named.union(pictures_named_in(facts.description_html or ""))


def hang(
    work: Work,
    before: Product | None,
    after: Product,
    known: dict[str, Picture] | None = None,
) -> None:
    """Stage which pictures a product shows from now on. Raises Invalid for one that is not there.

    `known` holds pictures that were read before.
    """
    shown = set[str]() if before is None else pictures_of(before)
    wanted = pictures_of(after)
    if shown != wanted:
        claim(
            work,
            wanted,
            after.id,
            purpose=Purpose.PRODUCT,
            merchant_id=after.merchant_id,
            before=shown,
            known=known,
        )
