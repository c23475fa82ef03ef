"""A person who asks to be forgotten is; as long as nothing is owed, either way."""

import pytest
from attrs import evolve

from groupbuy.adapters.memory import MemorySignals
from groupbuy.adapters.system import AesVault
from groupbuy.application import membership
from groupbuy.application.policy import Policy
from groupbuy.application.ports import AuditRow
from groupbuy.application.steps.sealing import NAME, open_sealed
from groupbuy.application.write_path import Desk
from groupbuy.domain.campaigns import Measure, Quorum
from groupbuy.domain.commission import CommissionRole, Entry
from groupbuy.domain.kernel import Forbidden, Invalid, Money, NotFound, Refused
from groupbuy.domain.ledger import Balance
from groupbuy.domain.membership import (
    Address,
    Leader,
    LeaderState,
    LoginSession,
    PickupPoint,
    Role,
    User,
)
from groupbuy.domain.ordering import Order, OrderState
from tests.support.shop import NoWaiting, Shop

PHONE = "13800001234"


@pytest.fixture
def shop():
    return Shop()


def enrolled(shop, name="何秀兰", phone=PHONE):
    ready = membership.Enrol(phone, "hash", name, "1")
    return shop.desk.run(shop.system(), lambda work: membership.enrol(work, ready))


def erase(shop, user, by=None, reason="asked for it"):
    caller = by or shop.system()
    return shop.desk.run(caller, lambda work: membership.erase_person(work, user.id, reason))


def refused(shop, user):
    with pytest.raises(Refused) as refusal:
        erase(shop, user)
    assert refusal.value.rule == "nothing_is_open"
    assert not shop.get(User, user.id).erased
    return refusal.value.about


def test_nothing_personal_of_an_erased_person_is_left(shop):
    user = enrolled(shop)
    place = membership.Place("何秀兰", PHONE, "上海", "东门路 1 号")
    caller = shop.caller(user.id, Role.SHOPPER)
    shop.desk.run(caller, lambda work: membership.add_address(work, place))
    now = shop.clock.at
    shop.store(LoginSession("s1", user.id, now, now, now.replace(year=2027)))
    erase(shop, user)
    after = shop.get(User, user.id)
    assert (after.data_key, after.name_sealed, after.phone_sealed, after.initial) == ("",) * 4
    assert (after.roles, after.blocked, after.password_hash) == (frozenset(), True, "")
    (address,) = shop.all(Address)
    assert (address.street_sealed, address.phone_tail, address.region) == ("", "", "")
    assert shop.get(LoginSession, "s1").ended_at == now
    assert [row.action for row in shop.all(AuditRow)][-1] == "user.erased"


def test_the_phone_number_of_an_erased_person_is_free_again(shop):
    erase(shop, enrolled(shop))
    with pytest.raises(NotFound):
        shop.desk.read(shop.system(), lambda work: membership.find_user(work, PHONE))
    assert enrolled(shop, "别人").id


def test_erasing_twice_changes_nothing(shop):
    user = enrolled(shop)
    assert [erase(shop, user).erased for _ in range(2)] == [True, True]
    assert shop.get(User, user.id).version == 1
    assert len([row for row in shop.all(AuditRow) if row.action == "user.erased"]) == 1


def test_nobody_erases_somebody_else_without_a_post(shop):
    user = enrolled(shop)
    for roles in ([Role.SHOPPER], [Role.FINANCE], [Role.MERCHANT]):
        with pytest.raises(Forbidden):
            erase(shop, user, by=shop.caller("usr_other", *roles))
    assert erase(shop, user, by=shop.caller(user.id, Role.SHOPPER)).erased


def test_an_erasure_needs_a_reason_and_a_person(shop):
    with pytest.raises(Invalid):
        erase(shop, enrolled(shop), reason=" ")
    with pytest.raises(NotFound):
        erase(shop, evolve(shop.user(), id="usr_nobody"))


def test_a_buyer_is_erased_only_when_the_order_and_its_refund_are_over(shop):
    user = shop.user()
    campaign = shop.campaign()
    joined = shop.join(campaign, shop.caller(user.id, Role.SHOPPER))
    assert refused(shop, user) == joined.order.id
    shop.pay(joined)
    assert refused(shop, user) == joined.order.id
    shop.pass_time(days=4)  # the group fails; the money goes back
    assert [refund.open for refund in shop.refunds(joined)] == [False]
    assert shop.order(joined).contact.region == "上海"
    erase(shop, user)
    assert shop.get(Order, joined.order.id).contact.phone_tail == ""


def test_a_refund_on_its_way_keeps_a_person(shop):
    user = shop.user()
    campaign = shop.campaign()
    joined = shop.join(campaign, shop.caller(user.id, Role.SHOPPER))
    shop.pay(joined)
    shop.gateway.settles_at_once = False
    shop.pass_time(days=4)
    assert [refund.open for refund in shop.refunds(joined)] == [True]
    assert refused(shop, user).startswith("rfd_")


def test_a_leader_is_erased_only_without_earnings(shop):
    leader = shop.leader(contact_sealed="x", payout_account_sealed="y")
    user = shop.get(User, leader.user_id)
    shop.desk.run(shop.system(), lambda w: w.of(User).save(evolve(user, leader_id=leader.id)))
    user = shop.get(User, user.id)
    account = f"leader:{leader.id}:available"
    shop.store(Balance(account, 1))
    assert refused(shop, user) == account
    shop.desk.run(shop.system(), lambda work: work.put_balance(account, -1))
    erase(shop, user)
    after = shop.get(Leader, leader.id)
    assert (after.state, after.name) == (LeaderState.SUSPENDED, "")
    assert (after.contact_sealed, after.payout_account_sealed) == ("", "")


def test_commission_that_has_not_vested_keeps_a_leader(shop):
    leader = shop.leader()
    user = shop.user(leader_id=leader.id)
    entry = Entry(
        id="cme_1",
        order_id="ord_1",
        line_no=1,
        leader_id=leader.id,
        role=CommissionRole.LEADER,
        base=Money(100),
        bp=500,
        amount=Money(5),
        created_at=shop.clock.at,
    )
    shop.store(entry)
    assert refused(shop, user) == "cme_1"


# --- a new master key ------------------------------------------------------------------------

OLD, NEW = {"2025": b"a" * 32}, {"2026": b"b" * 32}


def with_vault(shop, masters, current):
    shop.kit = evolve(shop.kit, vault=AesVault(masters, current, "2025"))
    shop.desk = Desk(shop.begin, shop.kit, MemorySignals(), NoWaiting())


def rotate(shop, limit=2):
    done, after = [], ""
    while not done or after:
        step = shop.desk.run(
            shop.system(), lambda work, after=after: membership.rotate_keys(work, after, limit)
        )
        done.append(step)
        after = step.last
    return [sum(getattr(step, name) for step in done) for name in ("seen", "wrapped", "lost")]


def test_after_a_rotation_the_new_master_alone_opens_everything(shop):
    with_vault(shop, OLD, "2025")
    people = [enrolled(shop, f"人{n}", f"1380000{n:04}") for n in range(5)]
    erase(shop, people[0])
    with_vault(shop, OLD | NEW, "2026")
    assert rotate(shop) == [5, 4, 0]
    assert rotate(shop) == [5, 0, 0]
    shop.kit = evolve(shop.kit, vault=AesVault(NEW, "2026"))
    shop.desk = Desk(shop.begin, shop.kit, MemorySignals(), NoWaiting())
    for number, person in enumerate(people[1:], start=1):
        found = shop.get(User, person.id)
        name = shop.desk.read(
            shop.system(), lambda w, found=found: open_sealed(w, found, NAME, found.name_sealed)
        )
        assert name == f"人{number}"


def test_a_rotation_counts_what_no_master_opens_and_goes_on(shop):
    with_vault(shop, OLD, "2025")
    enrolled(shop)
    shop.user(data_key="2024:gone")
    with_vault(shop, OLD | NEW, "2026")
    assert rotate(shop, limit=1) == [2, 1, 1]


def test_a_late_payment_of_an_erased_person_goes_back(shop):
    user = enrolled(shop)
    campaign = shop.campaign()
    late = shop.join(campaign, who=shop.caller(user.id, Role.SHOPPER))
    shop.pass_time(minutes=20)
    erase(shop, user)
    assert shop.order(late).state is OrderState.CLOSED
    assert shop.late_word(late, at=shop.clock.at).outcome == "refunded:late_payment"


def test_nobody_is_credited_with_commission_for_an_erased_leader():
    shop = Shop(policy=Policy(provider="memory", helper_bp=100))
    shop.merchant()
    leader = shop.leader(commission_bp=500)
    point = shop.store(PickupPoint(shop.ids.new("pup"), "东门", "东门路", "上海", leader.id))
    belongs(shop, leader)
    shop.desk.run(
        shop.system(), lambda work: membership.erase_person(work, leader.user_id, "asked for it")
    )
    assert shop.get(PickupPoint, point.id).leader_id is None
    campaign = shop.campaign(quorum=Quorum(Measure.BUYERS, 4))
    joined = shop.join_and_pay(campaign, 3)

    def name_them(work):
        for each in joined:
            order = work.of(Order).lock([each.order.id])[each.order.id]
            work.of(Order).save(evolve(order, helper_id=leader.id))

    shop.desk.run(shop.system(), name_them)
    shop.join_and_pay(campaign, 1)
    shop.work_off()
    assert {shop.order(each).state for each in joined} == {OrderState.CONFIRMED}
    assert shop.all(Entry) == []


def belongs(shop, leader):
    def write(work):
        user = work.of(User).lock([leader.user_id])[leader.user_id]
        work.of(User).save(evolve(user, leader_id=leader.id))

    shop.desk.run(shop.system(), write)
