"""Files of categories and of brands: what goods are sorted by, kept by the operator."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from attrs import define, evolve, field

from groupbuy.application.catalogue import facts
from groupbuy.application.catalogue.merging import shown_brands, shown_tree
from groupbuy.application.catalogue.shelf import category_tree, path_of
from groupbuy.application.ports import Query
from groupbuy.application.steps.cataloguing import Names, standing
from groupbuy.application.steps.filing import (
    Column,
    Facts,
    File,
    Filed,
    FileKind,
    Outcome,
    Row,
    Verdict,
    one_by_one,
    whole,
)
from groupbuy.application.steps.reading import every
from groupbuy.application.steps.records import pack, unpack
from groupbuy.application.write_path import Caller, Desk, Work
from groupbuy.domain.catalogue import Brand, Category
from groupbuy.domain.kernel import BASIS_POINTS, Event
from groupbuy.domain.membership import Role

NONE = "none"
"""Takes a rate away; an empty cell leaves it as it is."""


@define(eq=False)
class _Tree:
    """All categories, with those that the rows of a batch have made."""

    work: Work
    names: Names
    _by_place: dict[tuple[str | None, str], Category] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        """Read them once; the tree is small."""
        for each in category_tree(self.work):
            self._by_place[each.parent_id, each.name] = each

    def at(self, path: Sequence[str]) -> Category | None:
        """Return what stands at a path of names, or what it became a part of."""
        here: Category | None = None
        for name in path:
            found = self._by_place.get((here.id if here else None, name))
            if found is None:
                return None
            here = standing(self.work, Category, found.id)
        return here

    def make(self, path: Sequence[str], bp: int | None) -> Category:
        """Make what is missing on the way, and the category at its end with its rate."""
        above = self.at(path[:-1]) if len(path) > 1 else None
        if above is None and len(path) > 1:
            above = self.make(path[:-1], None)
        made = self.names.new_category(above.id if above else None, path[-1], bp)
        self.work.emit([Event("category.created", made.id, self.work.now())])
        self.put(made)
        return made

    def put(self, category: Category) -> None:
        """Remember a category as it is now."""
        self._by_place[category.parent_id, category.name] = category


def take_categories(work: Work, file: File, rows: Sequence[Row]) -> Sequence[Outcome]:
    """Make the categories that are missing and set the rates that are said. Raises Forbidden."""
    del file  # they belong to the whole shop
    work.caller.require(Role.OPERATOR)
    tree = _Tree(work, Names(work))
    return one_by_one(rows, "path", lambda row: _category(tree, row))


def tell_categories(work: Work, file: File, keys: Collection[str]) -> Mapping[str, Facts]:
    """Return the rates of the categories at those paths."""
    del file
    tree = _Tree(work, Names(work))
    found = {key: tree.at(unpack(key, "/")) for key in keys}
    return {key: _stands(each.commission_bp) for key, each in found.items() if each is not None}


def export_categories(desk: Desk, caller: Caller, merchant_id: str) -> Iterator[Mapping[str, str]]:
    """Yield the tree, parents before what is below them."""
    del merchant_id
    found = {each.id: each for each in desk.read(caller, shown_tree)}
    paths = {key: pack((step.name for step in path_of(key, found)), "/") for key in found}
    for key in sorted(found, key=lambda key: paths[key]):
        yield {"path": paths[key], "commission_bp": _rate(found[key].commission_bp)}


def take_brands(work: Work, file: File, rows: Sequence[Row]) -> Sequence[Outcome]:
    """Make the brands that are missing. Raises Forbidden."""
    del file
    work.caller.require(Role.OPERATOR)
    known = _brands_named(work, [row.said("name") for row in rows])
    names = Names(work)

    def take(row: Row) -> Filed:
        name = facts.line("name", row.said("name"), facts.WORD_AT_MOST)
        if name in known:
            return Filed(row, name, Verdict.UNCHANGED, {"name": name})
        made = names.brand(name)
        known.add(name)
        work.emit([Event("brand.created", made.id, work.now())])
        return Filed(row, name, Verdict.CREATED, {"name": name}, f"+ {name}")

    return one_by_one(rows, "name", take)


def tell_brands(work: Work, file: File, keys: Collection[str]) -> Mapping[str, Facts]:
    """Return those of the names that are brands."""
    del file
    return {name: {"name": name} for name in _brands_named(work, keys)}


def export_brands(desk: Desk, caller: Caller, merchant_id: str) -> Iterator[Mapping[str, str]]:
    """Yield all brands, by name."""
    del merchant_id
    return ({"name": each.name} for each in desk.read(caller, shown_brands))


def _category(tree: _Tree, row: Row) -> Filed:
    path = facts.path("path", unpack(row.said("path"), "/"))
    said = row.said("commission_bp")
    bp = whole("commission_bp", said, BASIS_POINTS) if said and said != NONE else None
    key, known = pack(path, "/"), tree.at(path)
    if known is None:
        made = tree.make(path, bp)
        return Filed(row, key, Verdict.CREATED, _stands(made.commission_bp), f"+ {key}")
    if not said or bp == known.commission_bp:
        return Filed(row, key, Verdict.UNCHANGED, _stands(known.commission_bp))
    after = evolve(known, commission_bp=bp)
    tree.work.of(Category).save(after)
    tree.put(after)
    tree.work.audit("category.change", known.id, commission_bp=str(bp))
    change = f"{key}: {_rate(known.commission_bp)} → {_rate(bp)}"
    return Filed(row, key, Verdict.UPDATED, _stands(bp), change)


def _stands(commission_bp: int | None) -> Facts:
    return {"commission_bp": NONE if commission_bp is None else commission_bp}


def _rate(commission_bp: int | None) -> str:
    return NONE if commission_bp is None else str(commission_bp)


def _brands_named(work: Work, names: Collection[str]) -> set[str]:
    """Return those names that a brand has; what was merged keeps its name."""
    found = every(work.of(Brand), Query().among("name", {name for name in names if name}))
    return {brand.name for brand in found}


CATEGORY_FILE = FileKind(
    name="categories",
    columns=(
        Column(
            "path",
            "从根到它的名称，用 / 隔开，最多 5 级",
            "names from the root, parted by /, at most 5",
            "水果/柑橘",
            needed=True,
            parted="/",
        ),
        Column(
            "commission_bp",
            "团长佣金，万分之几；空着不改，none 取消",
            "what leaders earn on it, basis points; empty leaves it, none takes it away",
            "800",
            number=True,
        ),
    ),
    key="path",
    take=take_categories,
    tell=tell_categories,
    export=export_categories,
)
BRAND_FILE = FileKind(
    name="brands",
    columns=(Column("name", "品牌名称", "the brand's name", "橙小妹", needed=True),),
    key="name",
    take=take_brands,
    tell=tell_brands,
    export=export_brands,
)
