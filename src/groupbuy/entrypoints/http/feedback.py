"""Feedback and complaints: people tell, operators answer, merchants say their part."""

from datetime import datetime
from typing import Annotated, Any

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from groupbuy.application import feedback
from groupbuy.application.feedback import CasesSought
from groupbuy.domain.feedback import Feedback, FeedbackKind, FeedbackState
from groupbuy.domain.membership import Role
from groupbuy.entrypoints.http.auth import only
from groupbuy.entrypoints.http.campaign_schemas import ReasonIn
from groupbuy.entrypoints.http.feedback_schemas import (
    AssignIn,
    CaseOut,
    FeedbackIn,
    MessageIn,
    SatisfactionIn,
    StaffCaseOut,
    WordsIn,
    case_out,
    listed,
    staff_case_out,
)
from groupbuy.entrypoints.http.order_filters import From, Until
from groupbuy.entrypoints.http.paging import Listing, Page
from groupbuy.entrypoints.http.problems import malformed
from groupbuy.entrypoints.http.visit import Visit

ANYBODY = only(*Role)
MERCHANT = only(Role.MERCHANT)
OPERATOR = only(Role.OPERATOR)
Waiting = Annotated[
    bool | None,
    QueryParameter(
        name="waiting", description="True, as without it: only what waits for an answer, due first"
    ),
]
Overdue = Annotated[bool | None, QueryParameter(name="overdue", description="Only late answers")]
StateText = Annotated[FeedbackState | None, QueryParameter(name="state")]
KindText = Annotated[FeedbackKind | None, QueryParameter(name="kind")]
Assignee = Annotated[str, QueryParameter(name="assignee", max_length=40)]


class ShopFeedback(Controller):
    """/shop/feedback: suggestions and complaints of one's own."""

    path = "/shop/feedback"
    tags = ("feedback",)

    @post("/", opt=ANYBODY, sync_to_thread=True)
    def tell(self, data: JSONBody[FeedbackIn], visit: NamedDependency[Visit]) -> Response[CaseOut]:
        """Suggest something, complain, or report illegal content; an answer is due in time."""
        told = data.complaint()
        return visit.once(
            lambda work: feedback.open_case(work, told), lambda c: case_out(c, visit.language), 201
        )

    @get("/", opt=ANYBODY, sync_to_thread=True)
    def mine(
        self, visit: NamedDependency[Visit], page: NamedDependency[Page]
    ) -> Response[Listing[CaseOut]]:
        """List one's own cases, newest first."""
        found = visit.read(lambda work: feedback.my_cases(work, page.fetch, page.after))
        return page.answer(found, lambda each: case_out(listed(each), visit.language), _made)

    @get("/{feedback_id:str}", opt=ANYBODY, sync_to_thread=True)
    def show(self, feedback_id: FromPath[str], visit: NamedDependency[Visit]) -> CaseOut:
        """Show one of one's own cases with everything that was said."""
        found = visit.read(lambda work: feedback.my_case(work, feedback_id))
        return case_out(found, visit.language)

    @post("/{feedback_id:str}/messages", opt=ANYBODY, sync_to_thread=True)
    def say(
        self, feedback_id: FromPath[str], data: JSONBody[MessageIn], visit: NamedDependency[Visit]
    ) -> Response[CaseOut]:
        """Add something while an answer is due."""
        more = (feedback_id, data.text, tuple(data.pictures))
        return visit.once(
            lambda work: feedback.say_more(work, *more), lambda c: case_out(c, visit.language), 201
        )

    @post("/{feedback_id:str}/reopen", opt=ANYBODY, sync_to_thread=True, status_code=200)
    def reopen(
        self, feedback_id: FromPath[str], data: JSONBody[WordsIn], visit: NamedDependency[Visit]
    ) -> Response[CaseOut]:
        """Say why the answer does not help; another one is due."""
        return visit.once(
            lambda work: feedback.reopen_case(work, feedback_id, data.text),
            lambda found: case_out(found, visit.language),
        )

    @post("/{feedback_id:str}/withdraw", opt=ANYBODY, sync_to_thread=True, status_code=200)
    def withdraw(
        self, feedback_id: FromPath[str], visit: NamedDependency[Visit]
    ) -> Response[CaseOut]:
        """Need no answer any more."""
        return visit.once(
            lambda work: feedback.withdraw_case(work, feedback_id),
            lambda found: case_out(found, visit.language),
        )

    @post("/{feedback_id:str}/satisfaction", opt=ANYBODY, sync_to_thread=True, status_code=200)
    def rate(
        self,
        feedback_id: FromPath[str],
        data: JSONBody[SatisfactionIn],
        visit: NamedDependency[Visit],
    ) -> Response[CaseOut]:
        """Say what the answer was worth."""
        return visit.once(
            lambda work: feedback.rate_case(work, feedback_id, data.satisfaction),
            lambda found: case_out(found, visit.language),
        )


class MerchantFeedback(Controller):
    """/merchant/feedback: complaints about the merchant, without a way to reach who complains."""

    path = "/merchant/feedback"
    tags = ("feedback",)

    @get("/", opt=MERCHANT, sync_to_thread=True)
    def list_cases(
        self, visit: NamedDependency[Visit], page: NamedDependency[Page]
    ) -> Response[Listing[CaseOut]]:
        """List complaints about the merchant, its goods and its orders, newest first."""
        found = visit.read(lambda work: feedback.merchant_cases(work, page.fetch, page.after))
        return page.answer(found, lambda each: case_out(listed(each), visit.language), _made)

    @get("/{feedback_id:str}", opt=MERCHANT, sync_to_thread=True)
    def show(self, feedback_id: FromPath[str], visit: NamedDependency[Visit]) -> CaseOut:
        """Show what was said; phone numbers, links and accounts are masked."""
        found = visit.read(lambda work: feedback.merchant_case(work, feedback_id))
        return case_out(found, visit.language)

    @post("/{feedback_id:str}/messages", opt=MERCHANT, sync_to_thread=True)
    def say(
        self, feedback_id: FromPath[str], data: JSONBody[WordsIn], visit: NamedDependency[Visit]
    ) -> Response[CaseOut]:
        """Give the merchant's view; the person and the operators read it."""
        return visit.once(
            lambda work: feedback.merchant_says(work, feedback_id, data.text),
            lambda found: case_out(found, visit.language),
            201,
        )


class FeedbackDesk(Controller):
    """/ops/feedback."""

    path = "/ops/feedback"
    tags = ("feedback",)

    @get("/", opt=OPERATOR, sync_to_thread=True)
    def list_cases(
        self,
        visit: NamedDependency[Visit],
        page: NamedDependency[Page],
        waiting: Waiting = None,
        overdue: Overdue = None,
        within: StateText = None,
        kind: KindText = None,
        assignee: Assignee = "",
    ) -> Response[Listing[StaffCaseOut]]:
        """List cases: those that wait, the one due first in front, or all, the newest first."""
        states, kinds = tuple(filter(None, (within,))), tuple(filter(None, (kind,)))
        first = waiting is not False or overdue is True
        late = overdue is True
        sought = CasesSought(first, states, kinds, assignee, late, page.fetch, page.after)
        found = visit.read(lambda work: feedback.cases(work, sought))
        order = _due if first else _made
        return page.answer(found, lambda each: staff_case_out(listed(each), visit.language), order)

    @get("/export", opt=OPERATOR, sync_to_thread=True)
    def export(
        self,
        visit: NamedDependency[Visit],
        created_gte: From = None,
        created_lt: Until = None,
    ) -> Response[Any]:
        """Return cases as CSV: what, when and how late, never what was said."""
        since, until = _instant("created_gte", created_gte), _instant("created_lt", created_lt)
        rows = feedback.export_rows(visit.app.desk, visit.caller, since, until)
        headers = {"Content-Disposition": 'attachment; filename="feedback.csv"'}
        return Response(
            feedback.written(rows), media_type="text/csv; charset=utf-8", headers=headers
        )

    @get("/{feedback_id:str}", opt=OPERATOR, sync_to_thread=True)
    def show(self, feedback_id: FromPath[str], visit: NamedDependency[Visit]) -> StaffCaseOut:
        """Show a case with everything that was said, notes among operators included."""
        found = visit.read(lambda work: feedback.case_of(work, feedback_id))
        return staff_case_out(found, visit.language)

    @post("/{feedback_id:str}/assign", opt=OPERATOR, sync_to_thread=True, status_code=200)
    def assign(
        self, feedback_id: FromPath[str], data: JSONBody[AssignIn], visit: NamedDependency[Visit]
    ) -> Response[StaffCaseOut]:
        """Take a case up, or hand it to another operator."""
        return visit.once(
            lambda work: feedback.assign_case(work, feedback_id, data.assignee_id),
            lambda found: staff_case_out(found, visit.language),
        )

    @post("/{feedback_id:str}/answer", opt=OPERATOR, sync_to_thread=True, status_code=200)
    def answer(
        self, feedback_id: FromPath[str], data: JSONBody[WordsIn], visit: NamedDependency[Visit]
    ) -> Response[StaffCaseOut]:
        """Answer a case; its person is told."""
        return visit.once(
            lambda work: feedback.answer_case(work, feedback_id, data.text),
            lambda found: staff_case_out(found, visit.language),
        )

    @post("/{feedback_id:str}/notes", opt=OPERATOR, sync_to_thread=True)
    def note(
        self, feedback_id: FromPath[str], data: JSONBody[WordsIn], visit: NamedDependency[Visit]
    ) -> Response[StaffCaseOut]:
        """Keep a note that only operators read."""
        return visit.once(
            lambda work: feedback.note_on_case(work, feedback_id, data.text),
            lambda found: staff_case_out(found, visit.language),
            201,
        )

    @post("/{feedback_id:str}/close", opt=OPERATOR, sync_to_thread=True, status_code=200)
    def close(
        self, feedback_id: FromPath[str], data: JSONBody[ReasonIn], visit: NamedDependency[Visit]
    ) -> Response[StaffCaseOut]:
        """Close a case that was answered."""
        return visit.once(
            lambda work: feedback.close_case(work, feedback_id, data.reason),
            lambda found: staff_case_out(found, visit.language),
        )


def _made(case: Feedback) -> datetime:
    return case.created_at


def _due(case: Feedback) -> datetime:
    return case.answer_by


def _instant(name: str, given: datetime | None) -> datetime | None:
    if given is not None and given.tzinfo is None:
        raise malformed(name, "pattern")
    return given


FEEDBACK = (ShopFeedback, MerchantFeedback, FeedbackDesk)
"""The controllers of this file."""
