"""What every search index promises, as tests for whoever writes a storage.

    class TestMine(SearchContract):
        @pytest.fixture
        def begin(self) -> Begin: ...

`begin` opens units of work on an empty storage.
"""

from datetime import timedelta
from typing import Any

from attrs import evolve

from groupbuy.application.ports.persistence import Begin
from groupbuy.application.ports.search import Hit, Reach, Term, Tokens, Wanted
from groupbuy.domain.catalogue import Stock, Variant
from groupbuy.domain.kernel import Money
from groupbuy.domain.search import (
    Mark,
    Running,
    Said,
    SearchEntry,
    anywhere_tokens,
    entry_of,
    key_token,
    name_tokens,
    over_matches,
    spellings,
    weight_of,
)
from groupbuy.testing.samples import NOON
from groupbuy.testing.storage_steps import MINE, OTHER, added

TAG = "a1f"
_READ = {"土": ("tu",), "鸡": ("ji",), "蛋": ("dan",), "重": ("zhong", "chong")}


def read_as(character: str) -> tuple[str, ...]:
    """Know a handful of characters."""
    return _READ.get(character, ())


def entry(
    key: str,
    name: str,
    *,
    labels: str = "",
    facts: str = "",
    story: str = "",
    minutes: int = 0,
    **more: Any,
) -> SearchEntry:
    """Make an entry of something for sale, made so many minutes after noon."""
    given: dict[str, Any] = {"price": Money(3_990), "listed": True, "category_id": "cat_1"}
    at = NOON + timedelta(minutes=minutes)
    base = SearchEntry(id=key, merchant_id="mch_1", created_at=at, **given | more)
    return entry_of(base, Said(name, labels, facts, story), TAG, read_as)


def wanted(*words: str, **more: Any) -> Wanted:
    """Look for words."""
    syllables = {each for ways in _READ.values() for each in ways}
    terms = tuple(
        Term(
            word,
            name_tokens(word),
            anywhere_tokens(word),
            tuple(spellings(word, syllables)),
            over_matches(word),
        )
        for word in words
    )
    return Wanted(terms=terms, tag=TAG, **more)


def found(begin: Begin, asked: Wanted, reach: Reach = Reach.ANYWHERE) -> list[str]:
    """Return the ids of what is found, in order."""
    return [hit.id for hit in hits(begin, asked, reach)]


def hits(begin: Begin, asked: Wanted, reach: Reach = Reach.ANYWHERE) -> list[Hit]:
    """Return what is found."""
    with begin(MINE, write=False) as tx:
        return tx.search().find(asked, reach)


class SearchContract:
    """Finding, narrowing, forgetting. Needs the fixture `begin`."""

    def test_one_two_and_more_characters_are_found_anywhere(self, begin: Begin) -> None:
        """A word needs no dictionary to be found."""
        added(begin, entry("prd_1", "散养土鸡蛋 30枚", facts="产地 江西赣州", story="每天现捡"))
        for word in ("鸡", "土鸡", "鸡蛋", "养土鸡蛋", "赣州", "江西赣州", "现捡", "30", "0枚"):
            assert found(begin, wanted(word)) == ["prd_1"], word
        for word in ("蛋鸡", "西江", "大闸蟹", "301"):
            assert found(begin, wanted(word)) == [], word

    def test_names_are_found_by_any_part_and_other_texts_by_beginnings(self, begin: Begin) -> None:
        """Latin words and numbers of long texts would match too much by their insides."""
        added(begin, entry("prd_1", "yessing x200s", labels="zenphone 手机", facts="gb18401 2010b"))
        for word in ("ssin", "es", "200s", "phone", "00"):
            assert found(begin, wanted(word), Reach.NAME) == ["prd_1"], word
        for word in ("gb", "gb18401", "18401", "184", "2010", "20", "yes"):
            assert found(begin, wanted(word)) == ["prd_1"], word
        for word in ("8401", "gb2010"):
            assert found(begin, wanted(word)) == [], word

    def test_a_name_is_reached_without_the_rest(self, begin: Begin) -> None:
        """The first step looks at names, brands and categories only."""
        added(begin, entry("prd_1", "土鸡", labels="果园 禽蛋", facts="散养", story="山里"))
        for word, there in (("土鸡", True), ("禽蛋", True), ("散养", False), ("山", False)):
            assert bool(found(begin, wanted(word), Reach.NAME)) is there, word

    def test_all_words_must_be_found(self, begin: Begin) -> None:
        """In whatever order, and whatever place."""
        added(begin, entry("prd_1", "土鸡蛋", facts="江西"), entry("prd_2", "土鸡", facts="安徽"))
        assert found(begin, wanted("江西", "土鸡")) == ["prd_1"]
        assert found(begin, wanted("江西", "安徽")) == []

    def test_what_only_has_all_the_pairs_is_left_out(self, begin: Begin) -> None:
        """Pairs over-match, so long words are looked at again; no room is lost by it."""
        added(
            begin,
            entry("prd_1", "小龙虾尾", minutes=0),
            entry("prd_2", "小龙 龙虾 虾尾", minutes=1),
            entry("prd_3", "x", facts="小龙 龙虾 虾尾", minutes=2),
            entry("prd_4", "x", facts="小龙虾尾", minutes=3),
        )
        for reach, rest in ((Reach.NAME, []), (Reach.ANYWHERE, ["prd_4"])):
            assert found(begin, wanted("小龙虾尾", limit=2), reach) == [*rest, "prd_1"]

    def test_the_newest_come_first_and_no_more_than_asked_for(self, begin: Begin) -> None:
        """A window over very many holds the newest of them."""
        added(begin, *(entry(f"prd_{n}", "棉被", minutes=n) for n in range(5)))
        assert found(begin, wanted("棉", limit=3)) == ["prd_4", "prd_3", "prd_2"]

    def test_what_is_known_already_is_left_out_and_takes_no_room(self, begin: Begin) -> None:
        """A step that goes on where another ended reads nothing twice."""
        added(begin, *(entry(f"prd_{n}", "棉被", minutes=n) for n in range(5)))
        known = ("prd_4", "prd_2", "prd_9")
        for reach in (Reach.NAME, Reach.ANYWHERE):
            asked = wanted("棉", limit=2, without=known)
            assert found(begin, asked, reach) == ["prd_3", "prd_1"]

    def test_a_hit_tells_what_ranks_it(self, begin: Begin) -> None:
        """And where each word stands in the rest of the text, once that is reached."""
        later = NOON + timedelta(hours=1)
        running = (Running("cmp_1", later, "团"),)
        more: dict[str, Any] = {"brand_id": "b", "sold": 7, "running": running}
        added(begin, entry("prd_1", "土鸡蛋", labels="果园", facts="江西", story="现捡", **more))
        (hit,) = hits(begin, wanted("江西", "现捡", "土", now=NOON))
        assert hit == Hit(
            id="prd_1",
            category_id="cat_1",
            brand_id="b",
            price=3_990,
            weight=weight_of(7, NOON),
            running=True,
            head="土鸡蛋\n果园",
            facts_end=2,
            story_end=5,
            in_rest=(1, 4, 0),
        )
        assert [bool(h.running) for h in hits(begin, wanted("土", now=later))] == [False]
        (hit,) = hits(begin, wanted("土"), Reach.NAME)
        assert hit.in_rest == ()

    def test_letters_are_read_as_pinyin(self, begin: Begin) -> None:
        """In full, begun, or by first letters, whichever way a character is read."""
        added(begin, entry("prd_1", "土鸡蛋"), entry("prd_2", "重蛋", minutes=1))
        for letters, there in (
            ("tuji", ["prd_1"]),
            ("tujid", ["prd_1"]),
            ("tjd", ["prd_1"]),
            ("dan", ["prd_2", "prd_1"]),
            ("chongdan", ["prd_2"]),
            ("zhongd", ["prd_2"]),
        ):
            assert found(begin, wanted(letters), Reach.SPELLED) == there, letters
            assert found(begin, wanted(letters)) == []
        assert found(begin, wanted("tuji", "蛋"), Reach.SPELLED) == ["prd_1"]
        assert found(begin, wanted("tuji", "棉"), Reach.SPELLED) == []

    def test_filters_narrow_what_is_found(self, begin: Begin) -> None:
        """Facts as tokens of which one must be there, prices, campaigns."""
        later = NOON + timedelta(hours=1)
        running = (Running("cmp_1", later, "周末团"),)
        added(
            begin,
            entry("prd_1", "棉被", price=Money(1_000), brand_id="brd_1"),
            entry("prd_2", "棉袜", price=Money(2_000), category_id="cat_2", running=running),
        )

        def narrowed(**how: Any) -> list[str]:
            return found(begin, wanted("棉", **how))

        assert narrowed(each_of=(_one(Mark.CATEGORY, "cat_2"),)) == ["prd_2"]
        assert narrowed(each_of=(_one(Mark.CATEGORY, "cat_1", "cat_2"),)) == ["prd_2", "prd_1"]
        assert narrowed(each_of=(_one(Mark.CATEGORY, "cat_2"), _one(Mark.BRAND, "brd_1"))) == []
        assert narrowed(lowest=1_001) == ["prd_2"]
        assert narrowed(highest=1_999) == narrowed(lowest=1_000, highest=1_000) == ["prd_1"]
        assert narrowed(running=True, now=NOON) == found(begin, wanted("周末团")) == ["prd_2"]
        assert narrowed(running=True, now=later) == []
        assert found(begin, wanted(each_of=(_one(Mark.BRAND, "brd_1"),))) == ["prd_1"]

    def test_without_a_word_the_newest_are_there(self, begin: Begin) -> None:
        """By price and campaign."""
        added(begin, *(entry(f"prd_{n}", "棉", minutes=n, price=Money(n + 1)) for n in range(4)))
        added(begin, entry("prd_9", "棉", minutes=9, listed=False))
        with begin(MINE, write=False) as tx:
            newest = tx.search().newest
            assert [hit.id for hit in newest(wanted(limit=2))] == ["prd_3", "prd_2"]
            assert [hit.id for hit in newest(wanted(highest=2))] == ["prd_1", "prd_0"]
            assert newest(wanted(running=True, now=NOON)) == []

    def test_what_is_not_for_sale_is_not_found(self, begin: Begin) -> None:
        """It has no tokens, and comes back with them."""
        added(begin, entry("prd_1", "棉被", listed=False))
        assert found(begin, wanted("棉")) == []
        self._say(begin, "prd_1", "棉被", listed=True)
        assert found(begin, wanted("棉")) == ["prd_1"]
        self._say(begin, "prd_1", "棉被", listed=False)
        assert found(begin, wanted("棉")) == []

    def test_what_is_said_anew_is_found_anew(self, begin: Begin) -> None:
        """And no longer by what was said before; what was not committed is not found."""
        added(begin, entry("prd_1", "棉被"), entry("prd_2", "棉袜", minutes=1))
        self._say(begin, "prd_1", "羽绒被")
        assert found(begin, wanted("羽绒")) == ["prd_1"]
        assert found(begin, wanted("棉")) == ["prd_2"]
        assert found(begin, wanted("被")) == ["prd_1"]
        with begin(MINE) as tx:
            tx.of(SearchEntry).add(entry("prd_3", "羽绒服"))
            assert [hit.id for hit in tx.search().find(wanted("羽绒"), Reach.NAME)] == ["prd_1"]
        assert found(begin, wanted("羽绒")) == ["prd_3", "prd_1"]

    def test_shops_do_not_find_what_others_sell(self, begin: Begin) -> None:
        """Not even where they share a tag and their things share an id."""
        added(begin, entry("prd_1", "棉被"))
        with begin(OTHER) as tx:
            tx.of(SearchEntry).add(entry("prd_1", "棉袜"))
            tx.of(SearchEntry).add(entry("prd_2", "棉衣"))
        assert found(begin, wanted("棉")) == ["prd_1"]
        assert found(begin, wanted("袜")) == found(begin, wanted("衣")) == []
        with begin(OTHER, write=False) as tx:
            assert len(tx.search().find(wanted("棉"), Reach.NAME)) == 2
            assert len(tx.search().newest(wanted())) == 2
            assert tx.search().find(wanted("被"), Reach.NAME) == []

    def test_punctuation_and_quotes_are_characters_like_others(self, begin: Begin) -> None:
        """Nothing anybody types is a command."""
        name = '5.5寸 "特价" a*b-c (新) or not {x,y} \\ 100%'
        added(begin, entry("prd_1", name))
        for word in ('"特', "5.5寸", "a*b", "*", "-c", "(新)", "or", "not", "{x,y}", "\\", "0%"):
            assert found(begin, wanted(word), Reach.NAME) == ["prd_1"], word
        for word in ("a*c", "near", "特*", '""', "%"):
            assert found(begin, wanted(word), Reach.NAME) == (["prd_1"] if word == "%" else [])

    def test_goods_in_hand_are_looked_up_as_they_are(self, begin: Begin) -> None:
        """Of any variant."""
        for number, left in enumerate((0, 3, 0)):
            variant = Variant(f"sku_{number}", f"prd_{number // 2}", "m", f"{number}", "", Money(1))
            added(begin, variant, Stock(variant.id, available=left))
        with begin(MINE, write=False) as tx:
            assert tx.search().stocked(["prd_0", "prd_1", "prd_x"]) == {"prd_0"}
            assert tx.search().stocked([]) == set()

    def _say(self, begin: Begin, key: str, name: str, *, listed: bool = True) -> None:
        with begin(MINE) as tx:
            known = tx.of(SearchEntry).get(key)
            base = evolve(known, listed=listed)
            tx.of(SearchEntry).save(entry_of(base, Said(name, "", "", ""), TAG, read_as))


def _one(mark: Mark, *keys: str) -> Tokens:
    return frozenset(key_token(mark, key) for key in keys)
