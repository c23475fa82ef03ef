"""Kinds declare what they ask for, refuse what makes no sense, and speak two languages."""

from datetime import UTC, datetime

import pytest

from groupbuy.domain.kernel import Invalid
from groupbuy.domain.marketing import (
    KINDS,
    Layer,
    Shape,
    Unmet,
    form_of,
    promotion_of,
    read,
    write_arguments,
    written,
)
from groupbuy.domain.marketing.words import REASONS, money, percent, tenths

GOOD = {
    "special_price": {"tags": [{"sku_id": "a", "price": 990}], "share_bp": 9_500},
    "trial_price": {"tags": [{"sku_id": "a", "price": 100}], "units": 1},
    "spend_threshold": {
        "steps": [{"reach": 10_000, "off": 2_000}, {"reach": 20_000, "off": 5_000}]
    },
    "bundle": {"pieces": [{"sku_id": "a", "units": 2}, {"sku_id": "b"}], "price": 5_900},
    "nth_item": {"nth": 2, "share_bp": 5_000},
    "gift": {"reach": 9_900, "sku_id": "mug", "value": 500},
    "amount_off": {"off": 2_000, "reach": 10_000},
    "percent_off": {"off_bp": 1_500, "cap": 3_000, "reach": 5_000},
    "exchange": {"sku_id": "a"},
    "freight_off": {"reach": 5_900},
}
SENTENCES = {
    "special_price": ("专享价 ¥9.90 起，团购价 9.5 折", "special price from ¥9.90, 5 % off"),
    "trial_price": ("新人首团价 ¥1 起，每种限 1 件", "trial price from ¥1, 1 of each"),
    "spend_threshold": (
        "满 ¥100 减 ¥20；满 ¥200 减 ¥50，可与会员价同用",
        "¥20 off from ¥100; ¥50 off from ¥200, together with member prices",
    ),
    "bundle": (
        "组合价 ¥59（3 件），可与会员价同用",
        "3 units together ¥59, together with member prices",
    ),
    "nth_item": (
        "第 2 件 5 折，可与会员价同用",
        "every 2. unit at 50 %, together with member prices",
    ),
    "gift": (
        "满 ¥99送赠品 1 件（单件价值 ¥5），送完为止",
        "a gift worth ¥5 from ¥99, while they last",
    ),
    "amount_off": ("满 ¥100 减 ¥20", "¥20 off from ¥100"),
    "percent_off": (
        "满 ¥50 可用，8.5 折，最多减 ¥30",
        "15 % off from ¥50, at most ¥30",
    ),
    "exchange": ("兑换 1 件", "1 for nothing"),
    "freight_off": ("满 ¥59 免运费", "free freight from ¥59"),
}
STEPS = [{"reach": 10_000, "off": 2_000}]


def made(kind, arguments, **more):
    return promotion_of({"id": "1", "title": "优惠", "kind": kind, "arguments": arguments, **more})


def test_every_kind_is_tried_here():
    assert GOOD.keys() == SENTENCES.keys() == KINDS.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_says_itself_in_both_languages(kind):
    promotion = made(kind, GOOD[kind])
    assert (promotion.sentence(), promotion.sentence(english=True)) == SENTENCES[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_written_is_read_again_the_same(kind):
    on = {
        "starts_at": datetime(2026, 11, 2, tzinfo=UTC).isoformat(),
        "weekdays": [0, 6],
        "segments": ["seg_b", "seg_a"],
        "first_order": True,
    }
    promotion = made(kind, GOOD[kind], conditions=on, eligible={"products": ["p"]}, payer="leader")
    assert read(written(promotion)) == promotion
    assert written(read(written(promotion))) == written(promotion)
    assert (
        write_arguments(promotion.terms).items()
        >= {
            name: value for name, value in GOOD[kind].items() if not isinstance(value, list)
        }.items()
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_draws_its_own_form(kind):
    form = form_of(KINDS[kind])
    assert {field.name for field in form if field.required} <= GOOD[kind].keys()
    assert all(field.zh and field.en for field in form)
    assert all(field.rows for field in form if field.shape is Shape.ROWS)
    assert all(field.choices for field in form if field.shape is Shape.CHOICE)


@pytest.mark.parametrize(
    ("kind", "arguments", "field"),
    [
        ("spend_threshold", {}, "arguments.steps"),
        ("spend_threshold", {"steps": []}, "arguments.steps"),
        ("spend_threshold", {"steps": "x"}, "arguments.steps"),
        ("spend_threshold", {"steps": [7]}, "arguments.steps.0"),
        ("spend_threshold", {"steps": [{"reach": 100}]}, "arguments.steps.0.off"),
        ("spend_threshold", {"steps": [{"reach": 100, "off": 0}]}, "arguments.steps.0.off"),
        ("spend_threshold", {"steps": [{"reach": 100, "off": 1.5}]}, "arguments.steps.0.off"),
        ("spend_threshold", {"steps": [{"reach": 100, "off": True}]}, "arguments.steps.0.off"),
        ("spend_threshold", {"steps": [{"reach": 100, "off": 100}]}, "arguments.steps"),
        ("spend_threshold", {"steps": [*STEPS, *STEPS]}, "arguments.steps"),
        ("spend_threshold", {"steps": STEPS * 21}, "arguments.steps"),
        ("spend_threshold", {"steps": STEPS, "counts": "weight"}, "arguments.counts"),
        ("spend_threshold", {"steps": STEPS, "repeats": "yes"}, "arguments.repeats"),
        ("spend_threshold", {"steps": STEPS, "colour": 1}, "arguments.colour"),
        (
            "spend_threshold",
            {"steps": [*STEPS, {"reach": 20_000, "off": 3_000}], "repeats": True},
            "arguments.repeats",
        ),
        ("bundle", {"pieces": [{"sku_id": "a"}], "price": 1}, "arguments.pieces"),
        ("bundle", {"pieces": [{"sku_id": "a"}] * 2, "price": 1}, "arguments.pieces"),
        ("nth_item", {"nth": 1, "share_bp": 0}, "arguments.nth"),
        ("nth_item", {"nth": 2, "share_bp": 10_000}, "arguments.share_bp"),
        ("special_price", {}, "arguments.share_bp"),
        ("special_price", {"tags": [{"sku_id": "a", "price": 0}]}, "arguments.tags.0.price"),
        ("special_price", {"tags": [{"sku_id": "a", "price": 1}] * 2}, "arguments.tags"),
        ("trial_price", {"tags": [{"sku_id": "a", "price": 1}] * 2}, "arguments.tags"),
        ("exchange", {"sku_id": "x" * 65}, "arguments.sku_id"),
        ("exchange", {"sku_id": 7}, "arguments.sku_id"),
        ("percent_off", {"off_bp": 10_001, "cap": 1}, "arguments.off_bp"),
        ("amount_off", {"off": 10**10 + 1}, "arguments.off"),
        ("gift", {**GOOD["gift"], "when_gone": "substitute"}, "arguments.substitute"),
        ("gift", {**GOOD["gift"], "when_gone": "points"}, "arguments.points"),
        ("gift", {**GOOD["gift"], "points": 5}, "arguments.points"),
        ("lottery", {}, "kind"),
    ],
)
def test_arguments_that_make_no_sense_are_refused_by_name(kind, arguments, field):
    with pytest.raises(Invalid) as error:
        made(kind, arguments)
    assert error.value.field == field


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"title": " "}, "title"),
        ({"priority": -1}, "priority"),
        ({"payer": "somebody"}, "payer"),
        ({"basis": "full_moon"}, "basis"),
        ({"conditions": {"moon": "full"}}, "conditions.moon"),
        ({"conditions": {"starts_at": "yesterday"}}, "conditions.starts_at"),
        ({"conditions": {"starts_at": "2026-11-02T00:00:00"}}, "conditions.starts_at"),
        ({"conditions": {"weekdays": [7]}}, "conditions.weekdays"),
        ({"conditions": {"from_minute": 1_440}}, "conditions.from_minute"),
        (
            {
                "conditions": {
                    "starts_at": "2026-11-02T00:00:00+08:00",
                    "ends_at": "2026-11-01T16:00:00+00:00",
                }
            },
            "conditions.ends_at",
        ),
        ({"eligible": {"brands": ["b"]}}, "eligible.brands"),
    ],
)
def test_a_promotion_that_makes_no_sense_is_refused_by_name(more, field):
    with pytest.raises(Invalid) as error:
        made("amount_off", {"off": 1}, **more)
    assert error.value.field == field


def test_rules_are_named_by_what_they_are():
    assert made("amount_off", {"off": 1}).rule == "coupon:1"
    assert made("spend_threshold", GOOD["spend_threshold"]).rule == "promotion:1"
    assert {made(kind, GOOD[kind]).layer for kind in KINDS} == set(Layer) - {Layer.POINTS}


def test_every_reason_is_said_in_both_languages():
    for code, (zh, en) in REASONS.items():
        said = Unmet(code, 1_250)
        assert said.text() == zh.format(missing="¥12.50", count=1_250)
        assert said.text(english=True) == en.format(missing="¥12.50", count=1_250)


def test_amounts_and_shares_are_written_without_a_rounding():
    assert [money(0), money(5), money(1_990, "USD")] == ["¥0", "¥0.05", "$19.90"]
    assert [tenths(8_500), tenths(8_000), tenths(8_888)] == ["8.5", "8", "8.888"]
    assert [percent(1_500), percent(1_250), percent(5)] == ["15", "12.5", "0.05"]
