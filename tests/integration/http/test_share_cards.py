"""Pictures to share over HTTP: drawn once, with a code that opens the link."""

import io

import pytest
import zxingcpp
from PIL import Image

from groupbuy.entrypoints.checkup import Health, of_shop
from tests.support.two_shops import two_shops
from tests.support.web import HOST, TENANT


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cards")
    with two_shops(f"sqlite:///{folder / 'shop.db'}", folder) as opened:
        yield opened


@pytest.fixture
def world(both):
    both.restore()
    return both


def get(world, path, **headers):
    return world.shop.client.get(path, headers={"Host": HOST, **headers})


def test_the_picture_of_a_link_opens_that_link(world):
    code, base = world.own.ids["code"], world.shop.app.settings.base_url
    for path in (f"/s/{code}", f"/s/{world.own.ids['selling']}", f"/s/{world.own.ids['product']}"):
        for file in ("card.jpg", "card.en.jpg"):
            answer = get(world, f"{path}/{file}")
            assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
            picture = Image.open(io.BytesIO(answer.content))
            assert [each.text for each in zxingcpp.read_barcodes(picture)] == [base + path]


def test_texts_name_the_picture_of_their_own_link_and_what_is_on_it(world):
    who = world.own.people["shopper"].headers
    path = f"/api/v1/shop/campaigns/{world.own.ids['selling']}/shares"
    key = {"Idempotency-Key": "picture", "Host": HOST}
    copies = world.shop.client.post(path, json={}, headers={**who, **key}).json()["copies"]
    for each in copies:
        assert each["picture"] == f"{each['link']}/card.jpg"
        assert each["picture_alt"].endswith(each["link"])
        assert "水蜜桃团" in each["picture_alt"]


def test_a_picture_is_drawn_once_and_browsers_keep_it(world, monkeypatch):
    drawn = []
    painter = world.shop.app.cards
    draw = type(painter).draw
    monkeypatch.setattr(
        type(painter), "draw", lambda self, card: drawn.append(card) or draw(self, card)
    )
    path = f"/s/{world.own.ids['code']}/card.jpg"
    first = get(world, path)
    assert first.headers["cache-control"] == "public, max-age=300"
    again = get(world, path, **{"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert get(world, path).content == first.content
    assert len(drawn) <= 1


def test_other_files_and_what_is_over_have_no_picture(world):
    ids = world.own.ids
    for path in (f"/s/{ids['code']}/card.svg", f"/s/{ids['campaign']}/card.jpg", "/s/x/card.jpg"):
        assert get(world, path).status_code == 404


def test_the_doctor_says_whether_pictures_can_be_written(world):
    app = world.shop.app
    found = {each.name: each for each in of_shop(app, TENANT, list)}
    assert found["share_font"].health is Health.OK
