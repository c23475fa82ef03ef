"""Where words stand in the text that somebody wrote, as ranges."""

from collections.abc import Iterator, Sequence

from groupbuy.domain.search.folding import Folding
from groupbuy.domain.search.spelling import Readings, spelled_at

Range = tuple[int, int]
"""[start, end) in characters (code points) of the original text."""


def ranges_in(
    text: str, terms: Sequence[str], folding: Folding, readings: Readings | None = None
) -> tuple[Range, ...]:
    """Return where folded terms stand in a text, in order and without overlaps.

    With `readings`, a term that stands nowhere is looked for as pinyin.
    """
    letters = readings is not None and any(_are_letters(term) for term in terms)
    plain = folding.fold(text)
    if not letters and not any(term in plain for term in terms):
        return ()
    folded, places = folding.trace(text)
    found = list[Range]()
    for term in terms:
        here = list(_all(folded, term))
        if not here and readings is not None and _are_letters(term):
            spelled = spelled_at(folded, term.replace("'", ""), readings)
            here = [spelled] if spelled else []
        found += [(places[start], places[end - 1] + 1) for start, end in here]
    return tuple(_merged(sorted(found)))


def excerpt(text: str, ranges: Sequence[Range], length: int) -> tuple[str, tuple[Range, ...]]:
    """Return a part of a text around its first range, and the ranges that lie in that part."""
    first = ranges[0][0] if ranges else 0
    start = max(0, min(first - length // 4, len(text) - length))
    end = start + length
    kept = [(a - start, min(b, end) - start) for a, b in ranges if start <= a < end]
    return text[start:end], tuple(kept)


def _are_letters(term: str) -> bool:
    return term.isascii() and term.replace("'", "").isalpha()


def _all(text: str, term: str) -> Iterator[Range]:
    at = text.find(term) if term else -1
    while at >= 0:
        yield at, at + len(term)
        at = text.find(term, at + 1)


def _merged(ranges: Sequence[Range]) -> Iterator[Range]:
    last: Range | None = None
    for start, end in ranges:
        if last is not None and start <= last[1]:
            last = last[0], max(last[1], end)
            continue
        if last is not None:
            yield last
        last = start, end
    if last is not None:
        yield last
