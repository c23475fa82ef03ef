"""Forgetting a person: their data key goes, and with it everything sealed under it."""

from attrs import evolve

from groupbuy.application.membership.leaving import check_nothing_is_open
from groupbuy.application.membership.people import reason_of
from groupbuy.application.membership.sessions import end_all, prove
from groupbuy.application.ports import Passwords, Query
from groupbuy.application.steps.forgetting import forget_words
from groupbuy.application.steps.reading import every
from groupbuy.application.write_path import Caller, Desk, Work
from groupbuy.domain.kernel import Event, NotFound
from groupbuy.domain.membership import (
    Address,
    Leader,
    LeaderMove,
    LeaderState,
    Membership,
    PickupPoint,
    Role,
    User,
)
from groupbuy.domain.ordering import CloseReason, Order, OrderState
from groupbuy.domain.segments import PushConsent


def erase_person(work: Work, user_id: str, reason: str) -> User:
    """Make a person unreadable for ever; themselves, an operator or an admin may ask for it.

    Orders, payments and the books stay, with ids in place of a person. Repeating it changes
    nothing. Raises NotFound, Forbidden, Invalid, and Refused while money or goods are open
    (nothing_is_open).
    """
    if user_id != work.caller.user_id:
        work.caller.require(Role.ADMIN, Role.OPERATOR)
    why, user = reason_of(reason), work.of(User).lock([user_id]).get(user_id)
    if user is None:
        raise NotFound(kind="User", key=user_id)
    if user.erased:
        return user
    orders = list(every(work.of(Order), Query().where(buyer_id=user_id)))
    check_nothing_is_open(work, user, orders)
    after = _blank(user)
    work.of(User).save(after)
    if user.leader_id is not None:
        _forget_leader(work, user.leader_id)
    end_all(work, user_id)
    _forget_addresses(work, user_id)
    _forget_tails(work, orders)
    forget_words(work, user_id)
    _hear_nothing(work, user_id)
    work.emit([Event("user.erased", user_id, work.now())])
    work.audit("user.erased", user_id, why)
    return after


def erase_me(desk: Desk, passwords: Passwords, caller: Caller, password: str, address: str) -> None:
    """Make the caller unreadable for ever, once their password proves that it is them.

    Raises WrongCredentials, TooMany, Refused (nothing_is_open).
    """
    prove(desk, passwords, caller, password, address)
    desk.run(caller, lambda work: erase_person(work, caller.user_id, "their own wish"))


def _blank(user: User) -> User:
    return evolve(
        user,
        # Unique, and nothing a phone number could ever hash to: the number is free again.
        phone_fingerprint=f"erased/{user.id}",
        phone_sealed="",
        name_sealed="",
        initial="",
        member=Membership(),
        password_hash="",
        data_key="",
        roles=frozenset(),
        merchant_id=None,
        blocked=True,
    )


def _forget_leader(work: Work, leader_id: str) -> None:
    leader = work.of(Leader).lock([leader_id])[leader_id]
    for point in every(work.of(PickupPoint), Query().where(leader_id=leader_id)):
        work.of(PickupPoint).save(evolve(point, leader_id=None))
    if leader.state is LeaderState.APPROVED:
        leader, happened = leader.move(LeaderMove.SUSPEND, work.now())
        work.emit(happened)
    work.of(Leader).save(
        evolve(
            leader,
            name="",
            communities=(),
            contact_sealed="",
            payout_channel="",
            payout_account_sealed="",
            payout_name_sealed="",
        )
    )


def _hear_nothing(work: Work, user_id: str) -> None:
    """Take back where they wanted to hear of offers."""
    for said in work.of(PushConsent).lock([user_id]).values():
        work.of(PushConsent).save(evolve(said, channels=frozenset(), changed_at=work.now()))


def _forget_addresses(work: Work, user_id: str) -> None:
    kept = every(work.of(Address), Query().where(user_id=user_id))
    for address in work.of(Address).lock([each.id for each in kept]).values():
        gone = evolve(
            address,
            name_sealed="",
            phone_sealed="",
            phone_tail="",
            street_sealed="",
            region="",
            removed_at=address.removed_at or work.now(),
        )
        work.of(Address).save(gone)


def _forget_tails(work: Work, orders: list[Order]) -> None:
    """Take the ends of phone numbers out of orders; what is sealed there opens no more.

    An expired order is closed: a late payment must go back, nobody could be sent the goods.
    """
    for found in work.of(Order).lock([each.id for each in orders]).values():
        order = found
        if order.state is OrderState.EXPIRED:
            order, happened = order.close(CloseReason.EXPIRED, work.now())
            work.emit(happened)
        after = evolve(order, contact=evolve(order.contact, phone_tail=""))
        if after != found:
            work.of(Order).save(after)
