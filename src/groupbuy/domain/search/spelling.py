"""Pinyin: Chinese found by how it is read, in full or by first letters."""

from collections.abc import Callable, Collection, Iterator
from itertools import pairwise, product

from groupbuy.domain.search.words import Mark, Tokens

Readings = Callable[[str], tuple[str, ...]]
"""How a character is read, without tones; nothing for what is not Chinese."""

SPELLINGS_AT_MOST = 8
"""Ways to cut typed letters into syllables that are tried."""
LONGEST = 6
"""Letters of the longest syllable."""
SHORTEST = 2
"""Letters somebody types before they are taken for pinyin."""


def spelled_tokens(text: str, readings: Readings) -> set[str]:
    """Return what the characters of a folded text are found by when they are spelled."""
    read = [readings(char) for char in text]
    found = {Mark.SYLLABLE + each for ways in read for each in ways}
    for here, there in pairwise(read):
        found.update(Mark.INITIALS + a[0] + b[0] for a, b in product(here, there))
    return found


def spellings(letters: str, syllables: Collection[str]) -> list[Tokens]:
    """Return the ways to read letters as pinyin, each as the tokens of a text that holds it.

    The last syllable may be unfinished. Letters that begin syllables may stand for them.
    """
    if len(letters) < SHORTEST or not (letters.isascii() and letters.isalpha()):
        return []
    ways = list[Tokens]()
    for cut in _cuts(letters, syllables):
        whole = cut if cut[-1] in syllables else cut[:-1]
        found = {Mark.SYLLABLE + each for each in whole}
        found.update(Mark.INITIALS + a[0] + b[0] for a, b in pairwise(cut))
        if found:
            ways.append(frozenset(found))
        if len(ways) == SPELLINGS_AT_MOST:
            break
    firsts = {each[0] for each in syllables}
    if firsts.issuperset(letters):
        ways.append(frozenset(Mark.INITIALS + a + b for a, b in pairwise(letters)))
    return list(dict.fromkeys(ways))


def spelled_at(text: str, letters: str, readings: Readings) -> tuple[int, int] | None:
    """Return where a folded text is first read like these letters, as [start, end)."""
    for start, char in enumerate(text):
        # Most characters do not even begin like that.
        if not any(reading[0] == letters[0] for reading in readings(char)):
            continue
        end = _read_until(text, start, letters, readings)
        if end is not None:
            return start, end
    return None


def _cuts(letters: str, syllables: Collection[str]) -> Iterator[tuple[str, ...]]:
    """Yield the ways to cut letters into syllables, longest first; the last may be unfinished."""
    end = len(letters)
    leads = {end: [""]}
    """What may come next from a place, where the rest can be cut too."""
    for place in range(end - 1, -1, -1):
        pieces = [letters[place : place + length] for length in range(LONGEST, 0, -1)]
        good = [each for each in pieces if each in syllables and leads.get(place + len(each))]
        tail = letters[place:]
        if tail not in good and any(each.startswith(tail) for each in syllables):
            good.insert(0, tail)
        leads[place] = list(dict.fromkeys(good))

    def onward(place: int, done: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        if place == end:
            yield done
            return
        for each in leads[place]:
            yield from onward(place + len(each), (*done, each))

    yield from onward(0, ())


def _read_until(text: str, start: int, letters: str, readings: Readings) -> int | None:
    """Follow the letters through the text, each character read in full or by its first letter."""
    heard = {0}
    """How many letters may have been spoken so far."""
    for place in range(start, len(text)):
        after = set[int]()
        for reading in readings(text[place]):
            for spoken in heard:
                if reading.startswith(letters[spoken:]):
                    return place + 1
                for said in (reading, reading[0]):
                    if letters.startswith(said, spoken):
                        after.add(spoken + len(said))
        if not after:
            return None
        heard = after
    return None
