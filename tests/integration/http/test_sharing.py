"""Sharing over HTTP: texts for every channel."""

from urllib.parse import parse_qs, urlsplit

import pytest

from groupbuy.domain.sharing import Channel
from tests.support.two_shops import two_shops
from tests.support.web import HOST


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sharing")
    with two_shops(f"sqlite:///{folder / 'shop.db'}", folder) as opened:
        yield opened


@pytest.fixture
def world(both):
    both.restore()
    return both


def get(world, path, language="zh-CN"):
    headers = {"Host": HOST, "Accept-Language": language}
    return world.shop.client.get(f"/api/v1/shop{path}", headers=headers)


def test_anybody_gets_a_text_for_every_channel_in_their_language(world):
    ids = world.own.ids
    body = get(world, f"/campaigns/{ids['selling']}/share").json()
    assert (body["subject"], body["tone"], body["language"]) == (ids["selling"], "classic", "zh-CN")
    assert [each["channel"] for each in body["copies"]] == [channel.value for channel in Channel]
    link = f"{world.shop.app.settings.base_url}/s/{ids['selling']}"
    assert {each["link"] for each in body["copies"]} == {link}
    assert all(each["letters"] <= each["limit"] and each["how"] for each in body["copies"])
    asked = f"/products/{ids['product']}/share?tone=warm&channel=moments"
    english = get(world, asked, "en").json()
    assert (english["language"], len(english["copies"])) == ("en", 1)
    assert english["copies"][0]["text"].startswith("Dear neighbours")


def test_weibo_opens_with_text_and_link_apart(world):
    body = get(world, f"/campaigns/{world.own.ids['selling']}/share?channel=weibo").json()
    found = body["copies"][0]
    asked = parse_qs(urlsplit(found["opens"]).query)
    assert asked["url"] == [found["link"]]
    assert found["text"] == f"{asked['title'][0]} {found['link']}"


def test_another_tone_or_thing_and_what_is_over_are_refused(world):
    ids = world.own.ids
    assert get(world, f"/campaigns/{ids['selling']}/share?tone=loud").status_code == 400
    assert get(world, f"/campaigns/{ids['product']}/share").status_code == 404
    assert get(world, f"/products/{ids['selling']}/share").status_code == 404
    over = get(world, f"/campaigns/{ids['campaign']}/share").json()
    assert (over["code"], over["facts"]["rule"]) == ("refused", "shared_while_it_can_be_joined")


def test_those_who_run_a_campaign_see_what_came_of_sharing_it_as_a_table_too(world):
    ids, client = world.own.ids, world.shop.client
    for who in ("leader", "merchant"):
        path = f"/api/v1/{who}/campaigns/{ids['selling']}/share-funnel"
        headers = {"Host": HOST, **world.own.people[who].headers}
        body = client.get(path, headers=headers).json()
        assert body["total"] == {
            "shown": 0,
            "clicked": 0,
            "registered": 0,
            "joined": 0,
            "paid": 0,
        }
        assert [(row["sharer"], row["channel"]) for row in body["rows"]] == [("何**", "moments")]
        file = client.get(f"{path}.csv", headers=headers)
        assert file.headers["content-type"] == "text/csv; charset=utf-8"
        lines = file.text.removeprefix("\ufeff").splitlines()
        assert lines[0] == "分享人编号,分享人,渠道,展示,点击,注册,参团,支付"
        assert lines[1].endswith(",何**,朋友圈,0,0,0,0,0")
        assert lines[2] == "合计,,,0,0,0,0,0"


def test_anybody_reads_who_takes_part_masked(world):
    answer = get(world, f"/campaigns/{world.own.ids['campaign']}/roll")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    lines = answer.text.splitlines()
    # Of two orders one was refunded as a whole.
    assert lines[:2] == ["【接龙】水蜜桃团", "1. 何** ×1"]
    assert "usr_" not in answer.text
