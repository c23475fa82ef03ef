"""Pictures to share by their structure: the code is read, the words lie in their rooms."""

import io
from datetime import UTC, datetime

import pytest
import zxingcpp
from attrs import evolve
from PIL import Image, ImageChops, ImageDraw

from groupbuy.adapters.share_card_pillow import PillowCards
from groupbuy.application.ports.share_card import HEIGHT, WIDTH, Card, Frame
from groupbuy.domain.kernel import Money, Refused, Unavailable
from groupbuy.domain.sharing import Phase, ShareFacts, card_words

LINK = "https://tuan.example.com/s/7k2m9xqv3c5h"
CARD = Card(
    title="阳山水蜜桃 5 斤装",
    price="¥39.90 起",
    facts=("单买 ¥49.90", "11 月 5 日 20:00 截止", "不成团，全额退款"),
    scan="扫码看看",
    site="社群团购",
    link=LINK,
)
LONG = evolve(
    CARD,
    title="特级阳山水蜜桃礼盒装顺丰包邮坏果包赔" * 4,
    price="¥1234567890123.45 起" * 3,
    facts=tuple("一个很长很长很长很长很长很长很长的说明" for _ in range(9)),
    scan="扫码看看" * 20,
    site="社群团购" * 20,
    link="https://tuan.example.com/shop/of/somebody/with/a/long/address/s/7k2m9xqv3c5h",
)
FRUIT = io.BytesIO()
Image.new("RGB", (900, 700), "#e11d48").save(FRUIT, format="WEBP")
CARDS = {
    "plain": CARD,
    "long": LONG,
    "english": evolve(CARD, title="Peaches of Yangshan, 5 catties, a gift box", scan="Scan"),
    "odd": evolve(CARD, title="桃子😀\u200b鱻\u202e完", price="¥1.00"),
    "empty": evolve(CARD, title="", facts=(), site=""),
    "goods": evolve(CARD, picture=FRUIT.getvalue()),
    "no picture": evolve(CARD, picture=b"<svg onload=alert(1)>"),
}


@pytest.fixture(scope="module")
def painter():
    return PillowCards()


def opened(made):
    return Image.open(io.BytesIO(made.data))


@pytest.mark.parametrize("name", CARDS)
def test_the_code_opens_the_link_for_whoever_scans_it(painter, name):
    made = painter.draw(CARDS[name])
    picture = opened(made)
    assert (picture.format, picture.size) == ("JPEG", (WIDTH, HEIGHT))
    assert [each.text for each in zxingcpp.read_barcodes(picture)] == [CARDS[name].link]
    half = picture.resize((WIDTH // 2, HEIGHT // 2))
    assert [each.text for each in zxingcpp.read_barcodes(half)] == [CARDS[name].link]


@pytest.mark.parametrize("name", CARDS)
def test_everything_lies_in_its_room_and_no_two_rooms_meet(painter, name):
    laid = painter.draw(CARDS[name]).laid
    sheet = Frame(0, 0, WIDTH, HEIGHT)
    for each in laid:
        assert sheet.holds(each.room)
        assert each.room.holds(each.ink), each
    apart = [each.room for each in laid if each.name not in {"picture", "site"}]
    assert [
        (one, other) for i, one in enumerate(apart) for other in apart[:i] if one.meets(other)
    ] == []


@pytest.mark.parametrize("name", CARDS)
def test_there_is_no_ink_but_where_it_is_said_to_be(painter, name):
    made = painter.draw(CARDS[name])
    picture = opened(made).convert("L")
    rest = ImageDraw.Draw(picture)
    for each in made.laid:
        # Lossy pictures have soft edges of some pixels.
        left, top, right, bottom = (each.ink.left, each.ink.top, each.ink.right, each.ink.bottom)
        rest.rectangle((left - 8, top - 8, right + 8, bottom + 8), fill=255)
    white = Image.new("L", picture.size, 255)
    assert max(ImageChops.difference(picture, white).getextrema()) < 24


@pytest.mark.parametrize("name", ["plain", "goods"])
def test_words_have_ink(painter, name):
    made = painter.draw(CARDS[name])
    picture = opened(made).convert("L")
    for each in made.laid:
        if each.text:
            ink = (each.ink.left, each.ink.top, each.ink.right, each.ink.bottom)
            darkest, lightest = picture.crop(ink).getextrema()
            assert lightest - darkest > 80, each


def test_what_is_too_long_is_cut_and_says_so(painter):
    laid = painter.draw(LONG).laid
    texts = {each.name: each.text for each in laid if each.name != "fact"}
    assert texts["price"].endswith("…")
    assert texts["title"].endswith("…")
    assert sum(each.name == "title" for each in laid) == 2
    assert sum(each.name == "fact" for each in laid) == 4


def test_letters_the_font_lacks_are_left_out_and_rare_ones_are_there(painter):
    title = next(each.text for each in painter.draw(CARDS["odd"]).laid if each.name == "title")
    assert title == "桃子鱻完"


def test_the_same_card_is_the_same_picture(painter):
    assert painter.draw(CARD).data == PillowCards().draw(CARD).data
    assert painter.draw(CARD).data != painter.draw(evolve(CARD, price="¥39.80")).data


def test_without_a_font_for_chinese_nothing_is_drawn_and_somebody_is_told(tmp_path):
    broken = tmp_path / "broken.otf"
    broken.write_bytes(b"no font")
    for font in (str(broken), str(tmp_path / "missing.otf")):
        painter = PillowCards(font)
        assert "cannot be opened" in painter.findings()[0]
        with pytest.raises(Unavailable):
            painter.draw(CARD)
    assert PillowCards().findings() == []


def test_a_picture_says_what_stays_true_and_an_alternative_text_says_all():
    at = datetime(2026, 11, 5, 20, tzinfo=UTC)
    facts = ShareFacts(
        subject="cmp_1",
        title="阳山水蜜桃",
        price=Money(3_990),
        phase=Phase.SELLING,
        dearer=True,
        alone=Money(4_990),
        missing=20,
        seconds=90,
        at=at,
        quorum=True,
    )
    words = card_words(facts, LINK)
    assert (words.price, words.facts) == (
        "¥39.90 起",
        ("单买 ¥49.90", "11 月 5 日 20:00 截止", "不成团，全额退款"),
    )
    assert words.alt == (
        "阳山水蜜桃：¥39.90 起，单买 ¥49.90，11 月 5 日 20:00 截止，不成团，全额退款。"
        f"图中二维码打开 {LINK}"
    )
    english = card_words(evolve(facts, phase=Phase.COMING), LINK, english=True)
    assert english.facts == ("¥49.90 alone", "begins 2026-11-05 20:00", "no group: all money back")
    assert "20" not in "".join(card_words(evolve(facts, at=None), LINK).facts)
    with pytest.raises(Refused):
        card_words(evolve(facts, title="转发领水蜜桃"), LINK)
