"""Moving a product on and off sale, whoever asks for it: a person, a plan, an empty shelf."""

from collections.abc import Sequence

from attrs import evolve

from groupbuy.application.catalogue.shelf import ShelfItem, put_on_shelf, shelf_item
from groupbuy.application.write_path import Work
from groupbuy.domain.catalogue import Product, ProductMove, ProductState, Stock, Variant
from groupbuy.domain.kernel import Refused


def carry_out(
    work: Work, product: Product, variants: Sequence[Variant], move: ProductMove
) -> Product:
    """Stage a move. Raises IllegalMove, Refused without a variant."""
    if move is ProductMove.LIST and not variants:
        raise Refused(rule="a_variant_is_for_sale", about=product.id)
    stocks = work.of(Stock).lock([variant.id for variant in variants], create=Stock)
    after, happened = product.move(move, work.now())
    # A checkout locks the stock and finds there whether it may sell: no join slips through.
    for stock in stocks.values():
        work.of(Stock).save(evolve(stock, on_sale=after.state is ProductState.LISTED))
    work.of(Product).save(after)
    work.emit(happened)
    known = work.of(ShelfItem).find([product.id]).get(product.id)
    put_on_shelf(work, shelf_item(after, variants), known)
    return after
