"""What is searched and how words are found in it. Import from here."""

from groupbuy.domain.search.entry import (
    BANDS,
    Running,
    Said,
    SearchEntry,
    band_of,
    bands_within,
    entry_of,
)
from groupbuy.domain.search.folding import Folding
from groupbuy.domain.search.highlights import Range, excerpt, ranges_in
from groupbuy.domain.search.ranking import (
    NAME,
    SPELLED,
    phrase_in,
    points_of,
    rank_of,
    seconds_in,
    units_in,
    weight_of,
)
from groupbuy.domain.search.spelling import spelled_at, spelled_tokens, spellings
from groupbuy.domain.search.words import (
    Mark,
    Tokens,
    all_grams,
    anywhere_tokens,
    key_token,
    name_tokens,
    over_matches,
)

__all__ = [
    "BANDS",
    "NAME",
    "SPELLED",
    "Folding",
    "Mark",
    "Range",
    "Running",
    "Said",
    "SearchEntry",
    "Tokens",
    "all_grams",
    "anywhere_tokens",
    "band_of",
    "bands_within",
    "entry_of",
    "excerpt",
    "key_token",
    "name_tokens",
    "over_matches",
    "phrase_in",
    "points_of",
    "ranges_in",
    "rank_of",
    "seconds_in",
    "spelled_at",
    "spelled_tokens",
    "spellings",
    "units_in",
    "weight_of",
]
