"""Moderating: reports bring a post to a person, who decides, with a reason, on the record.

A merchant may ask for a look and can do no more: no review leaves because it is bad. The rules
stand in the E-commerce Law of the PRC, art. 39; see `domain/community/states.py`.
"""

from attrs import evolve

from groupbuy.application.community.posting import LIVES, count_today, lock_post, put
from groupbuy.application.write_path import Work
from groupbuy.domain.community import Post, PostMove, Report, Vote, decide, reported, words_of
from groupbuy.domain.kernel import Invalid, NotFound, Refused
from groupbuy.domain.membership import Role

REASON_AT_MOST = 500


def report(work: Work, post_id: str, reason: str) -> Post:
    """Report a post that should not be shown, as any shopper; the second time changes nothing.

    Raises NotFound, Invalid, TooMany, Refused for one's own.
    """
    work.caller.require(*Role)
    return _report(work, post_id, work.caller.user_id, reason)


def ask_for_a_look(work: Work, post_id: str, reason: str) -> Post:
    """Ask a moderator to look at what was said about one's own goods, as their merchant.

    Raises NotFound, Invalid, TooMany.
    """
    caller = work.caller
    caller.require(Role.MERCHANT)
    return _report(work, post_id, f"merchant:{caller.merchant_id}", reason)


def find_helpful(work: Work, post_id: str) -> Post:
    """Say that a review or an answer helped; the second time changes nothing.

    Raises NotFound, TooMany, Refused for one's own.
    """
    work.caller.require(*Role)
    count_today(work, "marks", work.kit.policy.community.marks_a_day)
    post, me = _shown(work, post_id), work.caller.user_id
    key = f"{post.id}/{me}"
    if work.of(Vote).find([key]):
        return post
    work.of(Vote).add(Vote(key, me, work.now()))
    after = evolve(post, helpful=post.helpful + 1)
    work.of(type(after)).save(after)
    return after


def publish(work: Work, post_id: str, reason: str) -> Post:
    """Show a post, or confirm one that is shown. Raises NotFound, IllegalMove, Invalid."""
    return _decide(work, post_id, PostMove.PUBLISH, reason)


def hide(work: Work, post_id: str, reason: str) -> Post:
    """Show a post no longer; it is kept. Raises NotFound, IllegalMove, Invalid."""
    return _decide(work, post_id, PostMove.HIDE, reason)


def reject(work: Work, post_id: str, reason: str) -> Post:
    """Never show a post as it stands. Raises NotFound, IllegalMove, Invalid."""
    return _decide(work, post_id, PostMove.REJECT, reason)


def _decide(work: Work, post_id: str, what: PostMove, reason: str) -> Post:
    work.caller.require(Role.OPERATOR)
    if not reason.strip():
        raise Invalid(field="reason", reason="say why, the audit keeps it")
    post = lock_post(work, post_id)
    why = words_of(reason, REASON_AT_MOST, "reason")
    life, now = LIVES[type(post)], work.now()
    after, happened = decide(life, post, what, work.caller.user_id, why, now)
    put(work, post, after, happened)
    work.audit(f"post.{what}", post_id, why, was=post.state)
    if what is not PostMove.PUBLISH:
        told = "post.hidden" if what is PostMove.HIDE else "post.rejected"
        work.tell(post.author_id, told, post_id, time=post.version + 1, reason=why)
    return after


def _report(work: Work, post_id: str, who: str, reason: str) -> Post:
    count_today(work, "marks", work.kit.policy.community.marks_a_day)
    why = words_of(reason, REASON_AT_MOST, "reason")
    post = _shown(work, post_id)
    if who.startswith("merchant:") and who != f"merchant:{post.merchant_id}":
        raise NotFound(kind="post", key=post_id)
    key = f"{post.id}/{who}"
    if work.of(Report).find([key]):
        return post
    work.of(Report).add(Report(key, post.id, who, why, work.now()))
    return put(work, post, reported(post), [])


def _shown(work: Work, post_id: str) -> Post:
    post = lock_post(work, post_id)
    if not post.shown:
        raise NotFound(kind="post", key=post_id)
    if post.author_id == work.caller.user_id:
        raise Refused(rule="not_ones_own", about=post_id)
    return post
