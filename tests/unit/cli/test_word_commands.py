"""`groupbuy review`, `question` and `feedback` on a shop in memory."""

import csv
import io
import json
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from groupbuy.application import community, feedback
from groupbuy.application.community import Reply
from groupbuy.application.feedback import Complaint
from groupbuy.application.ports import AuditRow
from groupbuy.domain.community import Answer, Badge, Finding, PostState, Question, Rating, Review
from groupbuy.domain.feedback import Feedback, FeedbackKind, FeedbackState
from groupbuy.domain.membership import Role
from groupbuy.entrypoints.cli import main
from groupbuy.entrypoints.cli.shell import Shell
from groupbuy.entrypoints.settings import Settings
from tests.support.checked import CheckedShop
from tests.support.voices import buy, delivered, review_of


@pytest.fixture
def shop():
    return CheckedShop()


@pytest.fixture
def goods(shop):
    return shop.variant(price=3_333)


@pytest.fixture
def review(shop, goods):
    return review_of(shop, delivered(shop, buy(shop, goods)), 1, "打 13812345678")


@pytest.fixture
def asker(shop):
    return shop.caller(shop.user().id, Role.SHOPPER)


@pytest.fixture
def case(shop, asker):
    wish = Complaint(FeedbackKind.SUGGESTION, "希望有小份")
    return shop.do(asker, feedback.open_case, wish).feedback


@pytest.fixture
def groupbuy(shop, monkeypatch):
    monkeypatch.setenv("LC_ALL", "C.UTF-8")

    def run(*args):
        app = SimpleNamespace(desk=shop.desk, kit=shop.kit, close=lambda: None)
        shell = Shell(app=app, settings=Settings(), tenant=shop.tenant, actor="usr_operator")
        result = CliRunner().invoke(main, args, obj=shell)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


def data(result, code=0):
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def test_reviews_that_wait_are_listed_shown_and_published_with_a_reason(shop, groupbuy, review):
    listed = data(groupbuy("review", "list", "--json"))
    assert listed["schema"] == "review.list/1"
    (item,) = listed["items"]
    assert (item["id"], item["findings"], item["stars"]) == (review.id, [Finding.PHONE], 1)
    assert data(groupbuy("review", "show", review.id, "--json"))["text"] == "打 13812345678"
    assert groupbuy("review", "publish", review.id).exit_code == 2
    done = data(groupbuy("review", "publish", review.id, "--reason", "商家的电话", "--json"))
    assert done["items"][0]["result"] == "done"
    (row,) = shop.all(AuditRow, subject=review.id)
    assert (row.actor, row.reason, row.channel) == ("usr_operator", "商家的电话", "cli")
    assert data(groupbuy("review", "list", "--json"))["items"] == []
    every = data(groupbuy("review", "list", "--state", "published", "--json"))
    assert [each["id"] for each in every["items"]] == [review.id]


def test_a_dry_run_decides_nothing(shop, groupbuy, review):
    groupbuy("review", "reject", review.id, "--reason", "x", "--dry-run")
    assert shop.get(Review, review.id).state is PostState.SUBMITTED
    groupbuy("review", "reject", review.id, "--reason", "x")
    assert shop.get(Review, review.id).state is PostState.REJECTED


def test_what_cannot_be_done_has_its_own_exit_code_and_the_rest_is_done(shop, groupbuy, review):
    missing = shop.ids.new("rvw")
    assert groupbuy("review", "hide", missing, "--reason", "x").exit_code == 3
    assert groupbuy("review", "hide", review.id, "--reason", "x").exit_code == 5
    assert groupbuy("review", "publish", review.id, missing, "--reason", "x").exit_code == 6
    assert groupbuy("review", "list", "--state", "gone").exit_code == 2


def test_a_review_is_answered_for_its_merchant_and_no_other(shop, groupbuy, review):
    groupbuy("review", "publish", review.id, "--reason", "x")
    said = ("review", "answer", review.id, "--text", "抱歉", "--json", "--merchant")
    assert groupbuy(*said, "mch_other").exit_code == 3
    assert data(groupbuy(*said, review.merchant_id))["items"][0]["reply"] == "抱歉"


def test_questions_and_answers_are_moderated_by_one_command(shop, groupbuy, goods, asker):
    question = shop.do(asker, community.ask, goods.product_id, "甜吗？ QQ 12345678")
    (item,) = data(groupbuy("question", "list", "--json"))["items"]
    assert (item["id"], item["about"]) == (question.id, goods.product_id)
    groupbuy("question", "publish", question.id, "--reason", "x")
    assert shop.get(Question, question.id).shown
    staff = shop.merchant_caller()
    answer = shop.do(staff, community.answer_question, Reply(question.id, "甜"))
    (item,) = data(groupbuy("question", "list", "--answers", "--all", "--json"))["items"]
    assert (item["id"], item["about"]) == (answer.id, question.id)
    groupbuy("question", "hide", answer.id, "--reason", "x")
    assert shop.get(Answer, answer.id).state is PostState.HIDDEN
    shop.do(shop.caller(shop.user().id, Role.SHOPPER), community.report, question.id, "广告")
    shown = groupbuy("question", "show", question.id, "--lang", "zh").stdout
    assert "举报" in shown
    assert "广告" in shown


def test_a_question_is_answered_for_its_merchant(shop, groupbuy, goods, asker):
    question = shop.do(asker, community.ask, goods.product_id, "甜吗？")
    said = ("question", "answer", question.id, "--text", "甜", "--json", "--merchant")
    assert groupbuy(*said, "mch_other").exit_code == 1
    assert data(groupbuy(*said, question.merchant_id))["items"][0]["text"] == "甜"
    (given,) = shop.all(Answer)
    assert (given.badge, given.author_id) == (Badge.MERCHANT, "usr_operator")


def test_ratings_are_counted_anew_and_a_wrong_one_ends_with_seven(shop, groupbuy, goods, review):
    groupbuy("review", "publish", review.id, "--reason", "x")
    assert data(groupbuy("review", "verify", "--json"))["items"] == []
    shop.store(Rating("prd_x", five=1))
    (item,) = data(groupbuy("review", "verify", "--json"), code=7)["items"]
    assert (item["id"], item["kept"], item["counted"]) == (
        "prd_x",
        [0, 0, 0, 0, 1],
        [0, 0, 0, 0, 0],
    )


def test_a_case_is_listed_taken_up_answered_and_closed(shop, groupbuy, case):
    (item,) = data(groupbuy("feedback", "list", "--json"))["items"]
    assert (item["id"], item["state"]) == (case.id, "open")
    assert groupbuy("feedback", "close", case.id, "--reason", "x").exit_code == 5
    data(groupbuy("feedback", "assign", case.id, "--json"))
    assert shop.get(Feedback, case.id).assignee_id == "usr_operator"
    data(groupbuy("feedback", "note", case.id, "--text", "下周讨论", "--json"))
    data(groupbuy("feedback", "answer", case.id, "--text", "下月上架", "--json"))
    shown = data(groupbuy("feedback", "show", case.id, "--json"))
    assert [(each["text"], each["internal"]) for each in shown["said"]] == [
        ("希望有小份", False),
        ("下周讨论", True),
        ("下月上架", False),
    ]
    assert "（内部）\t下周讨论" in groupbuy("feedback", "show", case.id, "--lang", "zh").stdout
    assert groupbuy("feedback", "close", case.id).exit_code == 2
    data(groupbuy("feedback", "close", case.id, "--reason", "已答复", "--json"))
    assert shop.get(Feedback, case.id).state is FeedbackState.CLOSED


def test_late_cases_are_found_and_a_case_is_handed_to_an_operator_only(shop, groupbuy, case, asker):
    assert data(groupbuy("feedback", "list", "--overdue", "--json"))["items"] == []
    shop.pass_time(days=3)
    (item,) = data(groupbuy("feedback", "list", "--overdue", "--json"))["items"]
    assert item["overdue_at"]
    assert groupbuy("feedback", "assign", case.id, "--to", asker.user_id).exit_code == 1
    assert groupbuy("feedback", "assign", case.id, "--to", "usr_nobody").exit_code == 3


def test_cases_are_exported_as_a_table(shop, groupbuy, case):
    rows = list(csv.DictReader(io.StringIO(groupbuy("feedback", "export").stdout)))
    assert [(row["id"], row["kind"]) for row in rows] == [(case.id, "suggestion")]
    later = groupbuy("feedback", "export", "--since", "2026-12-01").stdout.splitlines()
    assert len(later) == 1
    listed = data(groupbuy("feedback", "export", "--json"))
    assert [each["id"] for each in listed["items"]] == [case.id]


def test_another_shop_is_another_shop(shop, groupbuy, review, case):
    shop.tenant = f"{shop.tenant}-b"
    assert data(groupbuy("review", "list", "--all", "--json"))["items"] == []
    assert groupbuy("feedback", "show", case.id).exit_code == 3
    assert groupbuy("review", "show", review.id).exit_code == 3
