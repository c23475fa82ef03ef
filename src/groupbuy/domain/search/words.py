"""Words and tokens: the one tokenizer of every engine.

Texts are cut into single characters and pairs of neighbours, so that nothing depends on a
dictionary of words: a text holds a pair of characters if and only if it has their token. Three
characters and more are looked for by all their pairs and then looked at again, because the pairs
may stand apart. Outside of names, a number or a Latin word is found by how it begins.

Tokens of a kind other than plain pairs begin with a mark that folded text cannot hold.
"""

import re
from collections.abc import Iterable
from enum import StrEnum
from itertools import pairwise

Tokens = frozenset[str]

PREFIX_AT_MOST = 8
"""Characters of a Latin word or a number that its tokens know; the rest is looked at again."""
_RUN = re.compile(r"[0-9]+|[a-z]+|[^0-9a-z]+")
_SAFE = {code: code + 0xFEE0 for code in range(0x21, 0x7F) if not chr(code).isalnum()}
"""Engines part words at ASCII punctuation: tokens hold its full-width twin, which text loses."""
_PART = re.compile(r"[\s\x00-\x20\x7f]")


class Mark(StrEnum):
    """Kinds of tokens. Folding leaves no full-width letter in a text."""

    NAME = "Ｎ"
    """Characters and pairs of the name, brand and categories."""
    WORD = "Ｗ"
    """The beginning of a Latin word or a number anywhere."""
    SYLLABLE = "Ｐ"
    """How one character of a name is read."""
    INITIALS = "Ｉ"
    """The first letters of two neighbours of a name."""
    CATEGORY = "Ｃ"
    BRAND = "Ｂ"
    MERCHANT = "Ｍ"
    BAND = "Ｓ"
    """The price band."""
    RUNNING = "Ｒ"
    """A campaign was published."""
    LISTED = "Ｌ"
    """On every entry that shoppers may find."""


def key_token(mark: Mark, text: str = "") -> str:
    """Return the token of a fact that is compared as a whole, whatever characters it holds."""
    return mark + _PART.sub("_", text).translate(_SAFE)


def all_grams(text: str, mark: str = "") -> set[str]:
    """Return every character and every pair of neighbours of each word of a folded text."""
    found = set[str]()
    for word in text.split():
        safe = word.translate(_SAFE)
        found.update(mark + char for char in safe)
        found.update(mark + a + b for a, b in pairwise(safe))
    return found


def body_tokens(text: str) -> set[str]:
    """Return what any part of a product is found by: grams, but of Latin words the beginnings."""
    found = set[str]()
    for word in text.split():
        runs = _RUN.findall(word)
        for run in runs:
            if _is_word(run):
                most = min(len(run), PREFIX_AT_MOST)
                found.update(Mark.WORD + run[:length] for length in range(1, most + 1))
            else:
                found |= all_grams(run)
        found.update((a[-1] + b[0]).translate(_SAFE) for a, b in pairwise(runs))
    return found


def name_tokens(term: str) -> Tokens:
    """Return what a name that holds a folded term must have."""
    return frozenset(_least(term.translate(_SAFE), Mark.NAME))


def anywhere_tokens(term: str) -> Tokens:
    """Return what a text that holds a folded term must have.

    A term that is one Latin word or number begins a word; in a longer one its first part may end
    one.
    """
    runs = _RUN.findall(term)
    found = {(a[-1] + b[0]).translate(_SAFE) for a, b in pairwise(runs)}
    for number, run in enumerate(runs):
        if not _is_word(run):
            if len(run) > 1 or len(runs) == 1:
                found |= _least(run.translate(_SAFE), "")
        elif number > 0 or len(runs) == 1:
            found.add(Mark.WORD + run[:PREFIX_AT_MOST])
    return frozenset(found)


def over_matches(term: str) -> bool:
    """Tell whether a text may have all tokens of a term without holding it."""
    runs = _RUN.findall(term)
    if len(runs) == 1 and _is_word(term):
        return len(term) > PREFIX_AT_MOST
    return len(term) > 2


def _least(safe: str, mark: str) -> set[str]:
    """Return the fewest grams that say as much as all of them."""
    if len(safe) == 1:
        return {mark + safe}
    return {mark + a + b for a, b in pairwise(safe)}


def _is_word(run: str) -> bool:
    return run.isascii() and run.isalnum()


def joined(tokens: Iterable[str], tag: str) -> str:
    """Return tokens as one text, each behind the tag of its shop, sorted."""
    return " ".join(sorted(tag + token for token in tokens))
