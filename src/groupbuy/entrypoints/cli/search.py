"""`groupbuy product search` and `groupbuy search rebuild`."""

from functools import partial
from typing import TYPE_CHECKING

import click

from groupbuy.domain.kernel import Invalid
from groupbuy.entrypoints.cli.output import Column
from groupbuy.entrypoints.cli.shell import Shell, limited, pass_shell, shared

if TYPE_CHECKING:
    from groupbuy.application.catalogue import SearchResult, Wish
    from groupbuy.application.catalogue.matching import Match
    from groupbuy.application.write_path import Work

SORTS = ("relevance", "-created_at", "created_at", "price", "-price", "-sold")
_FOUND = (
    Column("id", "编号", "id"),
    Column("name", "名称", "name"),
    Column("price", "价格", "price", right=True),
    Column("category", "类目", "category"),
    Column("brand", "品牌", "brand"),
    Column("in_stock", "有货", "in stock"),
    Column("in_campaign", "在团", "in a campaign"),
)
_REBUILT = (
    Column("products", "商品", "products", right=True),
    Column("changed", "更新", "changed", right=True),
)


@click.group()
def search() -> None:
    """Keep the index that search stands on."""


@click.command("search")
@click.argument("text")
@click.option("--category", default="", metavar="ID|NAME", help="With everything below it.")
@click.option("--brand", multiple=True, metavar="ID", help="May be given several times.")
@click.option("--price-gte", type=click.IntRange(min=0), help="Minor units.")
@click.option("--price-lte", type=click.IntRange(min=0), help="Minor units.")
@click.option("--in-campaign", is_flag=True, help="Only what a campaign sells.")
@click.option("--in-stock", is_flag=True, help="Only what there is.")
@click.option("--sort", type=click.Choice(SORTS), default=SORTS[0], show_default=True)
@limited
@shared
@pass_shell
def search_products(
    shell: Shell,
    text: str,
    category: str,
    brand: tuple[str, ...],
    price_gte: int | None,
    price_lte: int | None,
    in_campaign: bool,
    in_stock: bool,
    sort: str,
    limit: int,
) -> None:
    """Find what is on sale by its words: Chinese in either script, Latin, numbers, pinyin."""
    from groupbuy.application.catalogue import Wish

    wish = Wish(
        text=text,
        brand_ids=brand,
        lowest=price_gte,
        highest=price_lte,
        in_campaign=in_campaign,
        in_stock=in_stock,
        sort=sort,
        limit=limit,
    )
    found = shell.read(partial(_found, wish=wish, category=category))
    items = [_item(each) for each in found.matches]
    more: dict[str, object] = {"total": found.total, "more": found.more}
    if shell.out.json:
        more |= {"facets": _facets(found), "tried": _tried(found)}
    shell.out.table("product.search/1", _FOUND, items, **more)
    if found.tried is not None:
        words = " ".join(found.tried.words)
        shell.out.note(f"没有找到：{words}", f"nothing found for: {words}")


@search.command()
@shared
@pass_shell
def rebuild(shell: Shell) -> None:
    """Look at every product and put right what it is found by; safe while the shop is open.

    Needed after a newer version folds or reads characters differently. It may be broken off and
    run again.
    """
    from groupbuy.application.catalogue import rebuild_search
    from groupbuy.entrypoints.cli.progress import bar

    with bar(shell, shell.out.words("重建搜索", "rebuilding the search")) as moved:
        done = rebuild_search(shell.app.desk, shell.caller, lambda count: moved(count, 0))
    counts = {"products": done.products, "changed": done.changed}
    shell.out.record("search.rebuild/1", _REBUILT, counts)


def _found(work: "Work", wish: "Wish", category: str) -> "SearchResult":
    from attrs import evolve

    from groupbuy.application.catalogue import category_tree, search

    if category:
        known = category_tree(work)
        meant = [c.id for c in known if c.id == category] or [
            c.id for c in known if c.name == category
        ]
        if len(meant) > 1:
            raise Invalid("category", "is the name of several: give an id")
        wish = evolve(wish, category_id=meant[0] if meant else category)
    return search(work, wish)


def _item(match: "Match") -> dict[str, object]:
    item = match.shelved.item
    return {
        "id": item.id,
        "name": item.name,
        "price": item.price,
        "category": " / ".join(match.shelved.category),
        "brand": match.shelved.brand or None,
        "in_stock": match.shelved.available > 0,
        "in_campaign": match.in_campaign,
        "highlights": [
            {"field": mark.field, "text": mark.text, "ranges": mark.ranges} for mark in match.marks
        ],
    }


def _facets(found: "SearchResult") -> dict[str, object] | None:
    facets = found.facets
    if facets is None:
        return None
    return {
        "category": [{"id": e.id, "name": e.name, "count": e.count} for e in facets.categories],
        "brand": [{"id": e.id, "name": e.name, "count": e.count} for e in facets.brands],
        "price": [
            {"price_gte": e.lowest, "price_lte": e.highest, "count": e.count} for e in facets.bands
        ],
        "in_campaign": facets.in_campaign,
        "in_stock": facets.in_stock,
    }


def _tried(found: "SearchResult") -> dict[str, object] | None:
    tried = found.tried
    if tried is None:
        return None
    return {
        "words": tried.words,
        "pinyin": tried.pinyin,
        "filters": tried.filters,
        "without_filters": tried.without_filters,
    }
