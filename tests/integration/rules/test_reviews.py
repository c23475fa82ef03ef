"""Reviews from the delivered parcel to the rating: the same on every database."""

import pytest
from attrs import evolve

from groupbuy.application import catalogue, community, membership
from groupbuy.application.community import NewReview, Shown, Sought
from groupbuy.application.ports import AuditRow, Query, Task
from groupbuy.application.steps.reading import every
from groupbuy.domain.campaigns import Measure, Quorum
from groupbuy.domain.community import (
    CommunityRules,
    Finding,
    Moderation,
    Opinion,
    PostState,
    Rating,
    Report,
    Review,
    rating_of,
)
from groupbuy.domain.kernel import Conflict, Forbidden, Invalid, NotFound, Refused, TooMany
from groupbuy.domain.membership import Role
from groupbuy.domain.ordering import Order
from tests.support.voices import ask_rules, buy, delivered, operator, review_of


@pytest.fixture
def goods(shop):
    return shop.variant(price=3_333)


@pytest.fixture
def bought(shop, goods):
    """A delivered order of one buyer."""
    return delivered(shop, buy(shop, goods))


def buyer_of(shop, joined):
    return shop.caller(joined.order.buyer_id, Role.SHOPPER)


def now(shop, review):
    return shop.get(Review, review.id)


def rating(shop, goods):
    found = shop.desk.read(shop.system(), lambda w: w.of(Rating).find([goods.product_id]))
    kept = found.get(goods.product_id, Rating(goods.product_id))

    def count(work):
        query = Query().where(product_id=goods.product_id, state=PostState.PUBLISHED)
        return rating_of(goods.product_id, [each.stars for each in every(work.of(Review), query)])

    counted = shop.desk.read(shop.system(), count)
    assert kept.by_stars == counted.by_stars
    return kept


def told(shop, what):
    return [task.data["user"] for task in shop.all(Task) if task.data.get("what") == what]


def test_a_buyer_reviews_what_was_delivered_and_everybody_reads_it(shop, goods, bought):
    review = review_of(shop, bought, 5, "很甜", pictures=("/media/a.jpg",))
    assert (review.state, review.name) == (PostState.PUBLISHED, "王**")
    (seen,) = shop.do(shop.caller(""), community.reviews_of, goods.product_id, Shown())
    assert (seen.text, seen.pictures, seen.title) == ("很甜", ("/media/a.jpg",), "智能手表")
    assert rating(shop, goods).by_stars == (0, 0, 0, 0, 1)
    shown = shop.do(shop.caller(""), catalogue.view, goods.product_id, listed=True).rating
    assert (shown.count, shown.mean, shown.by_stars) == (1, 417, (0, 0, 0, 0, 1))
    assert told(shop, "review.published") == [f"merchant:{review.merchant_id}"]


def test_only_its_buyer_reviews_an_order_and_only_once_delivered_and_within_the_window(shop, goods):
    joined = buy(shop, goods)
    with pytest.raises(Refused) as early:
        review_of(shop, joined)
    assert early.value.rule == "goods_were_delivered"
    delivered(shop, joined)
    stranger = shop.caller(shop.user().id, Role.SHOPPER)
    wish = NewReview(joined.order.id, 1, Opinion(5, "x"))
    with pytest.raises(NotFound):
        shop.do(stranger, community.submit_review, wish)
    with pytest.raises(NotFound):
        shop.do(buyer_of(shop, joined), community.submit_review, evolve(wish, line_no=2))
    shop.pass_time(days=181)
    with pytest.raises(Refused) as late:
        review_of(shop, joined)
    assert late.value.rule == "within_the_review_window"


def test_who_sells_it_does_not_review_it(shop, goods):
    leader = shop.leader()
    campaign = shop.campaign(goods, leader=leader, quorum=Quorum(Measure.BUYERS, 1))
    joined = delivered(shop, buy(shop, goods, campaign=campaign))
    wish, buyer = NewReview(joined.order.id, 1, Opinion(5, "x")), joined.order.buyer_id
    for seller in (shop.merchant_caller(), shop.leader_caller(leader)):
        with pytest.raises(Refused) as refused:
            shop.do(evolve(seller, user_id=buyer), community.submit_review, wish)
        assert refused.value.rule == "reviewer_earns_nothing_by_it"
    review_of(shop, joined)


def test_a_line_has_one_review_for_ever(shop, goods, bought):
    review = review_of(shop, bought)
    shop.do(operator(shop), community.hide, review.id, "广告")
    with pytest.raises(Refused) as twice:
        review_of(shop, bought)
    assert twice.value.rule == "one_review_a_line"
    copy = evolve(now(shop, review), id=shop.ids.new("rvw"), version=0)
    with pytest.raises(Conflict):
        shop.store(copy)


def test_nobody_writes_more_reviews_a_day_than_the_policy_says(shop, goods):
    ask_rules(shop, CommunityRules(reviews_a_day=1))
    buyer = shop.user(roles=frozenset({Role.SHOPPER}))
    first, second = (delivered(shop, buy(shop, goods, buyer), f"SF{n}") for n in range(2))
    review_of(shop, first)
    with pytest.raises(TooMany):
        review_of(shop, second)
    shop.pass_time(days=1)
    review_of(shop, second)


def test_a_buyer_may_be_nobody_and_nothing_of_the_name_is_kept(shop, bought):
    review = review_of(shop, bought, anonymous=True)
    assert (review.initial, review.name) == ("", "")


def test_a_contact_in_a_review_sends_it_to_a_person_who_decides_with_a_reason(shop, goods, bought):
    review = review_of(shop, bought, 5, "加我微信 peach_2026 便宜")
    assert (review.state, review.findings) == (PostState.SUBMITTED, (Finding.ACCOUNT,))
    assert rating(shop, goods).count == 0
    assert told(shop, "post.waiting") == ["role:operator"]
    (waiting,) = shop.do(operator(shop), community.posts, Sought(Review))
    assert waiting.id == review.id
    with pytest.raises(Invalid):
        shop.do(operator(shop), community.reject, review.id, " ")
    shop.do(operator(shop), community.reject, review.id, "含联系方式")
    assert now(shop, review).state is PostState.REJECTED
    assert shop.do(operator(shop), community.posts, Sought(Review)) == []
    (row,) = shop.all(AuditRow, subject=review.id)
    assert (row.action, row.reason, row.facts["was"]) == ("post.reject", "含联系方式", "submitted")
    assert told(shop, "post.rejected") == [bought.order.buyer_id]


def test_a_banned_phrase_of_the_policy_is_held_too(shop, bought):
    ask_rules(shop, CommunityRules(banned_phrases="好评返现"))
    assert review_of(shop, bought, 5, "好评 返现").findings == (Finding.PHRASE,)


def test_where_nothing_is_shown_unseen_a_moderator_publishes(shop, goods, bought):
    ask_rules(shop, CommunityRules(reviews_are_moderated=Moderation.BEFORE))
    review = review_of(shop, bought, 4)
    assert shop.do(shop.caller(""), community.reviews_of, goods.product_id, Shown()) == []
    shop.do(operator(shop), community.publish, review.id, "没有问题")
    assert rating(shop, goods).by_stars == (0, 0, 0, 1, 0)
    assert now(shop, review).published_at == shop.clock.at


def test_a_hidden_review_leaves_the_rating_and_comes_back_unchanged(shop, goods, bought):
    review = review_of(shop, bought, 1, "烂的")
    shop.do(operator(shop), community.hide, review.id, "辱骂")
    assert rating(shop, goods).count == 0
    with pytest.raises(NotFound):
        shop.do(shop.merchant_caller(), community.answer_review, review.id, "x")
    shop.do(operator(shop), community.publish, review.id, "申诉成立")
    assert rating(shop, goods).by_stars == (1, 0, 0, 0, 0)
    assert told(shop, "review.published") == [f"merchant:{review.merchant_id}"]


def test_a_merchant_asks_for_a_look_and_can_take_nothing_down(shop, goods, bought):
    review, staff = review_of(shop, bought, 1, "烂的"), shop.merchant_caller()
    for use_case in (community.hide, community.reject, community.publish):
        with pytest.raises(Forbidden):
            shop.do(staff, use_case, review.id, "坏评")
    for _ in range(2):
        shop.do(staff, community.ask_for_a_look, review.id, "不实")
    after = now(shop, review)
    assert (after.shown, after.waiting, after.reports) == (True, True, 1)
    assert rating(shop, goods).count == 1
    view = shop.do(operator(shop), community.post_of, review.id)
    assert [(each.reporter_id, each.reason) for each in view.reports] == [
        (f"merchant:{review.merchant_id}", "不实")
    ]
    other = shop.caller("usr_y", Role.MERCHANT, merchant_id=shop.ids.new("mch"))
    with pytest.raises(NotFound):
        shop.do(other, community.ask_for_a_look, review.id, "x")
    with pytest.raises(NotFound):
        shop.do(other, community.answer_review, review.id, "x")


def test_shoppers_report_once_each_and_never_their_own(shop, bought):
    review = review_of(shop, bought)
    for _ in range(2):
        reporter = shop.caller(shop.user().id, Role.SHOPPER)
        for _ in range(2):
            shop.do(reporter, community.report, review.id, "广告")
    assert now(shop, review).reports == len(shop.all(Report)) == 2
    with pytest.raises(Refused) as own:
        shop.do(buyer_of(shop, bought), community.report, review.id, "x")
    assert own.value.rule == "not_ones_own"


def test_a_review_helps_each_person_once(shop, bought):
    review, reader = review_of(shop, bought), shop.caller(shop.user().id, Role.SHOPPER)
    for _ in range(2):
        shop.do(reader, community.find_helpful, review.id)
    assert now(shop, review).helpful == 1
    with pytest.raises(Refused):
        shop.do(buyer_of(shop, bought), community.find_helpful, review.id)


def test_a_review_is_amended_once_and_the_rating_follows(shop, goods, bought):
    review, buyer = review_of(shop, bought, 1), buyer_of(shop, bought)
    shop.do(buyer, community.amend_review, review.id, Opinion(5, "补发了，很好"))
    assert rating(shop, goods).by_stars == (0, 0, 0, 0, 1)
    assert [each.stars for each in now(shop, review).editions] == [1]
    with pytest.raises(Refused):
        shop.do(buyer, community.amend_review, review.id, Opinion(1, "x"))
    with pytest.raises(NotFound):
        stranger = shop.caller(shop.user().id, Role.SHOPPER)
        shop.do(stranger, community.amend_review, review.id, Opinion(1, "x"))


def test_what_was_hidden_is_amended_under_the_eyes_of_a_moderator(shop, goods, bought):
    review, buyer = review_of(shop, bought, 1), buyer_of(shop, bought)
    shop.do(operator(shop), community.hide, review.id, "辱骂")
    amended = shop.do(buyer, community.amend_review, review.id, Opinion(2, "不好"))
    assert (amended.state, amended.waiting) == (PostState.SUBMITTED, True)
    assert rating(shop, goods).count == 0


def test_a_merchant_answers_once_and_may_word_it_anew(shop, goods, bought):
    review, staff = review_of(shop, bought, 2), shop.merchant_caller()
    seen = Shown(at_most=2, answered=False)
    assert [each.id for each in shop.do(staff, community.own_side, Review, seen)] == [review.id]
    shop.do(staff, community.answer_review, review.id, "抱歉")
    shop.do(staff, community.answer_review, review.id, "已补发")
    assert now(shop, review).reply == "已补发"
    assert shop.do(staff, community.own_side, Review, seen) == []
    assert told(shop, "review.answered") == [bought.order.buyer_id]


def test_a_merchants_answer_leads_nobody_around_the_shop(shop, bought):
    review, staff = review_of(shop, bought, 2), shop.merchant_caller()
    ask_rules(shop, CommunityRules(banned_phrases="好评返现"))
    for text in ("加微信 peach_2026", "改五星好评返现", "打 13812345678"):
        with pytest.raises(Refused) as refused:
            shop.do(staff, community.answer_review, review.id, text)
        assert refused.value.rule == "answer_leads_nowhere_else"
    assert now(shop, review).reply == ""


def test_ratings_are_counted_anew_and_a_wrong_one_is_named(shop, goods, bought):
    review_of(shop, bought, 4)
    other = shop.variant()
    review_of(shop, delivered(shop, buy(shop, other), "SF2"), 2)
    assert community.wrong_ratings(shop.desk, operator(shop)) == []

    def spoil(work):
        kept = work.of(Rating).lock([goods.product_id])[goods.product_id]
        work.of(Rating).save(kept.changed(4, 5))

    shop.desk.run(shop.system(), spoil)
    (wrong,) = community.wrong_ratings(shop.desk, operator(shop))
    assert (wrong.product_id, wrong.kept, wrong.counted) == (
        goods.product_id,
        (0, 0, 0, 0, 1),
        (0, 0, 0, 1, 0),
    )
    with pytest.raises(Forbidden):
        community.wrong_ratings(shop.desk, shop.merchant_caller())


def test_a_leader_sees_the_reviews_of_their_own_campaigns(shop, goods):
    leader = shop.leader()
    campaign = shop.campaign(goods, leader=leader, quorum=Quorum(Measure.BUYERS, 1))
    review = review_of(shop, delivered(shop, buy(shop, goods, campaign=campaign)), 2)
    caller = shop.leader_caller(leader)
    for wanted, seen in [(Shown(at_most=2), [review.id]), (Shown(at_most=1), [])]:
        found = shop.do(caller, community.own_side, Review, wanted, leading=True)
        assert [each.id for each in found] == seen
    assert shop.do(shop.merchant_caller(), community.own_side, Review, Shown(answered=True)) == []
    with pytest.raises(Forbidden):
        shop.do(shop.shopper(), community.own_side, Review, Shown(), leading=True)


def test_an_erased_person_leaves_the_words_and_nothing_of_themselves(shop, goods, bought):
    review = review_of(shop, bought, 5, "很甜", pictures=("/media/me.jpg",))
    shop.pass_time(days=8)
    assert shop.get(Order, bought.order.id).completed_at
    shop.do(buyer_of(shop, bought), membership.erase_person, bought.order.buyer_id, "own wish")
    after = now(shop, review)
    assert (after.text, after.name, after.pictures) == ("很甜", "", ())
    assert rating(shop, goods).count == 1


def test_another_tenant_sees_no_review(shop, goods, bought):
    review = review_of(shop, bought)
    stranger = evolve(operator(shop), tenant=f"{shop.tenant}-b")
    assert shop.desk.read(stranger, lambda w: community.posts(w, Sought(Review, False))) == []
    with pytest.raises(NotFound):
        shop.desk.read(stranger, lambda w: community.post_of(w, review.id))
