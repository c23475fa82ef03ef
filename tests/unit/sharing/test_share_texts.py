"""Texts to share: what they say, what they refuse to say, and how long they are."""

import itertools

import pytest
from attrs import evolve

from groupbuy.domain.kernel import Invalid, Money, Refused
from groupbuy.domain.sharing import (
    PHRASES,
    PLACES,
    Channel,
    Counted,
    Inducement,
    Phase,
    ShareFacts,
    Tone,
    clauses,
    letters_of,
    refusals,
    write_copy,
)

CLIENTS = "限时团购！超值商品等你来抢，点击链接即可参与！"
LINK = "https://tuan.example.com/s/cmp_01JC3F8E1PZ7W5N0R4T6Y8B2DM"
PEACH = ShareFacts(
    subject="cmp_1",
    title="阳山水蜜桃 5 斤装",
    price=Money(3_990),
    phase=Phase.SELLING,
    alone=Money(4_990),
    joined=30,
    missing=20,
    seconds=90_000,
    quorum=True,
)
EVERY = list(itertools.product(Phase, Tone, Channel, (False, True)))


def test_the_clients_sentence_is_a_text_and_induces_nobody():
    assert refusals(CLIENTS) == ()
    found = write_copy(PEACH, Channel.CHAT_GROUP, Tone.CLASSIC, LINK)
    assert found.text == (
        f"{CLIENTS}阳山水蜜桃 5 斤装，团购价 ¥39.90（单买 ¥49.90），还差 20 人成团，"
        f"还剩 1 天 1 小时。 {LINK}"
    )


@pytest.mark.parametrize(("phase", "tone", "channel", "english"), EVERY)
def test_every_text_says_the_price_and_fits_and_passes_the_look(phase, tone, channel, english):
    facts = evolve(PEACH, phase=phase, seconds=None if phase is Phase.ON_SALE else 90_000)
    found = write_copy(facts, channel, tone, LINK, english=english)
    assert refusals(found.sentence) == ()
    assert found.letters == letters_of(found.text) <= PLACES[channel].limit
    assert (LINK in found.text) == PLACES[channel].pressable
    for told in clauses(facts, english=english):
        assert told in found.text
    assert "¥39.90" in found.text


def test_a_text_says_what_is_missing_and_how_much_time_is_left():
    assert clauses(PEACH, english=False)[1:] == ("还差 20 人成团", "还剩 1 天 1 小时")
    assert clauses(PEACH, english=True)[1:] == ("20 more buyers needed", "1 d 1 h left")
    formed = evolve(PEACH, missing=0, seconds=59)
    assert clauses(formed, english=False)[1:] == ("已成团，30 人已参团", "马上截止")
    assert clauses(formed, english=True)[1:] == ("formed, 30 joined", "ends now")
    relay = evolve(formed, quorum=False)
    assert clauses(relay, english=False)[1] == "30 人已参团"
    assert clauses(relay, english=True)[1] == "30 joined"
    money = evolve(PEACH, counted=Counted.AMOUNT, missing=50_000, seconds=3_660)
    assert clauses(money, english=False)[1:] == ("还差 ¥500.00成团", "还剩 1 小时 1 分钟")
    one = evolve(PEACH, counted=Counted.UNITS, missing=1)
    assert clauses(one, english=True)[1] == "1 more unit needed"
    assert clauses(evolve(PEACH, missing=0, joined=0), english=False)[1] == "刚刚开团"
    assert clauses(evolve(PEACH, team=3), english=False)[1] == "3 人成团"
    assert clauses(evolve(PEACH, team=3), english=True)[1] == "teams of 3"


def test_where_links_cannot_be_pressed_the_text_tells_to_scan():
    found = write_copy(PEACH, Channel.DOUYIN, Tone.CLASSIC, LINK)
    assert found.text.startswith("限时团购！超值商品等你来抢，扫码即可参与！")
    assert found.link == LINK
    assert LINK not in found.text


def test_a_long_title_is_cut_and_nothing_else():
    found = write_copy(evolve(PEACH, title="桃" * 200), Channel.WEIBO, Tone.CLASSIC, LINK)
    assert found.letters == PLACES[Channel.WEIBO].limit
    assert "桃…，" in found.text
    assert all(told in found.text for told in clauses(PEACH, english=False))


def test_a_link_that_leaves_no_room_is_refused():
    with pytest.raises(Invalid) as refusal:
        write_copy(PEACH, Channel.WEIBO, Tone.CLASSIC, "https://example.com/" + "x" * 200)
    assert refusal.value.facts == {"field": "link", "reason": "is too long for this channel"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("分享到朋友圈，领 5 元红包", Inducement.REWARD),
        ("转发三个群即可免费领一箱", Inducement.REWARD),
        ("轉發給朋友，可以領取優惠券", Inducement.REWARD),
        ("满 10 个积分：邀请好友", Inducement.REWARD),
        ("Share this with 3 friends and win a coupon", Inducement.REWARD),
        ("Earn points when you invite your neighbours", Inducement.REWARD),
        ("帮我砍一刀", Inducement.HELP),
        ("好友助 力，还差一点", Inducement.HELP),
        ("集\u200b赞 38 个", Inducement.HELP),
        ("下单抽奖", Inducement.CHANCE),
        ("ＬＵＣＫＹ ＤＲＡＷ tonight", Inducement.CHANCE),
        ("不转不是邻居", Inducement.PRESSURE),
        ("速转！", Inducement.PRESSURE),
        ("全网最低价", Inducement.SUPERLATIVE),
        ("國家級水蜜桃", Inducement.SUPERLATIVE),
    ],
)
def test_what_induces_people_to_share_is_refused(text, why):
    assert why in {each.why for each in refusals(text)}


@pytest.mark.parametrize("why", Inducement)
def test_every_kind_of_inducement_has_phrases_and_each_is_found(why):
    phrases = dict(PHRASES)[why]
    assert phrases
    for phrase in phrases:
        assert why in {each.why for each in refusals(f"桃子，{phrase}！")}
        assert why in {each.why for each in refusals(" · ".join(phrase))}


@pytest.mark.parametrize(
    "text",
    [
        "喜欢的分享给邻居",
        "买一送一，赠品送完为止",
        "积分可以抵现。收到货再来评价",
        "点击链接即可参与",
        "满 100 减 20",
        "Free delivery. Share the joy of fruit with your family",
        "I like it. The gift box holds six",
        "最后一天",
    ],
)
def test_what_only_tells_of_goods_is_not_refused(text):
    assert refusals(text) == ()


def test_a_title_that_induces_people_to_share_gets_no_text():
    for channel, english in itertools.product(Channel, (False, True)):
        with pytest.raises(Refused) as refusal:
            write_copy(
                evolve(PEACH, title="转发领水蜜桃"), channel, Tone.PLAIN, LINK, english=english
            )
        assert refusal.value.facts == {"rule": "share_text_induces_nobody", "about": "转发领"}
