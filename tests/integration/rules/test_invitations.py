"""Invitations from the registration to the reward, the same on every database."""

import pytest
from attrs import evolve

from groupbuy.application import aftersale, points
from groupbuy.application.membership.accounts import Enrol, enrol
from groupbuy.domain.kernel import Forbidden, Invalid, NotFound, Refused
from groupbuy.domain.membership import Address, Role, User
from groupbuy.domain.ordering import Contact, Order
from groupbuy.domain.points import (
    Doubt,
    Invitation,
    InvitationRules,
    InvitationState,
    RewardWhen,
    invitation_of,
)
from tests.support.points import completed, set_policy

_STREETS = iter(range(1, 10_000))


def invite(shop, inviter=None, *, phone="13900000001"):
    """Register somebody, by the code of somebody; return their account."""
    ready = Enrol(phone, "hash", "李四", "1", invited_by=inviter.id if inviter else None)
    return shop.do(shop.caller("usr_admin", Role.ADMIN), enrol, ready)


def rules(shop, **more):
    set_policy(shop, evolve(shop.policy, invitations=InvitationRules(**more)))


def caller(shop, user):
    return shop.caller(user.id, Role.SHOPPER)


def joined(shop, campaign, user, *, street="", phone="13900000009"):
    """Let somebody join and pay, with goods to a sealed address of their own."""
    made = shop.join(campaign, caller(shop, user))
    head = f"{shop.tenant}|{user.id}|"
    seal = shop.kit.vault.seal
    contact = Contact(
        name=seal("key", f"{head}contact_name", "李"),
        phone=seal("key", f"{head}contact_phone", phone),
        address=seal("key", f"{head}contact_address", street or f"平安路 {next(_STREETS)} 号"),
        region="上海",
    )

    def send_there(work):
        order = work.of(Order).lock([made.order.id])[made.order.id]
        work.of(Order).save(evolve(order, contact=contact))

    shop.do(shop.system(), send_there)
    shop.pay(made)
    return made


def bought(shop, user, **more):
    """Let somebody buy in a group that forms; return the join."""
    campaign = shop.campaign()
    made = joined(shop, campaign, user, **more)
    shop.join_and_pay(campaign, 2)
    shop.work_off()
    return made


def looked(shop):
    shop.pass_time(hours=7)


def state(shop, user):
    return shop.get(Invitation, invitation_of(user.id)).state


def balance(shop, user):
    return shop.do(caller(shop, user), points.my_points).balance


@pytest.fixture
def inviter(shop):
    shop.variant()
    return invite(shop, phone="13800000001")


def test_the_inviter_gets_ten_points_once_the_order_is_completed_and_once_only(shop, inviter):
    invitee = invite(shop, inviter)
    first = bought(shop, invitee)
    looked(shop)
    assert (state(shop, invitee), balance(shop, inviter)) == (InvitationState.OPEN, 0)
    completed(shop, first)
    looked(shop)
    assert (state(shop, invitee), balance(shop, inviter)) == (InvitationState.REWARDED, 10)
    completed(shop, bought(shop, invitee))
    looked(shop)
    assert (balance(shop, inviter), balance(shop, invitee)) == (10, 0)
    assert shop.balances()["points:liability"] == -10


@pytest.mark.parametrize(
    ("when", "after_payment", "after_formation"),
    [(RewardWhen.JOINED, 10, 10), (RewardWhen.FORMED, 0, 10), (RewardWhen.COMPLETED, 0, 0)],
)
def test_the_operator_says_when_it_is_earned(shop, inviter, when, after_payment, after_formation):
    rules(shop, when=when)
    invitee, campaign = invite(shop, inviter), shop.campaign()
    joined(shop, campaign, invitee)
    looked(shop)
    assert balance(shop, inviter) == after_payment
    shop.join_and_pay(campaign, 2)
    looked(shop)
    assert balance(shop, inviter) == after_formation


def test_registering_alone_or_a_group_that_fails_earns_nothing_and_lapses(shop, inviter):
    rules(shop, within_days=30, when=RewardWhen.FORMED)
    invitee = invite(shop, inviter)
    joined(shop, shop.campaign(), invitee)
    shop.pass_time(days=4)
    assert (state(shop, invitee), balance(shop, inviter)) == (InvitationState.OPEN, 0)
    shop.pass_time(days=30)
    assert state(shop, invitee) is InvitationState.LAPSED


def test_the_reward_goes_back_with_the_whole_order_and_not_with_a_part(shop, inviter):
    rules(shop, when=RewardWhen.FORMED)
    invitee = invite(shop, inviter)
    first = bought(shop, invitee)
    looked(shop)
    assert balance(shop, inviter) == 10
    shop.do(shop.merchant_caller(), aftersale.refund_order, first.order.id, "缺货")
    shop.pass_time(days=2)
    assert (state(shop, invitee), balance(shop, inviter)) == (InvitationState.REVERSED, 0)
    assert shop.balances().get("points:liability", 0) == 0


def test_who_invites_themselves_by_a_second_phone_gets_nothing(shop, inviter):
    rules(shop, when=RewardWhen.FORMED)
    by_phone = invite(shop, inviter)
    bought(shop, by_phone, phone="138-0000-0001")
    looked(shop)
    assert state(shop, by_phone) is InvitationState.REFUSED
    shop.store(
        Address(
            id=shop.ids.new("adr"),
            user_id=inviter.id,
            name_sealed="",
            phone_sealed="",
            phone_tail="",
            region="上海",
            street_sealed=shop.kit.vault.seal(
                "key", f"{shop.tenant}|{inviter.id}|address.street", "幸福路 1 号"
            ),
        )
    )
    by_address = invite(shop, inviter, phone="13900000002")
    bought(shop, by_address, street="幸福路1号")
    looked(shop)
    kept = shop.get(Invitation, invitation_of(by_address.id))
    assert (kept.state, kept.doubt) == (InvitationState.REFUSED, Doubt.SAME_ADDRESS)
    assert balance(shop, inviter) == 0


def test_people_at_one_address_wait_for_an_operator(shop, inviter):
    rules(shop, when=RewardWhen.FORMED)
    first, second = invite(shop, inviter), invite(shop, inviter, phone="13900000002")
    third = invite(shop, inviter, phone="13900000003")
    for each in (first, second, third):
        bought(shop, each, street="长乐路 8 号")
        looked(shop)
    assert [state(shop, each) for each in (first, second, third)] == [
        InvitationState.REWARDED,
        InvitationState.HELD,
        InvitationState.HELD,
    ]
    operator = shop.caller("usr_ops", Role.OPERATOR)
    held = shop.do(operator, points.invitations, InvitationState.HELD, 10)
    assert [each.doubt for each in held] == [Doubt.LINKED] * 2
    decide = points.decide_invitation
    with pytest.raises(Invalid):
        shop.do(operator, decide, second.id, " ", approve=True)
    with pytest.raises(Forbidden):
        shop.do(caller(shop, inviter), decide, second.id, "mine", approve=True)
    shop.do(operator, decide, second.id, "neighbours", approve=True)
    shop.do(operator, decide, third.id, "nine phones", approve=False)
    with pytest.raises(NotFound):
        shop.do(operator, decide, third.id, "again", approve=True)
    assert balance(shop, inviter) == 20


def test_more_than_a_days_rewards_wait_and_a_refunded_order_is_not_approved(shop, inviter):
    rules(shop, when=RewardWhen.FORMED, a_day=1)
    first, second = invite(shop, inviter), invite(shop, inviter, phone="13900000002")
    bought(shop, first)
    kept = bought(shop, second)
    looked(shop)
    states = {state(shop, first), state(shop, second)}
    assert states == {InvitationState.REWARDED, InvitationState.HELD}
    held = next(each for each in shop.all(Invitation) if each.state is InvitationState.HELD)
    assert held.doubt is Doubt.MANY_A_DAY
    shop.do(shop.merchant_caller(), aftersale.refund_order, held.order_id, "缺货")
    with pytest.raises(Refused, match="order_is_not_refunded"):
        shop.do(
            shop.caller("usr_ops", Role.OPERATOR),
            points.decide_invitation,
            held.invitee_id,
            "fine",
            approve=True,
        )
    assert kept is not None


def test_an_inviter_sees_who_came_by_the_code_and_only_their_initial(shop, inviter):
    assert shop.do(caller(shop, inviter), points.my_code) == inviter.id
    invitee = invite(shop, inviter)
    (seen,) = shop.do(caller(shop, inviter), points.my_invitations, 10)
    assert (seen.initial, seen.invitation.state) == ("李", InvitationState.OPEN)
    assert shop.do(caller(shop, invitee), points.my_invitations, 10) == []
    assert shop.get(User, invitee.id).invited_by == inviter.id


def test_where_the_operator_rewards_nobody_nothing_is_kept(shop, inviter):
    rules(shop, points=0)
    invite(shop, inviter)
    assert shop.all(Invitation) == []


@pytest.mark.parametrize("wrong", [{"points": -1}, {"a_day": 0}, {"within_days": 0}])
def test_rules_of_invitations_nobody_could_mean_are_refused(wrong):
    with pytest.raises(Invalid):
        InvitationRules(**wrong)
