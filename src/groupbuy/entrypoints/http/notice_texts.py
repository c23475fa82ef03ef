"""What a notice says to the person who finds it, by its kind; one without words says its kind."""

from collections.abc import Mapping

from groupbuy.entrypoints.http.texts import Text

NOTICES: Mapping[str, Text] = {
    "answer.replied": Text("有人回复了您的回答", "Somebody replied to your answer"),
    "feedback.answered": Text("您的反馈有了答复", "Your feedback was answered"),
    "feedback.assigned": Text("有一条反馈转给了您", "A case was handed to you"),
    "feedback.closed": Text("您的反馈已结案", "Your feedback was closed"),
    "feedback.more": Text("反馈有了新的消息", "Something was added to a case"),
    "feedback.opened": Text("收到一条新的反馈或投诉", "New feedback, or a complaint, has come in"),
    "feedback.overdue": Text("有一条反馈已超过答复期限", "The answer to a case is late"),
    "feedback.reopened": Text("有人对答复不满意", "Somebody doubts an answer"),
    "post.hidden": Text("您发布的内容已被隐藏", "What you wrote is shown no longer"),
    "post.rejected": Text("您发布的内容未通过审核", "What you wrote is not shown"),
    "post.waiting": Text("有内容等待审核", "A post waits for a moderator"),
    "question.answered": Text("您的提问有了新的回答", "Your question has a new answer"),
    "question.asked": Text("有人提了新的问题", "Somebody has asked a question"),
    "review.answered": Text("商家回复了您的评价", "The merchant answered your review"),
    "review.published": Text("收到一条新的评价", "There is a new review"),
}
"""Texts by kind of notice."""


def notice_in(kind: str, language: str) -> str:
    """Return what a notice says in that language; empty where it has no words of its own."""
    text = NOTICES.get(kind)
    return "" if text is None else text.in_(language)
