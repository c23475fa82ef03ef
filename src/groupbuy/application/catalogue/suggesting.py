"""What somebody may be about to type: names of products, brands and categories."""

from collections.abc import Iterator, Mapping

from attrs import frozen

from groupbuy.application.catalogue.matching import Question, Ranked, ask, question_of
from groupbuy.application.catalogue.shelf import ShelfItem, category_tree, path_of
from groupbuy.application.ports.search import Wanted
from groupbuy.application.write_path import Work
from groupbuy.domain.catalogue import Brand, Category
from groupbuy.domain.search import Range, ranges_in

SUGGESTED_AT_MOST = 10
_LOOKED_AT = 200
"""Products whose names are looked at."""


@frozen
class Suggestion:
    """A text that would find something."""

    text: str
    kind: str
    """category | brand | product"""
    id: str
    ranges: tuple[Range, ...]
    """Where it agrees with what was typed."""


def suggest(work: Work, text: str, limit: int = SUGGESTED_AT_MOST) -> list[Suggestion]:
    """Return what begins or holds what was typed: categories and brands first, each text once.

    What people typed before is not kept, so nothing here can tell of anybody.
    """
    question = question_of(work, text)
    if not question.terms:
        return []
    wanted = Wanted(terms=question.terms, tag=question.tag, now=work.now(), limit=_LOOKED_AT)
    found = sorted(ask(work, question, wanted), key=lambda each: (-each.rank, each.hit.id))
    once = dict[str, Suggestion]()
    for each in _texts(work, found[:_LOOKED_AT], question):
        once.setdefault(each.text, each)
        if len(once) == limit:
            break
    return list(once.values())


def _texts(work: Work, found: list[Ranked], question: Question) -> Iterator[Suggestion]:
    tree = {category.id: category for category in category_tree(work)}
    brands = work.of(Brand).find({e.hit.brand_id for e in found if e.hit.brand_id})
    for category_id in dict.fromkeys(each.hit.category_id for each in found):
        for step in path_of(category_id, tree):
            yield from _agreeing("category", step, question)
    for brand_id in dict.fromkeys(each.hit.brand_id or "" for each in found):
        if brand_id in brands:
            yield from _agreeing("brand", brands[brand_id], question)
    items: Mapping[str, ShelfItem] = work.of(ShelfItem).find(each.hit.id for each in found)
    for each in found:
        item = items.get(each.hit.id)
        if item is not None:
            yield from _agreeing("product", item, question)


def _agreeing(
    kind: str, thing: Category | Brand | ShelfItem, question: Question
) -> Iterator[Suggestion]:
    readings = question.letters.readings
    each_agrees = [
        ranges_in(thing.name, (word,), question.folding, readings) for word in question.words
    ]
    if all(each_agrees):
        ranges = ranges_in(thing.name, question.words, question.folding, readings)
        yield Suggestion(thing.name, kind, thing.id, ranges)
