"""From what somebody typed to ranked matches, each with the places where it matched."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from attrs import evolve, frozen

from groupbuy.application.catalogue.shelf import ShelfItem, Shelved, brand_names, shelved
from groupbuy.application.ports.search import WINDOW, Hit, Letters, Reach, Term, Wanted
from groupbuy.application.steps.indexing import folding_of, tag_of
from groupbuy.application.write_path import Work
from groupbuy.domain.catalogue import Category, Product
from groupbuy.domain.search import (
    BANDS,
    NAME,
    SPELLED,
    Folding,
    Mark,
    Range,
    Tokens,
    anywhere_tokens,
    bands_within,
    excerpt,
    key_token,
    name_tokens,
    over_matches,
    phrase_in,
    points_of,
    ranges_in,
    rank_of,
    spelled_at,
    spellings,
)

TERMS_AT_MOST = 8
TERM_AT_MOST = 60
"""Characters of one word of a query."""
_EVER = 1 << 30
"""Behind the end of every text."""
EXCERPT = 80
"""Characters of a description that are shown around a match."""
MARKED_AT_MOST = 5
"""Attributes of one product that are shown because they match."""


@frozen
class Question:
    """What somebody typed, as words to be found."""

    terms: tuple[Term, ...]
    words: tuple[str, ...]
    """The texts of the terms: folded."""
    tag: str
    folding: Folding
    letters: Letters


class Ranked(NamedTuple):
    """A hit that really matches, and how well."""

    hit: Hit
    rank: int


@frozen
class Marked:
    """A text of a product with the places where it matched."""

    field: str
    """name | brand | category | attribute | description"""
    text: str
    ranges: tuple[Range, ...]
    """In characters of `text`."""


@frozen
class Match:
    """One product that was found."""

    shelved: Shelved
    marks: tuple[Marked, ...]
    in_campaign: bool
    place: int
    """The value it is sorted by."""

    @property
    def id(self) -> str:
        """The product's id."""
        return self.shelved.id


def question_of(work: Work, text: str) -> Question:
    """Return what was typed as words; at most eight different ones count."""
    letters = work.kit.letters
    folding = folding_of(letters)
    words = dict.fromkeys(word[:TERM_AT_MOST] for word in folding.fold(text).split())
    terms = tuple(_term(word, letters) for word in list(words)[:TERMS_AT_MOST])
    return Question(
        terms, tuple(t.text for t in terms), tag_of(work.caller.tenant), folding, letters
    )


def tokens_of_filters(
    category_ids: Sequence[str],
    brand_ids: Sequence[str],
    merchant_id: str,
    prices: tuple[int | None, int | None],
    *,
    in_campaign: bool,
) -> tuple[Tokens, ...]:
    """Return filters as tokens: of each set an entry must have one."""
    bands = bands_within(*prices)
    some = [
        _keys(Mark.CATEGORY, category_ids),
        _keys(Mark.BRAND, brand_ids),
        _keys(Mark.MERCHANT, [merchant_id] if merchant_id else []),
        _keys(Mark.BAND, map(str, bands) if len(bands) < len(BANDS) else []),
        frozenset({key_token(Mark.RUNNING)} if in_campaign else ()),
    ]
    return tuple(filter(None, some))


def ask(work: Work, question: Question, wanted: Wanted) -> list[Ranked]:
    """Return what matches, at most a window and one, each step only if the one before had room.

    Names come first, then whatever is said, then what is read like the letters typed. What one step
    has found the next does not read again.
    """
    index = work.tx.search()
    if not question.terms:
        hits = index.find(wanted, Reach.ANYWHERE) if wanted.each_of else index.newest(wanted)
        return [Ranked(hit, hit.weight) for hit in hits]
    found = dict[str, Ranked]()
    reaches = [Reach.NAME, Reach.ANYWHERE]
    if any(term.spelled for term in question.terms):
        reaches.append(Reach.SPELLED)
    for reach in reaches:
        if len(found) > WINDOW:
            break
        for hit in index.find(evolve(wanted, without=tuple(found)), reach):
            if good := _judged(hit, question, reach):
                found[hit.id] = good
    return list(found.values())


def marked(
    work: Work,
    page: Sequence[tuple[Ranked, int]],
    question: Question,
    tree: Mapping[str, Category],
) -> tuple[Match, ...]:
    """Return what a page shows of matches; each comes with the value it is sorted by."""
    ids = [each.hit.id for each, _ in page]
    items, products = work.of(ShelfItem).find(ids), work.of(Product).find(ids)
    there = [items[key] for key in ids if key in items]
    shown = {each.id: each for each in shelved(work, there, tree, brand_names(work, there))}
    return tuple(
        Match(
            shelved=shown[each.hit.id],
            marks=tuple(_marks(shown[each.hit.id], products.get(each.hit.id), question)),
            in_campaign=bool(each.hit.running),
            place=place,
        )
        for each, place in page
        if each.hit.id in shown
    )


def _term(word: str, letters: Letters) -> Term:
    bare = word.replace("'", "")
    return Term(
        text=word,
        name=name_tokens(word),
        anywhere=anywhere_tokens(word),
        spelled=tuple(spellings(bare, letters.syllables())) if bare.isalpha() else (),
        again=over_matches(word),
    )


def _keys(mark: Mark, texts: Iterable[str]) -> Tokens:
    return frozenset(key_token(mark, text) for text in texts)


def _judged(hit: Hit, question: Question, reach: Reach) -> Ranked | None:
    """Return a hit with its rank; None if it does not match after all."""
    _, _, _, _, weight, running, head, facts_end, story_end, in_rest = hit
    name_end = head.index("\n")
    # What campaigns say that are over is still there and does not count.
    heard = _EVER if running else story_end
    worst = NAME
    for number, term in enumerate(question.terms):
        at = head.find(term.text)
        there = in_rest[number] - 1 if in_rest and at < 0 else -1
        points = points_of(name_end, (at, there if there < heard else -1), (facts_end, story_end))
        if not points and reach is Reach.SPELLED and _is_read(head, term, question):
            points = SPELLED
        if not points:
            return None
        worst = min(worst, points)
    phrase = phrase_in(head[:name_end], question.words) if worst == NAME else 0
    return Ranked(hit, rank_of(worst, phrase, weight))


def _is_read(head: str, term: Term, question: Question) -> bool:
    letters = term.text.replace("'", "")
    return bool(term.spelled and spelled_at(head, letters, question.letters.readings))


def _marks(shown: Shelved, product: Product | None, question: Question) -> Iterator[Marked]:
    """Yield the texts of a product that hold a word of the query, with the places."""
    if not question.terms:
        return
    labels = [("name", shown.item.name), ("brand", shown.brand)]
    labels += [("category", name) for name in shown.category]
    for field, text in labels:
        if ranges := _ranges(text, question, spelled=True):
            yield Marked(field, text, ranges)
    if product is None:
        return
    matched = 0
    for fact in product.attributes:
        text = f"{fact.name} {fact.value}"
        if matched < MARKED_AT_MOST and (ranges := _ranges(text, question)):
            matched += 1
            yield Marked("attribute", text, ranges)
    if ranges := _ranges(product.description, question):
        yield Marked("description", *excerpt(product.description, ranges, EXCERPT))


def _ranges(text: str, question: Question, *, spelled: bool = False) -> tuple[Range, ...]:
    readings = question.letters.readings if spelled else None
    return ranges_in(text, question.words, question.folding, readings)
