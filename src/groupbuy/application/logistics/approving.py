"""Orders that need no look of a person, by rules their merchant has set."""

from collections.abc import Sequence

from attrs import evolve

from groupbuy.application.ports import Query
from groupbuy.application.steps.confirming import rule_for
from groupbuy.application.write_path import Work
from groupbuy.domain.kernel import Invalid, NotFound
from groupbuy.domain.membership import RULES_AT_MOST, ApprovalRule, Merchant, Role
from groupbuy.domain.ordering import Order, OrderState


def approval_rules(work: Work, merchant_id: str = "") -> tuple[ApprovalRule, ...]:
    """Return the rules of the caller's merchant, or of a named one to an operator.

    Raises NotFound.
    """
    return _merchant(work, merchant_id).approval_rules


def set_approval_rules(
    work: Work, rules: Sequence[ApprovalRule], merchant_id: str = ""
) -> tuple[ApprovalRule, ...]:
    """Put these in place of all others; orders confirmed from now on are measured by them.

    Raises NotFound, Invalid for a name that comes twice, or too many.
    """
    if len({rule.name for rule in rules}) != len(rules):
        raise Invalid(field="rules", reason="a name comes twice")
    currency = work.kit.policy.currency
    if any(rule.below is not None and rule.below.currency != currency for rule in rules):
        raise Invalid(field="below", reason=f"must be {currency}")
    if len(rules) > RULES_AT_MOST:
        raise Invalid(field="rules", reason=f"at most {RULES_AT_MOST}")
    plain = _merchant(work, merchant_id)
    before = work.of(Merchant).lock([plain.id])[plain.id]
    after = evolve(before, approval_rules=tuple(rules))
    work.of(Merchant).save(after)
    names = ", ".join(rule.name for rule in rules)
    work.audit("merchant.approval_rules", after.id, rules=names)
    return after.approval_rules


def approve_known(work: Work, order_id: str) -> None:
    """Accept an order whose buyer is known, if a rule says so (the worker calls this)."""
    order = work.of(Order).lock([order_id])[order_id]
    if order.state is not OrderState.CONFIRMED or order.correction is not None:
        return
    merchant = work.of(Merchant).find([order.merchant_id]).get(order.merchant_id)
    earlier = Query().where(
        buyer_id=order.buyer_id, merchant_id=order.merchant_id, state=OrderState.COMPLETED
    )
    known = bool(work.of(Order).select(earlier.page(1)))
    if rule := rule_for(work, merchant, order, known=known):
        after, happened = order.approve(work.now(), rule)
        work.of(Order).save(after)
        work.emit(happened)


def _merchant(work: Work, merchant_id: str) -> Merchant:
    caller = work.caller
    caller.require(Role.MERCHANT, Role.OPERATOR)
    key = caller.merchant_id or ""
    if merchant_id and Role.OPERATOR in caller.roles:
        key = merchant_id
    found = work.of(Merchant).find([key]).get(key)
    if found is None:
        raise NotFound(kind="merchant", key=merchant_id)
    return found
