"""Answering: the merchant a review, and buyers, merchant and leader a question.

Who answers is marked by what they are, never by what they say: staff of a merchant cannot answer
as a buyer, whichever way they come in.
"""

from attrs import frozen

from groupbuy.application.community.asking import bought
from groupbuy.application.community.posting import count_today, initial_of, put, put_new
from groupbuy.application.ports import Query
from groupbuy.application.write_path import Work
from groupbuy.domain.campaigns import Campaign
from groupbuy.domain.community import (
    ANSWER_AT_MOST,
    Answer,
    Badge,
    Question,
    Review,
    findings_in,
    words_of,
)
from groupbuy.domain.kernel import Event, NotFound, Refused, kind_of
from groupbuy.domain.membership import Role

CAMPAIGNS_LOOKED_AT = 100
"""Whether a leader sells a product is seen from so many of their newest campaigns."""


@frozen
class Reply:
    """What somebody answers."""

    question_id: str
    text: str
    reply_to: str = ""
    """The answer it replies to; anybody may reply."""
    anonymous: bool = False


def answer_review(work: Work, review_id: str, text: str) -> Review:
    """Answer a review of one's own goods, or word the one answer anew, as its merchant.

    Raises NotFound, Invalid, and Refused for a banned phrase or a way around the shop: what a
    merchant says stands beside what its buyer says, and is not shown before it is looked at.
    """
    caller = work.caller
    caller.require(Role.MERCHANT)
    review = work.of(Review).lock([review_id]).get(review_id)
    if review is None or not review.shown or review.merchant_id != caller.merchant_id:
        raise NotFound(kind="review", key=review_id)
    said, now = words_of(text, ANSWER_AT_MOST), work.now()
    if findings_in(said, work.kit.policy.community.phrases):
        raise Refused(rule="answer_leads_nowhere_else", about=review_id)
    after = review.answer(caller.user_id, said, now)
    put(work, review, after, [Event("review.answered", review.id, now)])
    if not review.replied:
        work.tell(review.author_id, "review.answered", review.id)
    return after


def answer_question(work: Work, asked: Reply) -> Answer:
    """Answer a question, or reply to an answer.

    Raises NotFound, Invalid, TooMany, and Refused for whoever neither sells nor bought it.
    """
    work.caller.require(*Role)
    rules = work.kit.policy.community
    count_today(work, "answers", rules.answers_a_day)
    question = work.of(Question).lock([asked.question_id]).get(asked.question_id)
    if question is None or not question.shown:
        raise NotFound(kind="question", key=asked.question_id)
    _check_is_there(work, asked)
    badge = badge_of(work, question)
    if badge is Badge.SHOPPER and not asked.reply_to:
        raise Refused(rule="bought_what_it_is_about", about=question.about)
    selling = badge in (Badge.MERCHANT, Badge.LEADER)
    answer = Answer(
        id=work.new_id("ans", near=question.id),
        author_id=work.caller.user_id,
        merchant_id=question.merchant_id,
        leader_id=question.leader_id,
        initial="" if selling else initial_of(work, anonymous=asked.anonymous),
        text=words_of(asked.text, ANSWER_AT_MOST),
        created_at=work.now(),
        question_id=question.id,
        badge=badge,
        reply_to=asked.reply_to,
    )
    return put_new(work, answer, answer.given())


def badge_of(work: Work, question: Question) -> Badge:
    """Tell what the caller is to what a question is about."""
    caller = work.caller
    if Role.MERCHANT in caller.roles and caller.merchant_id == question.merchant_id:
        return Badge.MERCHANT
    if Role.LEADER in caller.roles and caller.leader_id and _leads(work, question):
        return Badge.LEADER
    return Badge.BUYER if bought(work, caller.user_id, question.about) else Badge.SHOPPER


def _leads(work: Work, question: Question) -> bool:
    leader_id = work.caller.leader_id
    if kind_of(question.about) == "cmp":
        return question.leader_id == leader_id
    newest = Query().where(leader_id=leader_id).sorted("-created_at").page(CAMPAIGNS_LOOKED_AT)
    campaigns = work.of(Campaign).select(newest)
    return any(offer.product_id == question.about for each in campaigns for offer in each.offers)


def _check_is_there(work: Work, asked: Reply) -> None:
    if asked.reply_to:
        before = work.of(Answer).find([asked.reply_to]).get(asked.reply_to)
        if before is None or not before.shown or before.question_id != asked.question_id:
            raise NotFound(kind="answer", key=asked.reply_to)
