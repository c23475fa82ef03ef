"""The buyer's side of a review: saying what the goods were like, and saying it otherwise once."""

from datetime import timedelta

from attrs import frozen

from groupbuy.application.community.posting import (
    count_today,
    initial_of,
    put_amended,
    put_new,
)
from groupbuy.application.ports import Query
from groupbuy.application.write_path import Work
from groupbuy.domain.community import (
    REVIEW_AT_MOST,
    Opinion,
    Review,
    check_may_review,
    words_of,
)
from groupbuy.domain.kernel import NotFound, Refused
from groupbuy.domain.membership import Role
from groupbuy.domain.ordering import Order


@frozen
class NewReview:
    """What a buyer says of one line of an order."""

    order_id: str
    line_no: int
    said: Opinion
    anonymous: bool = False
    """Nothing of the name is shown, not even its first letter."""


def submit_review(work: Work, asked: NewReview) -> Review:
    """Review a delivered line of one's own order, once for ever.

    Raises NotFound, TooMany, and Refused by rule: sells nothing of it, delivered, within the
    window, one review a line.
    """
    work.caller.require(*Role)
    rules, now = work.kit.policy.community, work.now()
    order = work.of(Order).find([asked.order_id]).get(asked.order_id)
    if order is None or order.buyer_id != work.caller.user_id:
        raise NotFound(kind="order", key=asked.order_id)
    _check_sells_nothing_of_it(work, order)
    line = order.goods_line(asked.line_no)
    check_may_review(order.delivered_at, timedelta(days=rules.review_days), now)
    count_today(work, "reviews", rules.reviews_a_day)
    key = f"{order.id}/{line.line_no}"
    # Two at once meet at the unique key: one of them comes again, and is refused here.
    if work.of(Review).select(Query().where(line_key=key).page(1)):
        raise Refused(rule="one_review_a_line", about=key)
    review = Review(
        id=work.new_id("rvw", near=order.id),
        author_id=order.buyer_id,
        merchant_id=order.merchant_id,
        leader_id=order.leader_id,
        initial=initial_of(work, anonymous=asked.anonymous),
        text=words_of(asked.said.text, REVIEW_AT_MOST),
        created_at=now,
        order_id=order.id,
        line_no=line.line_no,
        line_key=key,
        product_id=line.product_id,
        title=line.title,
        options=line.options,
        stars=asked.said.stars,
        pictures=asked.said.pictures,
    )
    return put_new(work, review, review.submitted())


def _check_sells_nothing_of_it(work: Work, order: Order) -> None:
    """Refuse whoever earns by the order: praise for one's own goods deceives buyers.

    Anti-Unfair Competition Law of the PRC: no false or misleading promotion by made-up reviews.
    """
    caller = work.caller
    merchant = Role.MERCHANT in caller.roles and caller.merchant_id == order.merchant_id
    leads = Role.LEADER in caller.roles and caller.leader_id in {order.leader_id, order.helper_id}
    if merchant or (leads and caller.leader_id):
        raise Refused(rule="reviewer_earns_nothing_by_it", about=order.id)


def amend_review(work: Work, review_id: str, said: Opinion) -> Review:
    """Say it otherwise, once; it is moderated as a new one is. Raises NotFound, Refused."""
    work.caller.require(*Role)
    review = work.of(Review).lock([review_id]).get(review_id)
    if review is None or review.author_id != work.caller.user_id:
        raise NotFound(kind="review", key=review_id)
    window = timedelta(days=work.kit.policy.community.amend_days)
    after, happened = review.amend(said, window, work.now())
    return put_amended(work, review, after, happened)
