"""What operators and admins decide: merchants and their staff, roles, pickup points."""

from typing import Any

from attrs import evolve, frozen

from groupbuy.application.membership.personal import PHONE, name_of, phone_of
from groupbuy.application.membership.sessions import end_all, user_by_mark
from groupbuy.application.ports import Query
from groupbuy.application.write_path import Work
from groupbuy.domain.kernel import BASIS_POINTS, Event, Invalid, NotFound, Refused
from groupbuy.domain.membership import Leader, Merchant, PickupPoint, Role, User

GRANTABLE = frozenset({Role.FINANCE, Role.OPERATOR, Role.ADMIN})
"""Roles an admin hands out; the others come with what a person does."""


@frozen
class PutMerchant:
    """A merchant as an operator wants it; None keeps what is there, or the default."""

    name: str
    fee_bp: int | None = None
    """The operator's share of sales, in basis points."""
    auto_approve: bool = False
    merchant_id: str | None = None
    """None makes a new one."""


@frozen
class PutPickupPoint:
    """A pickup point as an operator wants it."""

    name: str
    address: str
    region: str
    leader_id: str | None = None
    open_hours: str = ""
    commission_bp: int = 0
    point_id: str | None = None
    """None makes a new one."""


@frozen
class ChangeRole:
    """A role given or taken, and why."""

    user_id: str
    role: Role
    reason: str


def put_merchant(work: Work, cmd: PutMerchant) -> Merchant:
    """Make or change a merchant. Raises NotFound, Invalid."""
    work.caller.require(Role.OPERATOR)
    name, store = name_of(cmd.name), work.of(Merchant)
    _check_rate("fee_bp", cmd.fee_bp or 0)
    if cmd.merchant_id is None:
        fee = work.kit.policy.default_fee_bp if cmd.fee_bp is None else cmd.fee_bp
        made = Merchant(work.new_id("mch"), name, work.now(), fee, cmd.auto_approve)
        store.add(made)
        work.audit("merchant.created", made.id, fee_bp=str(fee))
        return made
    before: Merchant = _locked(work, Merchant, cmd.merchant_id)
    fee = before.fee_bp if cmd.fee_bp is None else cmd.fee_bp
    after = evolve(before, name=name, fee_bp=fee, auto_approve=cmd.auto_approve)
    store.save(after)
    work.audit("merchant.changed", after.id, fee_bp=str(fee))
    return after


def list_merchants(work: Work, limit: int, after: tuple[Any, str] | None) -> list[Merchant]:
    """Return merchants by id."""
    work.caller.require(Role.OPERATOR, Role.FINANCE, Role.ADMIN)
    return work.of(Merchant).select(Query().page(limit, after))


def my_merchant(work: Work) -> Merchant:
    """Return the merchant the caller works for. Raises NotFound."""
    work.caller.require(Role.MERCHANT)
    return work.of(Merchant).get(work.caller.merchant_id or "")


def assign_staff(work: Work, user_id: str, merchant_id: str | None, reason: str) -> User:
    """Let a person act for a merchant, or for none any more; sessions end. Raises NotFound."""
    work.caller.require(Role.ADMIN, Role.OPERATOR)
    if merchant_id is not None:
        work.of(Merchant).get(merchant_id)
    before: User = _locked(work, User, user_id)
    role = before.granted(Role.MERCHANT) if merchant_id else before.revoked(Role.MERCHANT)
    after = evolve(role, merchant_id=merchant_id)
    facts = {"merchant": merchant_id or "", "was": before.merchant_id or ""}
    return _changed(work, after, "user.staff_assigned", reason, facts)


def grant_role(work: Work, cmd: ChangeRole) -> User:
    """Give a role; the person's sessions end. Raises NotFound, Refused, Invalid."""
    before = _changeable(work, cmd)
    facts = {"role": cmd.role.value}
    return _changed(work, before.granted(cmd.role), "user.role_granted", cmd.reason, facts)


def revoke_role(work: Work, cmd: ChangeRole) -> User:
    """Take a role away; the person's sessions end. Raises NotFound, Refused, Invalid."""
    before = _changeable(work, cmd)
    facts = {"role": cmd.role.value}
    return _changed(work, before.revoked(cmd.role), "user.role_revoked", cmd.reason, facts)


def block_user(work: Work, user_id: str, reason: str, *, blocked: bool) -> User:
    """Keep a person out, or let them in again; their sessions end. Raises NotFound, Refused."""
    work.caller.require(Role.ADMIN)
    if user_id == work.caller.user_id:
        raise Refused(rule="nobody_judges_themselves")
    after = evolve(_locked(work, User, user_id), blocked=blocked)
    return _changed(work, after, "user.blocked" if blocked else "user.unblocked", reason, {})


def list_users(work: Work, limit: int, after: tuple[Any, str] | None) -> list[User]:
    """Return users, the newest first."""
    work.caller.require(Role.ADMIN, Role.OPERATOR)
    return work.of(User).select(Query().sorted("-created_at").page(limit, after))


def find_user(work: Work, phone: str) -> User:
    """Return the user with a phone number. Raises NotFound, Invalid."""
    work.caller.require(Role.ADMIN, Role.OPERATOR)
    user = user_by_mark(work, work.kit.vault.fingerprint(PHONE, phone_of(phone)))
    if user is None:
        raise NotFound(kind="user", key="phone")
    return user


def put_pickup_point(work: Work, cmd: PutPickupPoint) -> PickupPoint:
    """Make or change a pickup point. Raises NotFound, Invalid."""
    work.caller.require(Role.OPERATOR)
    _check_rate("commission_bp", cmd.commission_bp)
    if cmd.leader_id is not None:
        work.of(Leader).get(cmd.leader_id)
    said: dict[str, Any] = {
        "name": name_of(cmd.name),
        "address": cmd.address.strip(),
        "region": cmd.region.strip(),
        "leader_id": cmd.leader_id,
        "open_hours": cmd.open_hours.strip(),
        "commission_bp": cmd.commission_bp,
    }
    if cmd.point_id is None:
        made = PickupPoint(id=work.new_id("pup"), **said)
        work.of(PickupPoint).add(made)
    else:
        made = evolve(_locked(work, PickupPoint, cmd.point_id), **said)
        work.of(PickupPoint).save(made)
    work.audit("pickup_point.put", made.id, commission_bp=str(made.commission_bp))
    return made


def list_pickup_points(
    work: Work, leader_id: str | None, limit: int, after: tuple[Any, str] | None
) -> list[PickupPoint]:
    """Return pickup points by id, of one leader if named; anybody may ask."""
    query = Query() if leader_id is None else Query().where(leader_id=leader_id)
    return work.of(PickupPoint).select(query.page(limit, after))


def _locked(work: Work, kind: type[Any], key: str) -> Any:
    found = work.of(kind).lock([key]).get(key)
    if found is None:
        raise NotFound(kind=kind.__name__, key=key)
    return found


def _changeable(work: Work, cmd: ChangeRole) -> User:
    work.caller.require(Role.ADMIN)
    if cmd.role not in GRANTABLE:
        raise Refused(rule="role_is_grantable", about=cmd.role.value)
    # Whoever rules over people must not make themselves ruler over money.
    if cmd.user_id == work.caller.user_id:
        raise Refused(rule="nobody_judges_themselves")
    user: User = _locked(work, User, cmd.user_id)
    return user


def _changed(work: Work, after: User, action: str, reason: str, facts: dict[str, str]) -> User:
    why = reason_of(reason)
    work.of(User).save(after)
    end_all(work, after.id)
    work.emit([Event(action, after.id, work.now(), dict(facts))])
    work.audit(action, after.id, why, **facts)
    return after


def reason_of(text: str) -> str:
    """Return a reason for the audit. Raises Invalid."""
    reason = text.strip()
    if not 1 <= len(reason) <= 200:
        raise Invalid(field="reason", reason="must have 1 to 200 letters")
    return reason


def _check_rate(field: str, basis_points: int) -> None:
    if not 0 <= basis_points <= BASIS_POINTS:
        raise Invalid(field=field, reason=f"must be 0 to {BASIS_POINTS}")
