"""Many who speak at once, on PostgreSQL: every star and every vote is counted once."""

import pytest

from groupbuy.application import community
from groupbuy.application.community import NewReview, Reply
from groupbuy.application.ports import Query
from groupbuy.domain.campaigns import Measure, Quorum
from groupbuy.domain.community import Answer, Opinion, Question, Rating, Report, Review, Vote
from groupbuy.domain.membership import Role
from tests.integration.test_races import THREADS, at_once, refusals
from tests.support.voices import buy, delivered, operator

RIVALS = 8


@pytest.fixture
def shop(postgres_shop):
    return postgres_shop


@pytest.fixture
def goods(shop):
    return shop.variant(price=3_333)


def run(shop, caller, use_case, *args, **more):
    """One command of somebody, without looking at everything after it."""
    return lambda: shop.desk.run(caller, lambda work: use_case(work, *args, **more))


def somebody(shop):
    return shop.caller(shop.user().id, Role.SHOPPER)


def test_reviews_of_one_product_at_once_are_all_in_its_rating(shop, goods):
    campaign = shop.campaign(goods, quorum=Quorum(Measure.BUYERS, 1))
    orders = [delivered(shop, buy(shop, goods, campaign=campaign), f"SF{n}") for n in range(RIVALS)]
    results = at_once(
        *(
            run(
                shop,
                shop.caller(each.order.buyer_id, Role.SHOPPER),
                community.submit_review,
                NewReview(each.order.id, 1, Opinion(1 + n % 5, "x")),
            )
            for n, each in enumerate(orders)
        )
    )
    assert refusals(results) == {}
    assert shop.get(Rating, goods.product_id).by_stars == (2, 2, 2, 1, 1)


def test_one_buyer_in_many_windows_reviews_a_line_once(shop, goods):
    joined = delivered(shop, buy(shop, goods))
    buyer = shop.caller(joined.order.buyer_id, Role.SHOPPER)
    wish = NewReview(joined.order.id, 1, Opinion(5, "x"))
    results = at_once(*[run(shop, buyer, community.submit_review, wish)] * THREADS)
    assert sum(isinstance(each, Review) for each in results) == 1
    assert shop.get(Rating, goods.product_id).count == 1


def test_votes_and_reports_at_once_count_each_person_once(shop, goods):
    asker, staff = somebody(shop), shop.merchant_caller()
    question = run(shop, asker, community.ask, goods.product_id, "甜吗？")()
    answer = run(shop, staff, community.answer_question, Reply(question.id, "甜"))()
    people = [somebody(shop) for _ in range(RIVALS)]
    votes = [run(shop, each, community.find_helpful, answer.id) for each in people]
    reports = [run(shop, each, community.report, answer.id, "不对") for each in people]
    assert refusals(at_once(*votes, *votes, *reports, *reports)) == {}
    after = shop.get(Answer, answer.id)
    assert (after.helpful, after.reports) == (RIVALS, RIVALS)
    assert (len(shop.all(Vote)), len(shop.all(Report))) == (RIVALS, RIVALS)


def test_answers_shown_and_hidden_at_once_leave_the_right_count(shop, goods):
    asker, staff = somebody(shop), shop.merchant_caller()
    question = run(shop, asker, community.ask, goods.product_id, "甜吗？")()
    reply = Reply(question.id, "甜")
    made = [run(shop, staff, community.answer_question, reply)() for _ in range(RIVALS)]
    hiding = [run(shop, operator(shop), community.hide, each.id, "x") for each in made[::2]]
    more = [run(shop, staff, community.answer_question, reply) for _ in range(RIVALS)]
    assert refusals(at_once(*hiding, *more)) == {}
    of = Query().where(question_id=question.id, state="published")
    shown = shop.desk.read(shop.system(), lambda work: work.of(Answer).select(of))
    assert shop.get(Question, question.id).answers == len(shown) == RIVALS // 2 + RIVALS
