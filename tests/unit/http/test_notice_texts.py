"""What notices say: every one that a use case tells says it in both languages, facts filled in."""

import ast
import re
from string import Formatter

import pytest

from groupbuy.domain.campaigns import GroupState
from groupbuy.domain.logistics import Trouble
from groupbuy.domain.ordering import CloseReason
from groupbuy.domain.payouts import PayoutState
from groupbuy.entrypoints.http.notice_texts import NOTICES, notice_in
from tests.support.source import modules, tree

LOST = [GroupState.FAILED, GroupState.CANCELLED]
TILLS = ["withdrawal", "merchant_payout"]
ENDS = [PayoutState.PAID, PayoutState.FAILED, PayoutState.AWAITING_USER]
MADE = {
    "order.{reason.value}": [f"order.{each}" for each in CloseReason],
    "order.{why.value}": [f"order.{each}" for each in CloseReason],
    "order.parcel_{kind}": [f"order.parcel_{each}" for each in Trouble],
    "parcel.{kind}": [f"parcel.{each}" for each in Trouble],
    "group.{after.state.value}": [f"group.{each}" for each in LOST],
    "{till.name}.{after.state.value}": [f"{till}.{end}" for till in TILLS for end in ENDS],
    "{till.name}.on_hold.{after.version}": [f"{till}.on_hold" for till in TILLS],
    "{till.name}.cancelled": [f"{till}.cancelled" for till in TILLS],
    "{till.name}.needs_operator": [f"{till}.needs_operator" for till in TILLS],
    "{till.name}.contradicted.{said.value}": [f"{till}.contradicted" for till in TILLS],
    "payout_account.changed.{locked.version}": ["payout_account.changed"],
    "payout_account.changed.{merchant.version}": ["payout_account.changed"],
}
"""Kinds that are put together where they are told."""
PASSED_ON = {"inform": "after_sale.", "tell_about": "", "_tell": ""}
"""Functions that tell what they are given, and what they put before it."""
SAID = re.compile(r"[a-z_]+\.[a-z_.]+")


def calls():
    for path in modules("application"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call):
                yield node


def kinds_of(node):
    """Return the kinds an argument stands for."""
    if isinstance(node, ast.Constant):
        return [node.value]
    if isinstance(node, ast.JoinedStr):
        return MADE.get(ast.unparse(node)[2:-1], [])
    return []


def told():
    """Yield every kind that is told where it is written out, with the facts given."""
    for call in calls():
        if isinstance(call.func, ast.Attribute) and call.func.attr == "tell":
            given = {each.arg for each in call.keywords}
            for kind in kinds_of(call.args[1]):
                yield kind, given
        elif isinstance(call.func, ast.Name) and call.func.id in PASSED_ON:
            for node in call.args[1:3]:
                for kind in kinds_of(node):
                    if kind != "role:operator":
                        yield PASSED_ON[call.func.id] + kind, {"period", "order"}


def test_every_notice_has_words():
    named = {kind for kind, _ in told()}
    assert len(named) > 70
    assert sorted(named - set(NOTICES)) == []


@pytest.mark.parametrize("kind", NOTICES)
def test_words_name_only_facts_that_are_told(kind):
    text = NOTICES[kind]
    assert text.zh
    assert text.en
    wanted = {name for _, name, _, _ in Formatter().parse(text.zh + text.en) if name}
    for other, given in told():
        if other == kind and None not in given:
            assert wanted <= given


def test_no_words_are_kept_for_what_nobody_tells():
    literals = {
        node.value
        for path in modules("application")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    named = literals | {kind for kind, _ in told()}
    assert sorted(set(NOTICES) - named) == []


def test_a_notice_speaks_the_readers_language_and_an_unknown_one_is_silent():
    assert notice_in("review.answered", {}, "zh-CN") == "商家回复了您的评价"
    assert notice_in("review.answered", {}, "en") == "The merchant answered your review"
    assert notice_in("order.sung_about", {}, "en") == ""


def test_amounts_are_written_as_people_do_and_states_behind_a_kind_keep_its_words():
    facts = {"amount": "79920", "currency": "CNY"}
    assert notice_in("refund.succeeded", facts, "zh-CN") == "已退款 ¥799.20"
    assert (
        notice_in("refund.succeeded", facts | {"currency": "USD"}, "en") == "$799.20 was refunded"
    )
    assert notice_in("refund.succeeded", {}, "en") == "… was refunded"
    assert notice_in("withdrawal.on_hold.3", {}, "en") == "Your withdrawal is on hold"
