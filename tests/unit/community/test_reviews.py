"""Reviews, their life, and the rating they come to."""

from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from groupbuy.domain.community import (
    REVIEW,
    Finding,
    Moderation,
    Opinion,
    PostMove,
    PostState,
    Rating,
    Review,
    ReviewMove,
    check_may_review,
    decide,
    forgotten,
    publish_or_hold,
    rating_of,
    reported,
)
from groupbuy.domain.kernel import IllegalMove, Invalid, Refused

NOW = datetime(2026, 11, 2, 4, tzinfo=UTC)
MONTH = timedelta(days=30)


def a_review(**changes):
    plain = Review(
        id="rvw_1",
        author_id="usr_1",
        merchant_id="mch_1",
        text="很甜",
        created_at=NOW,
        initial="王",
        order_id="ord_1",
        line_no=1,
        line_key="ord_1/1",
        product_id="prd_1",
        title="水蜜桃",
        options="5 斤",
        stars=2,
    )
    return evolve(plain, **changes)


def shown(review=None, found=(), moderation=Moderation.AFTER):
    return publish_or_hold(REVIEW, review or a_review(), found, moderation, NOW)[0]


def test_a_harmless_review_is_shown_at_once_and_counts():
    review = shown()
    assert (review.state, review.waiting, review.counted) == (PostState.PUBLISHED, False, 2)
    assert review.published_at == NOW


@pytest.mark.parametrize(
    ("found", "moderation"), [((Finding.PHONE,), Moderation.AFTER), ((), Moderation.BEFORE)]
)
def test_what_was_found_or_is_seen_first_waits_and_does_not_count(found, moderation):
    review = shown(found=found, moderation=moderation)
    assert (review.state, review.waiting, review.counted) == (PostState.SUBMITTED, True, None)


def test_a_hidden_review_leaves_the_rating_and_comes_back():
    hidden, (event,) = decide(REVIEW, shown(), PostMove.HIDE, "usr_op", "广告", NOW)
    assert (hidden.counted, hidden.decision, event.name) == (None, "广告", "review.hidden")
    back, _ = decide(REVIEW, hidden, PostMove.PUBLISH, "usr_op", "看错了", NOW)
    assert back.counted == 2


def test_what_was_shown_is_hidden_and_never_rejected_and_nothing_deletes_it():
    with pytest.raises(IllegalMove):
        decide(REVIEW, shown(), PostMove.REJECT, "usr_op", "bad", NOW)
    assert {str(move) for move in ReviewMove} == {"publish", "reject", "hide", "amend"}


def test_a_report_brings_it_to_a_person_and_hides_nothing():
    review = reported(reported(shown()))
    assert (review.reports, review.waiting, review.shown) == (2, True, True)
    assert review.findings == (Finding.REPORTED,)
    confirmed, happened = decide(REVIEW, review, PostMove.PUBLISH, "usr_op", "没有问题", NOW)
    assert (confirmed.waiting, confirmed.shown, happened) == (False, True, [])


def test_a_review_is_amended_once_keeps_what_it_said_and_is_moderated_anew():
    amended, _ = shown().amend(Opinion(5, "补发了，很好"), MONTH, NOW)
    assert (amended.state, amended.stars, amended.counted) == (PostState.SUBMITTED, 5, None)
    assert [(each.stars, each.text) for each in amended.editions] == [(2, "很甜")]
    with pytest.raises(Refused) as again:
        amended.amend(Opinion(1, "x"), MONTH, NOW)
    assert again.value.rule == "amended_once_at_most"


def test_a_review_is_amended_within_its_window_only():
    last = NOW + MONTH - timedelta(microseconds=1)
    assert shown().amend(Opinion(5, "x"), MONTH, last)[0].stars == 5
    with pytest.raises(Refused) as late:
        shown().amend(Opinion(5, "x"), MONTH, NOW + MONTH)
    assert late.value.rule == "within_the_amending_window"


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ((0, "x"), "stars"),
        ((6, "x"), "stars"),
        ((5, " \n "), "text"),
        ((5, "x" * 2_001), "text"),
        ((5, "x\x07"), "text"),
        ((5, "x", ("/p",) * 10), "pictures"),
        ((5, "x", ("http://x.cn/a",)), "pictures"),
        ((5, "x", ("//x.cn/a",)), "pictures"),
        ((5, "x", ("javascript:alert(1)",)), "pictures"),
    ],
)
def test_an_opinion_that_could_not_stand_in_a_review_is_refused(said, field):
    with pytest.raises(Invalid) as refused:
        Opinion(*said)
    assert refused.value.field == field


def test_goods_are_reviewed_once_delivered_and_for_a_while():
    check_may_review(NOW, MONTH, NOW)
    for delivered, now, rule in [
        (None, NOW, "goods_were_delivered"),
        (NOW, NOW + MONTH, "within_the_review_window"),
    ]:
        with pytest.raises(Refused) as refused:
            check_may_review(delivered, MONTH, now)
        assert refused.value.rule == rule


def test_a_merchant_answers_what_is_shown_and_words_the_one_answer_anew():
    once = shown().answer("usr_staff", "抱歉", NOW)
    twice = once.answer("usr_staff", "已补发", NOW + MONTH)
    assert (twice.reply, twice.replied, twice.replied_at) == ("已补发", True, NOW + MONTH)
    with pytest.raises(Refused):
        a_review().answer("usr_staff", "x", NOW)


def test_others_see_the_first_letter_of_a_name_or_nothing():
    assert a_review().name == "王**"
    assert a_review(initial="").name == ""
    assert forgotten(a_review()).name == ""


# --- ratings ---------------------------------------------------------------------------------


def test_the_mean_is_bayesian_in_hundredths_with_halves_rounded_up():
    assert Rating("prd_1").mean(400, 5) is None
    assert rating_of("prd_1", [5] * 4).mean(400, 5) == 444
    assert rating_of("prd_1", [5]).mean(400, 5) == 417
    assert rating_of("prd_1", [1]).mean(400, 0) == 100
    assert rating_of("prd_1", [4, 5, 4, 5, 4, 5, 4, 5]).mean(401, 0) == 450
    # 405 / 2 is 202.5
    assert rating_of("prd_1", [2]).mean(205, 1) == 203


def test_one_enthusiast_does_not_beat_a_hundred_good_reviews():
    one, many = rating_of("prd_1", [5]), rating_of("prd_2", [5] * 90 + [4] * 10)
    assert one.mean(400, 5) < many.mean(400, 5)


@given(st.lists(st.integers(1, 5), min_size=1), st.integers(100, 500), st.integers(0, 50))
def test_the_mean_lies_between_one_and_five_and_is_exact(stars, prior, weight):
    mean = rating_of("prd_1", stars).mean(prior, weight)
    exact = weight * prior + 100 * sum(stars)
    assert 100 <= mean <= 500
    assert abs(2 * (mean * (weight + len(stars)) - exact)) <= weight + len(stars)


_STEPS = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.sampled_from(["publish", "hide", "reject", "amend", "report", "reply"]),
        st.integers(1, 5),
    ),
    max_size=60,
)


def after(review, what, stars):
    """Do something to a review if its life allows it."""
    try:
        if what == "amend":
            amended = review.amend(Opinion(stars, "x"), MONTH, NOW)[0]
            return publish_or_hold(REVIEW, amended, (), Moderation.AFTER, NOW)[0]
        if what == "report":
            return reported(review)
        if what == "reply":
            return review.answer("usr_staff", "x", NOW)
        return decide(REVIEW, review, PostMove(what), "usr_op", "why", NOW)[0]
    except (IllegalMove, Refused):
        return review


@given(_STEPS, st.lists(st.integers(1, 5), min_size=5, max_size=5))
def test_a_rating_kept_step_by_step_is_the_one_counted_from_all_reviews(steps, stars):
    reviews = [a_review(id=f"rvw_{n}", stars=first) for n, first in enumerate(stars)]
    rating = Rating("prd_1")
    for place, what, new in steps:
        before = reviews[place]
        reviews[place] = after(before, what, new)
        rating = rating.changed(before.counted, reviews[place].counted)
        shown = [each.stars for each in reviews if each.shown]
        assert rating == rating_of("prd_1", shown)
        assert min(rating.by_stars) >= 0
