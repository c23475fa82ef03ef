"""Reviews: buyers write them, everybody reads them, merchants answer, leaders look."""

from datetime import datetime
from typing import Annotated

from litestar import Controller, Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from groupbuy.application import community
from groupbuy.application.community import NewReview, Shown
from groupbuy.domain.community import Review
from groupbuy.domain.membership import Role
from groupbuy.entrypoints.http.auth import only, public
from groupbuy.entrypoints.http.paging import Listing, Page
from groupbuy.entrypoints.http.post_schemas import (
    MarkedOut,
    OpinionIn,
    OwnReviewOut,
    ReportIn,
    ReviewIn,
    ReviewOut,
    TextIn,
    marked_out,
    own_review_out,
    review_out,
)
from groupbuy.entrypoints.http.visit import Visit

BUYER = only(*Role)
MERCHANT = only(Role.MERCHANT)
LEADER = only(Role.LEADER)
ExactStars = Annotated[int | None, QueryParameter(name="stars", ge=1, le=5)]
MostStars = Annotated[
    int | None, QueryParameter(name="stars_lte", ge=1, le=5, description="So many or fewer")
]
Answered = Annotated[
    bool | None, QueryParameter(name="answered", description="Whether somebody answered it")
]


class ShopReviews(Controller):
    """/shop: reviews by people who really bought."""

    path = "/shop"
    tags = ("community",)

    @post("/orders/{order_id:str}/reviews", opt=BUYER, sync_to_thread=True)
    def submit(
        self, order_id: FromPath[str], data: JSONBody[ReviewIn], visit: NamedDependency[Visit]
    ) -> Response[OwnReviewOut]:
        """Review a delivered line of one's own order, once; some wait for a moderator."""
        asked = NewReview(order_id, data.line_no, data.opinion(), data.anonymous)
        return visit.once(
            lambda work: community.submit_review(work, asked),
            lambda found: own_review_out(found, visit.language),
            201,
        )

    @post("/reviews/{review_id:str}/amend", opt=BUYER, sync_to_thread=True, status_code=200)
    def amend(
        self, review_id: FromPath[str], data: JSONBody[OpinionIn], visit: NamedDependency[Visit]
    ) -> Response[OwnReviewOut]:
        """Say it otherwise, once; it is moderated as a new one is."""
        said = data.opinion()
        return visit.once(
            lambda work: community.amend_review(work, review_id, said),
            lambda found: own_review_out(found, visit.language),
        )

    @get("/reviews", opt=BUYER, sync_to_thread=True)
    def mine(
        self, visit: NamedDependency[Visit], page: NamedDependency[Page]
    ) -> Response[Listing[OwnReviewOut]]:
        """List one's own reviews in every state, newest first."""
        wanted = Shown(page.fetch, page.after)
        found = visit.read(lambda work: community.my_reviews(work, wanted))
        return page.answer(found, lambda each: own_review_out(each, visit.language), _made)

    @get("/products/{product_id:str}/reviews", opt=public(), sync_to_thread=True)
    def of_product(
        self,
        product_id: FromPath[str],
        visit: NamedDependency[Visit],
        page: NamedDependency[Page],
        stars: ExactStars = None,
        stars_lte: MostStars = None,
    ) -> Response[Listing[ReviewOut]]:
        """List what buyers say about a product, newest first."""
        wanted = Shown(page.fetch, page.after, stars, stars_lte)
        found = visit.read(lambda work: community.reviews_of(work, product_id, wanted))
        return page.answer(found, lambda each: review_out(each, visit.language), _made)


class MerchantReviews(Controller):
    """/merchant/reviews: what buyers say about the merchant's goods."""

    path = "/merchant/reviews"
    tags = ("community",)

    @get("/", opt=MERCHANT, sync_to_thread=True)
    def list_reviews(
        self,
        visit: NamedDependency[Visit],
        page: NamedDependency[Page],
        stars_lte: MostStars = None,
        answered: Answered = None,
    ) -> Response[Listing[ReviewOut]]:
        """List reviews of the merchant's goods, newest first; `answered=false` is work to do."""
        wanted = Shown(page.fetch, page.after, at_most=stars_lte, answered=answered)
        found = visit.read(lambda work: community.own_side(work, Review, wanted))
        return page.answer(found, lambda each: review_out(each, visit.language), _made)

    @put("/{review_id:str}/answer", opt=MERCHANT, sync_to_thread=True)
    def answer(
        self, review_id: FromPath[str], data: JSONBody[TextIn], visit: NamedDependency[Visit]
    ) -> Response[ReviewOut]:
        """Answer a review, or word the one answer anew; everybody reads it."""
        return visit.once(
            lambda work: community.answer_review(work, review_id, data.text),
            lambda found: review_out(found, visit.language),
        )

    @post("/{review_id:str}/report", opt=MERCHANT, sync_to_thread=True, status_code=200)
    def report(
        self, review_id: FromPath[str], data: JSONBody[ReportIn], visit: NamedDependency[Visit]
    ) -> Response[MarkedOut]:
        """Ask a moderator to look at it; it stays shown until a moderator decides otherwise."""
        return visit.once(
            lambda work: community.ask_for_a_look(work, review_id, data.reason), marked_out
        )


class LeaderReviews(Controller):
    """/leader/reviews: what buyers say who came by the leader's campaigns."""

    path = "/leader/reviews"
    tags = ("community",)

    @get("/", opt=LEADER, sync_to_thread=True)
    def list_reviews(
        self,
        visit: NamedDependency[Visit],
        page: NamedDependency[Page],
        stars_lte: MostStars = None,
        answered: Answered = None,
    ) -> Response[Listing[ReviewOut]]:
        """List reviews of orders of the leader's campaigns, newest first."""
        wanted = Shown(page.fetch, page.after, at_most=stars_lte, answered=answered)
        found = visit.read(lambda work: community.own_side(work, Review, wanted, leading=True))
        return page.answer(found, lambda each: review_out(each, visit.language), _made)


def _made(review: Review) -> datetime:
    return review.created_at


REVIEWS = (ShopReviews, MerchantReviews, LeaderReviews)
"""The controllers of this file."""
