"""Customers as sellers see them: tags with reasons, and who is kept from joining."""

from datetime import datetime

from attrs import evolve, frozen

from groupbuy.application.membership.levelling import follow_level, put_member
from groupbuy.application.membership.people import reason_of
from groupbuy.application.ports import Query
from groupbuy.application.write_path import Work
from groupbuy.domain.kernel import Event, Invalid, NotFound, Refused
from groupbuy.domain.membership import Bar, Role, Tag, User
from groupbuy.domain.ordering import BINDING, Order, OrderState

BOUGHT = (OrderState.PLACED, *sorted(BINDING))
"""Orders that make somebody the customer of a merchant."""


@frozen
class Customer:
    """Somebody who buys, as one seller may see them: no name, no phone."""

    user: User
    level_name: str
    tags: tuple[Tag, ...]


def customer(work: Work, user_id: str) -> Customer:
    """Return a customer of the caller's shop; an operator sees everybody. Raises NotFound."""
    work.caller.require(Role.MERCHANT, Role.OPERATOR)
    return _seen(work, _theirs(work, work.of(User).find([user_id]).get(user_id), user_id))


def tag_customer(work: Work, user_id: str, word: str, reason: str) -> Customer:
    """Say a word about a customer, and why: an operator for all, a merchant for itself.

    Raises NotFound, Invalid, Refused (few_tags).
    """
    user, by = _locked(work, user_id), _hand(work)
    tag = Tag(word.strip(), by, reason_of(reason), work.now())
    after = put_member(work, user, user.member.tagged(tag))
    work.audit("user.tagged", user_id, reason_of(reason), word=tag.word, by=by)
    return _seen(work, after)


def untag_customer(work: Work, user_id: str, word: str) -> Customer:
    """Take a word of one's own hand back; repeating it changes nothing. Raises NotFound."""
    user, by = _locked(work, user_id), _hand(work)
    after = user.member.untagged(word.strip(), by)
    if after == user.member:
        return _seen(work, user)
    work.audit("user.untagged", user_id, word=word.strip(), by=by)
    return _seen(work, put_member(work, user, after))


def bar_customer(work: Work, user_id: str, reason: str, until: datetime | None) -> Customer:
    """Keep somebody from joining, for a time or until it is lifted; they are told.

    Orders already made go on. Raises NotFound, Invalid, Refused (nobody_judges_themselves).
    """
    work.caller.require(Role.OPERATOR)
    if user_id == work.caller.user_id:
        raise Refused(rule="nobody_judges_themselves")
    user, why, now = _locked(work, user_id), reason_of(reason), work.now()
    if until is not None and until <= now:
        raise Invalid(field="until", reason="must lie ahead")
    bar = Bar(why, work.caller.user_id, now, until)
    after = put_member(work, user, evolve(user.member, bar=bar))
    work.emit([Event("user.barred", user_id, now, {"reason": why})])
    work.audit("user.barred", user_id, why, until=until.isoformat() if until else "")
    work.tell(user_id, "user.barred", user_id, time=after.version + 1, reason=why)
    return _seen(work, after)


def lift_bar(work: Work, user_id: str, reason: str) -> Customer:
    """Let somebody join again; repeating it changes nothing. Raises NotFound, Invalid."""
    work.caller.require(Role.OPERATOR)
    user, why = _locked(work, user_id), reason_of(reason)
    if user.member.bar is None:
        return _seen(work, user)
    work.emit([Event("user.bar_lifted", user_id, work.now(), {"reason": why})])
    work.audit("user.bar_lifted", user_id, why)
    return _seen(work, put_member(work, user, evolve(user.member, bar=None)))


def recount_level(work: Work, user_id: str) -> Customer:
    """Count somebody's level anew, as after the ladder was changed. Raises NotFound."""
    work.caller.require(Role.OPERATOR)
    _locked(work, user_id)
    follow_level(work, user_id)
    return _seen(work, work.of(User).get(user_id))


def _hand(work: Work) -> str:
    """Return whose tags the caller gives: a merchant's, or with an empty text the operator's."""
    caller = work.caller
    return "" if Role.OPERATOR in caller.roles else caller.merchant_id or ""


def _locked(work: Work, user_id: str) -> User:
    work.caller.require(Role.MERCHANT, Role.OPERATOR)
    return _theirs(work, work.of(User).lock([user_id]).get(user_id), user_id)


def _theirs(work: Work, user: User | None, user_id: str) -> User:
    """A merchant knows only those who have bought from it."""
    if user is not None and not user.erased:
        if Role.OPERATOR in work.caller.roles:
            return user
        bought = Query().where(buyer_id=user_id, merchant_id=work.caller.merchant_id)
        if work.of(Order).select(bought.among("state", BOUGHT).page(1)):
            return user
    raise NotFound(kind="User", key=user_id)


def _seen(work: Work, user: User) -> Customer:
    """Return a customer with the tags that the caller may see."""
    every, own = Role.OPERATOR in work.caller.roles, _hand(work)
    tags = tuple(each for each in user.member.tags if every or each.by in ("", own))
    return Customer(user, work.kit.policy.levels.named(user.member.level), tags)
