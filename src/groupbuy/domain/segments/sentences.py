"""Predicates in words: the sentence a shopkeeper checks before anybody is written to."""

from collections.abc import Mapping

from groupbuy.domain.segments.predicates import Asks, Joined, Joins, Predicate, Simple

_SAID: Mapping[Asks, tuple[str, str]] = {
    Asks.CATEGORY: ("买过“{name}”类商品", "bought something of “{name}”"),
    Asks.PRODUCT: ("买过“{name}”", "bought “{name}”"),
    Asks.COMMUNITY: ("在社群“{name}”买过", "bought in the community “{name}”"),
    Asks.TAG: ("有标签“{name}”", "has the tag “{name}”"),
    Asks.LEVEL: ("等级不低于 {least}", "has level {least} or higher"),
    Asks.SEEN: ("最近 {least} 天来过", "was here in the last {least} days"),
    Asks.BOUGHT: ("最近 {least} 天买过", "bought in the last {least} days"),
    Asks.ORDERS: ("至少下过 {least} 单", "has an order count of {least} or more"),
    Asks.SPENT: ("累计消费至少 {money}", "spent {money} or more"),
    Asks.RECENCY: ("最近购买 {least}–{most} 分", "has a recency score of {least} to {most}"),
    Asks.FREQUENCY: ("购买频次 {least}–{most} 分", "has a frequency score of {least} to {most}"),
    Asks.VALUE: ("消费金额 {least}–{most} 分", "has a value score of {least} to {most}"),
}
_JOINS = {Joins.ALL: ("，并且", " and "), Joins.ANY: ("，或者", " or ")}


def sentence(
    predicate: Predicate, *, english: bool = False, names: Mapping[str, str] | None = None
) -> str:
    """Say who is meant. `names` are what ids are called; an unknown one is shown as it is."""
    if isinstance(predicate, Simple):
        called = (names or {}).get(predicate.text, predicate.text)
        whole, part = divmod(predicate.least, 100)
        return _SAID[predicate.asks][english].format(
            name=called, least=predicate.least, most=predicate.most, money=f"{whole}.{part:02d}"
        )
    if predicate.how is Joins.NOT:
        inner = sentence(predicate.parts[0], english=english, names=names)
        return f"not ({inner})" if english else f"不符合（{inner}）"
    inside = (_inside(each, english=english, names=names) for each in predicate.parts)
    return _JOINS[predicate.how][english].join(inside)


def _inside(predicate: Predicate, *, english: bool, names: Mapping[str, str] | None) -> str:
    """Say a part; several that are joined stand in brackets."""
    said = sentence(predicate, english=english, names=names)
    if isinstance(predicate, Joined) and predicate.how is not Joins.NOT:
        return f"({said})" if english else f"（{said}）"
    return said
