"""Questions and answers between shoppers, merchants and leaders, on products and campaigns."""

from datetime import datetime

from litestar import Controller, Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from groupbuy.application import community
from groupbuy.application.community import Reply, Shown
from groupbuy.domain.community import Post, Question
from groupbuy.domain.membership import Role
from groupbuy.entrypoints.http.auth import only, public
from groupbuy.entrypoints.http.paging import Listing, Page
from groupbuy.entrypoints.http.post_schemas import (
    AnswerIn,
    AnswerOut,
    FollowIn,
    FollowOut,
    MarkedOut,
    QuestionIn,
    QuestionOut,
    ReportIn,
    answer_out,
    marked_out,
    question_out,
)
from groupbuy.entrypoints.http.reviews import Answered
from groupbuy.entrypoints.http.visit import Visit

ANYBODY = only(*Role)
MERCHANT = only(Role.MERCHANT)
LEADER = only(Role.LEADER)


class ShopQuestions(Controller):
    """/shop: asking and answering; who answers is marked by what they are."""

    path = "/shop"
    tags = ("community",)

    @get("/products/{product_id:str}/questions", opt=public(), sync_to_thread=True)
    def about_product(
        self,
        product_id: FromPath[str],
        visit: NamedDependency[Visit],
        page: NamedDependency[Page],
    ) -> Response[Listing[QuestionOut]]:
        """List the questions about a product, newest first."""
        return _about(visit, page, product_id)

    @post("/products/{product_id:str}/questions", opt=ANYBODY, sync_to_thread=True)
    def ask_about_product(
        self, product_id: FromPath[str], data: JSONBody[QuestionIn], visit: NamedDependency[Visit]
    ) -> Response[QuestionOut]:
        """Ask about a product."""
        return visit.once(
            lambda work: community.ask(work, product_id, data.text, anonymous=data.anonymous),
            lambda found: question_out(found, visit.language),
            201,
        )

    @put("/products/{product_id:str}/questions/following", opt=ANYBODY, sync_to_thread=True)
    def follow(
        self, product_id: FromPath[str], data: JSONBody[FollowIn], visit: NamedDependency[Visit]
    ) -> Response[FollowOut]:
        """Wish, as somebody who bought it, to hear of new questions, or no longer."""
        return visit.once(
            lambda work: community.follow(work, product_id, on=data.on),
            lambda found: FollowOut(found.about, found.on),
        )

    @get("/campaigns/{campaign_id:str}/questions", opt=public(), sync_to_thread=True)
    def about_campaign(
        self,
        campaign_id: FromPath[str],
        visit: NamedDependency[Visit],
        page: NamedDependency[Page],
    ) -> Response[Listing[QuestionOut]]:
        """List the questions about a campaign, newest first."""
        return _about(visit, page, campaign_id)

    @post("/campaigns/{campaign_id:str}/questions", opt=ANYBODY, sync_to_thread=True)
    def ask_about_campaign(
        self, campaign_id: FromPath[str], data: JSONBody[QuestionIn], visit: NamedDependency[Visit]
    ) -> Response[QuestionOut]:
        """Ask about a campaign."""
        return visit.once(
            lambda work: community.ask(work, campaign_id, data.text, anonymous=data.anonymous),
            lambda found: question_out(found, visit.language),
            201,
        )

    @get("/questions", opt=ANYBODY, sync_to_thread=True)
    def mine(
        self, visit: NamedDependency[Visit], page: NamedDependency[Page]
    ) -> Response[Listing[QuestionOut]]:
        """List one's own questions in every state, newest first."""
        wanted = Shown(page.fetch, page.after)
        found = visit.read(lambda work: community.my_questions(work, wanted))
        return page.answer(found, lambda each: question_out(each, visit.language), _made)

    @get("/questions/{question_id:str}/answers", opt=public(), sync_to_thread=True)
    def answers(
        self,
        question_id: FromPath[str],
        visit: NamedDependency[Visit],
        page: NamedDependency[Page],
    ) -> Response[Listing[AnswerOut]]:
        """List the answers to a question and the replies to them, oldest first."""
        wanted = Shown(page.fetch, page.after)
        found = visit.read(lambda work: community.answers_to(work, question_id, wanted))
        return page.answer(found, lambda each: answer_out(each, visit.language), _made)

    @post("/questions/{question_id:str}/answers", opt=ANYBODY, sync_to_thread=True)
    def answer(
        self, question_id: FromPath[str], data: JSONBody[AnswerIn], visit: NamedDependency[Visit]
    ) -> Response[AnswerOut]:
        """Answer, as somebody who bought or sells it; anybody may reply to an answer."""
        said = Reply(question_id, data.text, data.reply_to, data.anonymous)
        return visit.once(
            lambda work: community.answer_question(work, said),
            lambda found: answer_out(found, visit.language),
            201,
        )

    @post("/posts/{post_id:str}/helpful", opt=ANYBODY, sync_to_thread=True, status_code=200)
    def helpful(self, post_id: FromPath[str], visit: NamedDependency[Visit]) -> Response[MarkedOut]:
        """Say that a review or an answer helped; the second time changes nothing."""
        return visit.once(lambda work: community.find_helpful(work, post_id), marked_out)

    @post("/posts/{post_id:str}/report", opt=ANYBODY, sync_to_thread=True, status_code=200)
    def report(
        self, post_id: FromPath[str], data: JSONBody[ReportIn], visit: NamedDependency[Visit]
    ) -> Response[MarkedOut]:
        """Report a review, a question or an answer to the moderators, once."""
        return visit.once(lambda work: community.report(work, post_id, data.reason), marked_out)


class MerchantQuestions(Controller):
    """/merchant/questions."""

    path = "/merchant/questions"
    tags = ("community",)

    @get("/", opt=MERCHANT, sync_to_thread=True)
    def list_questions(
        self,
        visit: NamedDependency[Visit],
        page: NamedDependency[Page],
        answered: Answered = None,
    ) -> Response[Listing[QuestionOut]]:
        """List questions about the merchant's goods; `answered=false` is work to do."""
        wanted = Shown(page.fetch, page.after, answered=answered)
        found = visit.read(lambda work: community.own_side(work, Question, wanted))
        return page.answer(found, lambda each: question_out(each, visit.language), _made)


class LeaderQuestions(Controller):
    """/leader/questions."""

    path = "/leader/questions"
    tags = ("community",)

    @get("/", opt=LEADER, sync_to_thread=True)
    def list_questions(
        self,
        visit: NamedDependency[Visit],
        page: NamedDependency[Page],
        answered: Answered = None,
    ) -> Response[Listing[QuestionOut]]:
        """List questions about the leader's campaigns; `answered=false` is work to do."""
        wanted = Shown(page.fetch, page.after, answered=answered)
        found = visit.read(lambda work: community.own_side(work, Question, wanted, leading=True))
        return page.answer(found, lambda each: question_out(each, visit.language), _made)


def _about(visit: Visit, page: Page, about: str) -> Response[Listing[QuestionOut]]:
    wanted = Shown(page.fetch, page.after)
    found = visit.read(lambda work: community.questions_about(work, about, wanted))
    return page.answer(found, lambda each: question_out(each, visit.language), _made)


def _made(post: Post) -> datetime:
    return post.created_at


QUESTIONS = (ShopQuestions, MerchantQuestions, LeaderQuestions)
"""The controllers of this file."""
