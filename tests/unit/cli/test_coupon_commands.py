"""`groupbuy coupon` on a shop in memory."""

import json
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from groupbuy.application import coupons
from groupbuy.domain.marketing import Coupon, CouponTemplate
from groupbuy.entrypoints.cli import main
from groupbuy.entrypoints.cli.shell import Shell
from groupbuy.entrypoints.settings import Settings
from tests.support.checked import CheckedShop

WHEN = ("--from", "2020-01-01", "--until", "2036-01-01T00:00+08:00")
OFFER = (
    "--kind", "amount_off", "--title", "满 100 减 20", "--quantity", "5", "--days", "7",
    "--arguments", '{"off": 2000, "reach": 10000}', "--reason", "spring", *WHEN,
)  # fmt: skip


@pytest.fixture
def shop():
    opened = CheckedShop()
    opened.merchant()
    return opened


@pytest.fixture
def groupbuy(shop, monkeypatch):
    monkeypatch.setenv("LC_ALL", "C.UTF-8")

    def run(*args, ends=0):
        app = SimpleNamespace(desk=shop.desk, kit=shop.kit, close=lambda: None)
        shell = Shell(app=app, settings=Settings(), tenant=shop.tenant, actor="usr_operator")
        result = CliRunner().invoke(main, args, obj=shell)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == ends, result.output
        return result

    return run


@pytest.fixture
def offered(shop, groupbuy):
    def offer(*more):
        merchant = shop.merchant_caller().merchant_id
        groupbuy("coupon", "offer", *OFFER, "--merchant", merchant, *more)
        return shop.all(CouponTemplate)[-1]

    return offer


def test_an_offer_is_made_listed_paused_and_ended(shop, groupbuy, offered):
    made = offered("--budget", "6000", "--per-person", "2")
    assert (made.quantity, made.days, made.budget, made.left) == (5, 7, 6_000, 3)
    listed = json.loads(groupbuy("coupon", "list", "--json").stdout)
    (row,) = listed["items"]
    assert (row["id"], row["sentence"], row["left"]) == (made.id, "¥20 off from ¥100", 3)
    for verb, state in (("pause", "paused"), ("resume", "open"), ("end", "ended")):
        groupbuy("coupon", verb, made.id)
        assert shop.get(CouponTemplate, made.id).state == state


def test_a_rehearsal_offers_nothing(shop, groupbuy, offered):
    merchant = shop.merchant_caller().merchant_id
    groupbuy("coupon", "offer", *OFFER, "--merchant", merchant, "--dry-run")
    assert shop.all(CouponTemplate) == []


def test_codes_are_printed_one_a_line_and_work(shop, groupbuy, offered):
    made = offered("--giving", "code")
    codes = groupbuy("coupon", "codes", made.id, "--count", "3").stdout.split()
    assert len(set(codes)) == 3
    assert shop.do(shop.shopper(), coupons.claim_by_code, codes[0]).coupon.template_id == made.id


def test_coupons_are_given_followed_and_revoked(shop, groupbuy, offered):
    made, people = offered("--giving", "staff"), [shop.user().id, shop.user().id]
    given = json.loads(groupbuy("coupon", "give", made.id, *people, "--json").stdout)["items"]
    assert [each["owner_id"] for each in given] == people
    groupbuy("coupon", "revoke", given[0]["id"], "--reason", "by mistake")
    assert shop.get(Coupon, given[0]["id"]).state == "revoked"
    told = json.loads(groupbuy("coupon", "show", made.id, "--json").stdout)
    assert told["items"] == [
        {"state": "claimed", "coupons": 1},
        {"state": "revoked", "coupons": 1},
    ]
    assert (told["claimed"], told["saved"], told["held"]) == (2, 0, 0)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("--arguments", "off=20"), "needs a JSON object"),
        (("--arguments", '{"off": 0}'), "arguments.off"),
        (("--kind", "lottery"), "kind"),
        (("--giving", "rain"), "must be one of open, code, welcome, staff"),
        (("--budget", "1"), "budget"),
    ],
)
def test_what_makes_no_sense_is_told_and_offers_nothing(shop, groupbuy, change, said):
    merchant = shop.merchant_caller().merchant_id
    told = groupbuy("coupon", "offer", *OFFER, "--merchant", merchant, *change, ends=2)
    assert said in told.output
    assert shop.all(CouponTemplate) == []
