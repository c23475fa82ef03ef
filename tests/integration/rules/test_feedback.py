"""Feedback and complaints: answered in time, or told to somebody; on every database."""

import csv
import io
from datetime import timedelta

import pytest
from attrs import evolve

from groupbuy.application import feedback, membership
from groupbuy.application.feedback import CasesSought, Complaint
from groupbuy.application.ports import AuditRow, Task
from groupbuy.domain.feedback import (
    Feedback,
    FeedbackKind,
    FeedbackMessage,
    FeedbackState,
    Side,
)
from groupbuy.domain.kernel import (
    Forbidden,
    IllegalMove,
    Invalid,
    NotFound,
    Refused,
    TooMany,
    Unauthenticated,
)
from groupbuy.domain.membership import Role
from tests.support.voices import buy, delivered, operator

TEXT = "少了两个桃子，打我 13812345678"


@pytest.fixture
def bought(shop):
    return buy(shop, shop.variant(price=3_333))


def buyer_of(shop, joined):
    return shop.caller(joined.order.buyer_id, Role.SHOPPER)


def told(shop, what):
    return sorted(task.data["user"] for task in shop.all(Task) if task.data.get("what") == what)


def complain(shop, joined, kind=FeedbackKind.ORDER, text=TEXT, **more):
    wish = Complaint(kind, text, joined.order.id, **more)
    return shop.do(buyer_of(shop, joined), feedback.open_case, wish).feedback


def now(shop, case):
    return shop.get(Feedback, case.id)


def test_a_complaint_is_taken_up_answered_doubted_and_answered_again(shop, bought):
    case, buyer = complain(shop, bought, pictures=("/media/box.jpg",)), buyer_of(shop, bought)
    assert told(shop, "feedback.opened") == sorted(
        ["role:operator", f"merchant:{case.merchant_id}"]
    )
    shop.do(operator(shop), feedback.assign_case, case.id)
    assert now(shop, case).assignee_id == "usr_operator"
    shop.do(buyer, feedback.say_more, case.id, "补一张照片", ("/media/2.jpg",))
    shop.do(operator(shop), feedback.note_on_case, case.id, "先问商家")
    shop.do(operator(shop), feedback.answer_case, case.id, "已补发")
    assert told(shop, "feedback.answered") == [buyer.user_id]
    with pytest.raises(Refused):
        shop.do(buyer, feedback.say_more, case.id, "x")
    shop.do(buyer, feedback.reopen_case, case.id, "没有收到")
    assert now(shop, case).state is FeedbackState.REOPENED
    shop.do(operator(shop), feedback.answer_case, case.id, "今天送到")
    shop.do(buyer, feedback.rate_case, case.id, 4)
    shop.do(operator(shop), feedback.close_case, case.id, "已解决")
    after = now(shop, case)
    assert (after.state, after.satisfaction, after.answers) == (FeedbackState.CLOSED, 4, 2)
    mine = shop.do(buyer, feedback.my_case, case.id)
    assert [(line.side, line.text) for line in mine.lines] == [
        (Side.PERSON, TEXT),
        (Side.PERSON, "补一张照片"),
        (Side.STAFF, "已补发"),
        (Side.PERSON, "没有收到"),
        (Side.STAFF, "今天送到"),
    ]
    assert mine.lines[0].pictures == ("/media/box.jpg",)
    seen = shop.do(operator(shop), feedback.case_of, case.id)
    assert [line.text for line in seen.lines if line.internal] == ["先问商家"]
    actions = {row.action for row in shop.all(AuditRow, subject=case.id)}
    assert actions == {"feedback.assign", "feedback.answer", "feedback.close"}


def test_whoever_looks_after_a_case_hears_of_what_is_added_to_it(shop, bought):
    case = complain(shop, bought)
    shop.do(buyer_of(shop, bought), feedback.say_more, case.id, "补充")
    assert told(shop, "feedback.more") == ["role:operator"]
    shop.do(operator(shop), feedback.assign_case, case.id)
    shop.do(shop.merchant_caller(), feedback.merchant_says, case.id, "当天发的是 12 个")
    heard = sorted(["role:operator", "usr_operator", case.person_id])
    assert told(shop, "feedback.more") == heard


def test_what_is_said_is_sealed_under_the_persons_key(shop, bought):
    case = complain(shop, bought)
    (message,) = shop.all(FeedbackMessage, feedback_id=case.id)
    assert message.sealed.startswith(f"sealed[{shop.tenant}|{case.person_id}|feedback.text]")


def test_a_late_answer_is_told_to_operators_once_and_stands_first(shop, bought):
    first = complain(shop, bought)
    shop.pass_time(days=1)
    second = complain(shop, bought, text="还有一件事")
    assert now(shop, first).overdue_at is None
    shop.clock.at = first.answer_by
    shop.work_off()
    assert now(shop, first).overdue_at == first.answer_by
    assert told(shop, "feedback.overdue") == ["role:operator"]
    found = shop.do(operator(shop), feedback.cases, CasesSought())
    assert [each.id for each in found] == [first.id, second.id]
    late = shop.do(operator(shop), feedback.cases, CasesSought(overdue=True))
    assert [each.id for each in late] == [first.id]
    shop.do(operator(shop), feedback.answer_case, first.id, "抱歉")
    assert [e.id for e in shop.do(operator(shop), feedback.cases, CasesSought())] == [second.id]


def test_an_answer_in_time_is_nobodys_alarm_and_silence_closes_the_case(shop, bought):
    case = complain(shop, bought)
    shop.do(operator(shop), feedback.answer_case, case.id, "已补发")
    shop.pass_time(days=6)
    assert (now(shop, case).state, told(shop, "feedback.overdue")) == (FeedbackState.ANSWERED, [])
    shop.pass_time(days=1)
    assert now(shop, case).state is FeedbackState.CLOSED
    shop.pass_time(days=30)
    with pytest.raises(Refused) as late:
        shop.do(buyer_of(shop, bought), feedback.reopen_case, case.id, "x")
    assert late.value.rule == "within_the_reopening_window"


def test_a_second_answer_starts_the_silence_anew_and_a_doubt_stops_it(shop, bought):
    case = complain(shop, bought)
    shop.do(operator(shop), feedback.answer_case, case.id, "已补发")
    shop.pass_time(days=5)
    shop.do(operator(shop), feedback.answer_case, case.id, "单号 SF1")
    shop.pass_time(days=5)
    assert now(shop, case).state is FeedbackState.ANSWERED
    shop.do(buyer_of(shop, bought), feedback.reopen_case, case.id, "没有收到")
    shop.pass_time(days=30)
    assert now(shop, case).state is FeedbackState.REOPENED
    assert now(shop, case).overdue_at


def test_nobody_closes_what_was_not_answered_but_its_person_may_withdraw_it(shop, bought):
    case = complain(shop, bought)
    with pytest.raises(IllegalMove):
        shop.do(operator(shop), feedback.close_case, case.id, "x")
    shop.do(buyer_of(shop, bought), feedback.withdraw_case, case.id)
    assert not now(shop, case).waiting
    assert shop.do(operator(shop), feedback.cases, CasesSought()) == []
    (found,) = shop.do(operator(shop), feedback.cases, CasesSought(waiting=False))
    assert found.state is FeedbackState.CLOSED


def test_a_merchant_reads_a_complaint_about_it_without_a_way_to_the_person(shop, bought):
    case, staff = complain(shop, bought), shop.merchant_caller()
    shop.do(operator(shop), feedback.note_on_case, case.id, "内部备注")
    assert [each.id for each in shop.do(staff, feedback.merchant_cases)] == [case.id]
    seen = shop.do(staff, feedback.merchant_case, case.id)
    (line,) = seen.lines
    assert "少了两个桃子" in line.text
    assert "138" not in line.text
    assert line.author_id == ""
    shop.do(staff, feedback.merchant_says, case.id, "当天发的是 12 个")
    mine = shop.do(buyer_of(shop, bought), feedback.my_case, case.id)
    assert [each.side for each in mine.lines] == [Side.PERSON, Side.MERCHANT]
    shop.do(operator(shop), feedback.answer_case, case.id, "已补发")
    with pytest.raises(Refused):
        shop.do(staff, feedback.merchant_says, case.id, "x")


@pytest.mark.parametrize(
    "kind", [FeedbackKind.SUGGESTION, FeedbackKind.LEADER, FeedbackKind.ILLEGAL]
)
def test_a_merchant_never_hears_of_what_is_not_about_it(shop, bought, kind):
    case = complain(shop, bought, kind)
    assert case.merchant_id == ""
    staff = shop.merchant_caller()
    assert shop.do(staff, feedback.merchant_cases) == []
    for other in (staff, shop.caller("usr_z", Role.MERCHANT, merchant_id="mch_other")):
        for use_case, *more in [(feedback.merchant_case,), (feedback.merchant_says, "x")]:
            with pytest.raises(NotFound):
                shop.do(other, use_case, case.id, *more)


def test_only_ones_own_order_is_named_and_what_is_named_must_be_there(shop, bought):
    stranger = shop.caller(shop.user().id, Role.SHOPPER)

    def refused(error, *given, **more):
        with pytest.raises(error) as found:
            shop.do(stranger, feedback.open_case, Complaint(*given, **more))
        return getattr(found.value, "field", "")

    refused(NotFound, FeedbackKind.ORDER, "x", bought.order.id)
    assert refused(Invalid, FeedbackKind.ORDER, "x") == "order_id"
    assert refused(Invalid, FeedbackKind.MERCHANT, "x") == "about"
    assert refused(Invalid, FeedbackKind.PRODUCT, "x", about=bought.order.merchant_id) == "about"
    refused(NotFound, FeedbackKind.PRODUCT, "x", about=shop.ids.new("prd"))
    assert refused(Invalid, FeedbackKind.SUGGESTION, " ") == "text"
    assert refused(Invalid, FeedbackKind.SUGGESTION, "x", pictures=("/p",) * 4) == "pictures"
    product = bought.order.lines[0].product_id
    made = shop.do(
        stranger, feedback.open_case, Complaint(FeedbackKind.PRODUCT, "坏", about=product)
    )
    assert made.feedback.merchant_id == bought.order.merchant_id


def test_a_case_belongs_to_its_person_and_to_operators(shop, bought):
    case, stranger = complain(shop, bought), shop.caller(shop.user().id, Role.SHOPPER)
    for use_case, *more in [
        (feedback.my_case,),
        (feedback.say_more, "x"),
        (feedback.withdraw_case,),
        (feedback.reopen_case, "x"),
        (feedback.rate_case, 5),
    ]:
        with pytest.raises(NotFound):
            shop.do(stranger, use_case, case.id, *more)
    for use_case, *more in [
        (feedback.case_of,),
        (feedback.assign_case,),
        (feedback.answer_case, "x"),
        (feedback.note_on_case, "x"),
        (feedback.close_case, "x"),
    ]:
        with pytest.raises(Forbidden):
            shop.do(buyer_of(shop, bought), use_case, case.id, *more)
    with pytest.raises(Unauthenticated):
        shop.do(shop.caller(""), feedback.open_case, Complaint(FeedbackKind.SUGGESTION, "x"))


def test_a_case_is_handed_to_operators_only(shop, bought):
    case = complain(shop, bought)
    other = shop.user(roles=frozenset({Role.OPERATOR}))
    with pytest.raises(Refused) as refused:
        shop.do(operator(shop), feedback.assign_case, case.id, case.person_id)
    assert refused.value.rule == "assignee_is_an_operator"
    shop.do(operator(shop), feedback.assign_case, case.id, other.id)
    assert told(shop, "feedback.assigned") == [other.id]
    mine = CasesSought(assignee_id=other.id)
    assert [e.id for e in shop.do(operator(shop), feedback.cases, mine)] == [case.id]


def test_a_person_opens_so_many_cases_a_day(shop, bought):
    most = shop.policy.feedback.cases_a_day
    for _ in range(most):
        complain(shop, bought)
    with pytest.raises(TooMany):
        complain(shop, bought)


def test_an_erased_persons_words_are_gone_and_the_case_is_over(shop, bought):
    delivered(shop, bought)
    shop.pass_time(days=8)
    case = complain(shop, bought)
    buyer = buyer_of(shop, bought)
    shop.do(buyer, membership.erase_person, buyer.user_id, "own wish")
    assert now(shop, case).state is FeedbackState.CLOSED
    assert [each.sealed for each in shop.all(FeedbackMessage)] == [""]
    seen = shop.do(operator(shop), feedback.case_of, case.id)
    assert [line.text for line in seen.lines] == [""]
    with pytest.raises(NotFound):
        shop.do(operator(shop), feedback.note_on_case, case.id, "x")


def test_the_export_says_what_and_when_and_never_what_was_said(shop, bought):
    first = complain(shop, bought)
    shop.pass_time(days=1)
    complain(shop, bought)
    rows = list(feedback.export_rows(shop.desk, operator(shop)))
    said = feedback.written(rows)
    table = list(csv.DictReader(io.StringIO(said)))
    assert [row["kind"] for row in table] == ["order", "order"]
    assert "桃子" not in said
    late = first.created_at + timedelta(hours=1)
    assert len(list(feedback.export_rows(shop.desk, operator(shop), since=late))) == 1
    assert len(list(feedback.export_rows(shop.desk, operator(shop), until=late))) == 1
    with pytest.raises(Forbidden):
        list(feedback.export_rows(shop.desk, shop.merchant_caller()))


def test_another_tenant_sees_no_case(shop, bought):
    case = complain(shop, bought)
    stranger = evolve(operator(shop), tenant=f"{shop.tenant}-b")
    assert shop.desk.read(stranger, lambda w: feedback.cases(w, CasesSought(waiting=False))) == []
    with pytest.raises(NotFound):
        shop.desk.read(stranger, lambda w: feedback.case_of(w, case.id))
