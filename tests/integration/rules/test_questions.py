"""Questions and answers on products and campaigns: the same on every database."""

import pytest
from attrs import evolve

from groupbuy.application import community, membership
from groupbuy.application.community import Reply, Shown, Sought
from groupbuy.application.ports import Task
from groupbuy.domain.campaigns import Measure, Quorum
from groupbuy.domain.community import (
    Answer,
    Badge,
    CommunityRules,
    Follow,
    Moderation,
    PostState,
    Question,
)
from groupbuy.domain.kernel import NotFound, Refused, TooMany, Unauthenticated
from groupbuy.domain.membership import Role
from tests.support.voices import ask_rules, buy, delivered, operator


@pytest.fixture
def goods(shop):
    return shop.variant(price=3_333)


@pytest.fixture
def asker(shop):
    return shop.caller(shop.user().id, Role.SHOPPER)


def asked(shop, who, about, text="甜吗？", **more):
    return shop.do(who, community.ask, about, text, **more)


def answer(shop, who, question, text="甜", **more):
    return shop.do(who, community.answer_question, Reply(question.id, text, **more))


def buyer_of(shop, joined):
    return shop.caller(joined.order.buyer_id, Role.SHOPPER)


def told(shop, what):
    return sorted(task.data["user"] for task in shop.all(Task) if task.data.get("what") == what)


def test_each_who_answers_is_marked_by_what_they_are(shop, goods, asker):
    leader = shop.leader()
    campaign = shop.campaign(goods, leader=leader, quorum=Quorum(Measure.BUYERS, 1))
    joined = buy(shop, goods, campaign=campaign)
    for about in (goods.product_id, campaign.id):
        question = asked(shop, asker, about)
        given = {
            Badge.BUYER: answer(shop, buyer_of(shop, joined), question),
            Badge.MERCHANT: answer(shop, shop.merchant_caller(), question),
            Badge.LEADER: answer(shop, shop.leader_caller(leader), question),
        }
        assert {each.badge for each in given.values()} == set(given)
        assert all(each.badge is badge for badge, each in given.items())
        seen = shop.do(shop.caller(""), community.answers_to, question.id, Shown())
        assert [each.badge for each in seen] == list(given)
        assert shop.get(Question, question.id).answers == 3


def test_staff_never_answer_as_buyers_even_of_what_they_bought(shop, goods, asker):
    joined = buy(shop, goods)
    staff = evolve(shop.merchant_caller(), user_id=joined.order.buyer_id)
    given = answer(shop, staff, asked(shop, asker, goods.product_id))
    assert (given.badge, given.name) == (Badge.MERCHANT, "")


def test_whoever_neither_sells_nor_bought_may_only_reply(shop, goods, asker):
    question = asked(shop, asker, goods.product_id)
    stranger = shop.caller(shop.user().id, Role.SHOPPER)
    for who in (stranger, asker):
        with pytest.raises(Refused) as refused:
            answer(shop, who, question)
        assert refused.value.rule == "bought_what_it_is_about"
    first = answer(shop, shop.merchant_caller(), question)
    reply = answer(shop, stranger, question, "谢谢", reply_to=first.id)
    assert (reply.badge, reply.reply_to) == (Badge.SHOPPER, first.id)
    other = asked(shop, asker, goods.product_id, "大吗？")
    with pytest.raises(NotFound):
        answer(shop, stranger, other, reply_to=first.id)


def test_the_asker_hears_of_answers_and_each_answerer_of_replies(shop, goods, asker):
    joined = buy(shop, goods)
    question = asked(shop, asker, goods.product_id)
    first = answer(shop, buyer_of(shop, joined), question)
    assert told(shop, "question.answered") == [asker.user_id]
    answer(shop, asker, question, "谢谢", reply_to=first.id)
    assert told(shop, "answer.replied") == [joined.order.buyer_id]
    assert told(shop, "question.answered") == [asker.user_id]


def test_past_buyers_who_wish_to_help_hear_of_questions_until_they_no_longer_do(shop, goods, asker):
    joined = [buy(shop, goods) for _ in range(3)]
    first, second, _ = (buyer_of(shop, each) for each in joined)
    for who in (first, second):
        shop.do(who, community.follow, goods.product_id, on=True)
    shop.do(second, community.follow, goods.product_id, on=False)
    with pytest.raises(Refused):
        shop.do(asker, community.follow, goods.product_id, on=True)
    question = asked(shop, asker, goods.product_id)
    assert told(shop, "question.asked") == sorted(
        [f"merchant:{question.merchant_id}", first.user_id]
    )


def test_a_question_of_a_campaign_is_told_to_its_leader_and_found_there(shop, goods, asker):
    leader = shop.leader()
    campaign = shop.campaign(goods, leader=leader)
    question = asked(shop, asker, campaign.id)
    assert f"leader:{leader.id}" in told(shop, "question.asked")
    wanted = Shown(answered=False)
    mine = shop.do(shop.leader_caller(leader), community.own_side, Question, wanted, leading=True)
    theirs = shop.do(shop.merchant_caller(), community.own_side, Question, wanted)
    assert [each.id for each in mine] == [each.id for each in theirs] == [question.id]
    answer(shop, shop.leader_caller(leader), question)
    assert shop.do(shop.merchant_caller(), community.own_side, Question, wanted) == []
    assert len(shop.do(shop.merchant_caller(), community.own_side, Question, Shown(answered=True)))


def test_a_contact_waits_for_a_moderator_and_nobody_is_told_before(shop, goods, asker):
    question = asked(shop, asker, goods.product_id, "打我 13812345678")
    assert question.state is PostState.SUBMITTED
    assert told(shop, "question.asked") == []
    with pytest.raises(NotFound):
        answer(shop, shop.merchant_caller(), question)
    assert shop.do(shop.caller(""), community.questions_about, goods.product_id, Shown()) == []
    shop.do(operator(shop), community.publish, question.id, "号码是商家的")
    assert told(shop, "question.asked") == [f"merchant:{question.merchant_id}"]
    assert len(shop.do(shop.caller(""), community.questions_about, goods.product_id, Shown())) == 1


def test_a_hidden_answer_is_counted_no_longer_and_once_again_when_it_is_back(shop, goods, asker):
    question = asked(shop, asker, goods.product_id)
    given = answer(shop, shop.merchant_caller(), question)
    for decide, counted in [(community.hide, 0), (community.publish, 1)]:
        shop.do(operator(shop), decide, given.id, "看过")
        assert shop.get(Question, question.id).answers == counted
    shop.do(operator(shop), community.hide, question.id, "无关")
    with pytest.raises(NotFound):
        shop.do(shop.caller(""), community.answers_to, question.id, Shown())


def test_answers_help_each_person_once_and_are_reported_once(shop, goods, asker):
    given = answer(shop, shop.merchant_caller(), asked(shop, asker, goods.product_id))
    for _ in range(2):
        shop.do(asker, community.find_helpful, given.id)
        shop.do(asker, community.report, given.id, "不对")
    after = shop.get(Answer, given.id)
    assert (after.helpful, after.reports, after.shown) == (1, 1, True)
    (waiting,) = shop.do(operator(shop), community.posts, Sought(Answer))
    assert waiting.id == given.id


def test_a_person_asks_so_many_questions_a_day(shop, goods, asker):
    ask_rules(shop, CommunityRules(questions_a_day=2))
    for _ in range(2):
        asked(shop, asker, goods.product_id)
    with pytest.raises(TooMany):
        asked(shop, asker, goods.product_id)
    shop.pass_time(days=1)
    asked(shop, asker, goods.product_id)


def test_nobody_asks_without_an_account_or_about_what_is_not_there(shop, goods, asker):
    with pytest.raises(Unauthenticated):
        asked(shop, shop.caller(""), goods.product_id)
    for missing in (shop.ids.new("prd"), shop.ids.new("cmp"), "x"):
        with pytest.raises(NotFound):
            asked(shop, asker, missing)


def test_what_waits_before_it_is_shown_follows_the_same_policy(shop, goods, asker):
    ask_rules(shop, CommunityRules(reviews_are_moderated=Moderation.BEFORE))
    question = asked(shop, asker, goods.product_id)
    assert question.waiting
    (mine,) = shop.do(asker, community.my_questions, Shown())
    assert mine.state is PostState.SUBMITTED


def test_an_erased_asker_leaves_the_question_without_a_name_and_follows_nothing(shop, goods):
    joined = delivered(shop, buy(shop, goods))
    buyer = buyer_of(shop, joined)
    question = asked(shop, buyer, goods.product_id)
    shop.do(buyer, community.follow, goods.product_id, on=True)
    shop.pass_time(days=8)
    shop.do(buyer, membership.erase_person, buyer.user_id, "own wish")
    (seen,) = shop.do(shop.caller(""), community.questions_about, goods.product_id, Shown())
    assert (seen.id, seen.text, seen.name) == (question.id, "甜吗？", "")
    assert [each.on for each in shop.all(Follow)] == [False]
