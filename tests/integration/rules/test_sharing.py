"""Sharing on every engine: what texts say of campaigns and products at a moment."""

from datetime import timedelta

import pytest

from groupbuy.application import sharing
from groupbuy.domain.campaigns import Measure, Mode, Quorum
from groupbuy.domain.kernel import NotFound, Refused
from groupbuy.domain.sharing import Channel, Phase, Tone
from tests.support.shelf import create, put_category

BASE = "https://tuan.example.com"


@pytest.fixture
def peach(shop):
    shop.merchant()
    return create(shop, put_category(shop, "水果"), 1)


def texts(shop, subject, **wish):
    asked = sharing.ShareWish(subject, BASE, **wish)
    return shop.desk.read(shop.caller(""), lambda work: sharing.share_texts(work, asked))


def text(shop, subject, **wish):
    told = texts(shop, subject, channels=(Channel.CHAT_GROUP,), tone=Tone.PLAIN, **wish)
    return told.copies[0].text


def campaign(shop, peach, quorum=3, **more):
    return shop.campaign(peach.variants[0], quorum=Quorum(Measure.BUYERS, quorum), **more)


def test_a_campaign_is_told_of_with_its_price_what_is_missing_and_the_time_left(shop, peach):
    sold = campaign(shop, peach, ends_at=shop.clock.at + timedelta(hours=30))
    shop.join_and_pay(sold, 2)
    shop.clock.at = sold.ends_at - timedelta(hours=5, minutes=3)
    told = texts(shop, sold.id)
    assert (told.facts.phase, told.facts.missing, told.facts.joined) == (Phase.SELLING, 1, 2)
    assert [each.channel for each in told.copies] == list(Channel)
    said = text(shop, sold.id)
    assert f"{sold.title}：团购价 ¥" in said
    assert said.endswith(f"还差 1 人成团，还剩 5 小时 3 分钟。 {BASE}/s/{sold.id}")
    assert "1 more buyer needed, 5 h 3 min left" in text(shop, sold.id, english=True)


def test_an_unpaid_seat_is_nobody_and_a_formed_group_says_so(shop, peach):
    sold = campaign(shop, peach, 2)
    shop.join(sold)
    assert texts(shop, sold.id).facts.missing == 2
    shop.join_and_pay(sold, 2)
    shop.work_off()
    assert "已成团，2 人已参团" in text(shop, sold.id)


def test_what_has_ended_or_is_a_draft_is_not_shared(shop, peach):
    sold = campaign(shop, peach, 1, ends_at=shop.clock.at + timedelta(hours=2))
    shop.join_and_pay(sold, 1)
    shop.pass_time(hours=3)
    with pytest.raises(Refused) as refusal:
        texts(shop, sold.id)
    assert refusal.value.rule == "shared_while_it_can_be_joined"
    for missing in ("cmp_none", "prd_none", "usr_none", "", "nothing"):
        with pytest.raises(NotFound):
            texts(shop, missing)


def test_a_product_is_told_of_with_the_campaign_that_sells_it(shop, peach):
    plain = texts(shop, peach.id)
    assert (plain.facts.phase, plain.facts.seconds) == (Phase.ON_SALE, None)
    assert f"{peach.product.name}：售价 " in text(shop, peach.id)
    sold = campaign(shop, peach, 4)
    shop.join_and_pay(sold, 1)
    told = texts(shop, peach.id)
    assert (told.facts.subject, told.facts.title) == (peach.id, peach.product.name)
    assert (told.facts.phase, told.facts.missing) == (Phase.SELLING, 3)
    assert text(shop, peach.id).endswith(f"{BASE}/s/{peach.id}")


def test_a_relay_misses_nobody(shop, peach):
    relay = shop.campaign(peach.variants[0], mode=Mode.RELAY, quorum=None)
    assert texts(shop, relay.id).facts.missing == 0
    assert "刚刚开团" in text(shop, relay.id)
