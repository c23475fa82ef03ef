"""What notices say; every one that people's words cause says it in both languages."""

import ast
import re

from groupbuy.entrypoints.http.notice_texts import NOTICES, notice_in
from tests.support.source import modules, tree

NAME = re.compile(r"(review|question|answer|post|feedback)\.[a-z_]+")
AUDITED = {"feedback.answer", "feedback.assign", "feedback.close"}


def told():
    """Return every kind of notice that these use cases name."""
    return {
        node.value
        for folder in ("application/community", "application/feedback")
        for path in modules(folder)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and NAME.fullmatch(node.value)
    }


def test_every_notice_about_what_people_say_has_words_and_there_are_no_others():
    assert told() - AUDITED == set(NOTICES)


def test_a_notice_speaks_the_readers_language_and_an_unknown_one_is_silent():
    assert notice_in("review.answered", "zh-CN") == "商家回复了您的评价"
    assert notice_in("review.answered", "en") == "The merchant answered your review"
    assert notice_in("order.shipped", "en") == ""
    assert all(text.zh and text.en for text in NOTICES.values())
