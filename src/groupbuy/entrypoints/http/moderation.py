"""What operators see of reviews, questions and answers, and what they decide about them."""

from datetime import datetime
from typing import Annotated, Literal

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from groupbuy.application import community
from groupbuy.application.community import Sought
from groupbuy.domain.community import Answer, Post, PostState, Question, Review
from groupbuy.domain.membership import Role
from groupbuy.entrypoints.http.auth import only
from groupbuy.entrypoints.http.campaign_schemas import ReasonIn
from groupbuy.entrypoints.http.paging import Listing, Page
from groupbuy.entrypoints.http.post_schemas import (
    PostOut,
    ReportedOut,
    post_out,
    reported_out,
)
from groupbuy.entrypoints.http.visit import Visit

OPERATOR = only(Role.OPERATOR)
Kind = Annotated[Literal["review", "question", "answer"], QueryParameter(name="kind")]
Waiting = Annotated[
    bool | None,
    QueryParameter(
        name="waiting", description="True, as without it: only what waits for a look, oldest first"
    ),
]
StateText = Annotated[PostState | None, QueryParameter(name="state")]
_KINDS: dict[str, type[Post]] = {"review": Review, "question": Question, "answer": Answer}


class ModerationDesk(Controller):
    """/ops/posts: every decision has a reason and stands in the audit."""

    path = "/ops/posts"
    tags = ("community",)

    @get("/", opt=OPERATOR, sync_to_thread=True)
    def list_posts(
        self,
        visit: NamedDependency[Visit],
        page: NamedDependency[Page],
        kind: Kind = "review",
        waiting: Waiting = None,
        within: StateText = None,
    ) -> Response[Listing[PostOut]]:
        """List posts of a kind: those that wait for a look, or all, the newest first."""
        states = () if within is None else (within,)
        sought = Sought(_KINDS[kind], waiting is not False, states, page.fetch, page.after)
        found = visit.read(lambda work: community.posts(work, sought))
        return page.answer(found, post_out, _made)

    @get("/{post_id:str}", opt=OPERATOR, sync_to_thread=True)
    def show(self, post_id: FromPath[str], visit: NamedDependency[Visit]) -> ReportedOut:
        """Show a post with its reports and what it said before it was amended."""
        return reported_out(visit.read(lambda work: community.post_of(work, post_id)))

    @post("/{post_id:str}/publish", opt=OPERATOR, sync_to_thread=True, status_code=200)
    def publish(
        self, post_id: FromPath[str], data: JSONBody[ReasonIn], visit: NamedDependency[Visit]
    ) -> Response[PostOut]:
        """Show a post, or confirm one that is shown."""
        return visit.once(lambda work: community.publish(work, post_id, data.reason), post_out)

    @post("/{post_id:str}/hide", opt=OPERATOR, sync_to_thread=True, status_code=200)
    def hide(
        self, post_id: FromPath[str], data: JSONBody[ReasonIn], visit: NamedDependency[Visit]
    ) -> Response[PostOut]:
        """Show a post no longer; it is kept, and its author reads why."""
        return visit.once(lambda work: community.hide(work, post_id, data.reason), post_out)

    @post("/{post_id:str}/reject", opt=OPERATOR, sync_to_thread=True, status_code=200)
    def reject(
        self, post_id: FromPath[str], data: JSONBody[ReasonIn], visit: NamedDependency[Visit]
    ) -> Response[PostOut]:
        """Never show a post as it stands; its author reads why."""
        return visit.once(lambda work: community.reject(work, post_id, data.reason), post_out)


def _made(post: Post) -> datetime:
    return post.created_at
