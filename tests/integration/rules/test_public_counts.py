"""The public count of a group follows what was paid, on every database, behind the write path."""

import threading

import pytest
from attrs import evolve

from groupbuy.application import aftersale, campaigns, payments
from groupbuy.application.campaigns import counting
from groupbuy.domain.campaigns import CountHead, CountLink, GroupState, Measure, Mode, Quorum
from groupbuy.domain.kernel import NotFound
from groupbuy.domain.membership import Role
from tests.support.shop import Shop


def keep(shop):
    return campaigns.keep_counts(shop.desk, shop.begin.__self__, shop.tenant)


def checked(shop, campaign):
    group = shop.group(campaign)
    return shop.desk.read(shop.system(), lambda w: campaigns.check_counts(w, group.id))


def told(shop, campaign):
    found = checked(shop, campaign)
    assert found.findings == []
    return [(each.count, each.joined) for each in found.links]


def test_the_last_count_is_the_progress_after_every_move(checked_shop):
    shop = checked_shop
    campaign = shop.campaign(quorum=Quorum(Measure.UNITS, 9))
    assert keep(shop) == 1
    for units in (2, 1):
        shop.clock.forward(minutes=1)
        shop.pay(shop.join(campaign, units=units))
        shop.join(campaign)  # who has not paid does not count
        keep(shop)
        seen = shop.progress(campaign)
        assert told(shop, campaign)[-1] == (seen.reached, seen.joined)
        assert checked(shop, campaign).agrees
    assert told(shop, campaign) == [(0, 0), (2, 1), (3, 2)]


def test_what_was_read_before_adds_nothing(checked_shop):
    shop = checked_shop
    campaign = shop.campaign()
    shop.join_and_pay(campaign, 3)
    assert keep(shop) == 2
    shop.clock.forward(seconds=30)  # within the margin: read again
    assert keep(shop) == 0
    assert told(shop, campaign) == [(0, 0), (3, 3)]


def test_a_buyer_who_leaves_and_a_group_that_fails_are_counted_down(checked_shop):
    shop = checked_shop
    campaign = shop.campaign()
    first, _ = shop.join_and_pay(campaign, 2)
    keep(shop)
    leaver = shop.caller(first.order.buyer_id, Role.SHOPPER)
    shop.do(leaver, aftersale.leave_group, first.order.id)
    keep(shop)
    shop.pass_time(days=3)
    shop.rest()
    keep(shop)
    assert shop.group(campaign).state is GroupState.FAILED
    assert told(shop, campaign) == [(0, 0), (2, 2), (1, 1), (0, 0)]


def test_a_relay_counts_too(checked_shop):
    shop = checked_shop
    campaign = shop.campaign(mode=Mode.RELAY, quorum=None)
    shop.join_and_pay(campaign, 1)
    keep(shop)
    assert told(shop, campaign) == [(0, 0), (1, 1)]


def test_pages_of_a_pass_follow_each_other(checked_shop, monkeypatch):
    shop = checked_shop
    monkeypatch.setattr(counting, "EVENTS", 2)
    campaign = shop.campaign()
    shop.join_and_pay(campaign, 4)
    assert keep(shop) > 1
    assert told(shop, campaign)[-1] == (4, 4)


def test_a_pass_that_is_told_to_stop_goes_on_where_it_was(checked_shop, monkeypatch):
    shop = checked_shop
    monkeypatch.setattr(counting, "EVENTS", 2)
    campaign = shop.campaign()
    shop.join_and_pay(campaign, 2)
    campaigns.keep_counts(shop.desk, shop.begin.__self__, shop.tenant, lambda: False)
    assert not checked(shop, campaign).links
    keep(shop)
    assert told(shop, campaign)[-1] == (2, 2)


def test_links_are_shown_in_pages_and_a_group_that_is_not_there_is_said_to_be(checked_shop):
    shop = checked_shop
    campaign = shop.campaign()
    for _ in range(3):
        shop.join_and_pay(campaign, 1)
        keep(shop)
    group_id = shop.group(campaign).id

    def page(after):
        return shop.desk.read(
            shop.system(), lambda w: campaigns.public_counts(w, group_id, 3, after)
        )

    first = page(None)
    rest = page((first[-1].sequence, first[-1].id))
    assert [each.sequence for each in (*first, *rest)] == [1, 2, 3, 4]
    with pytest.raises(NotFound):
        shop.desk.read(shop.system(), lambda w: campaigns.public_counts(w, "grp_none", 3))


def test_somebody_who_rewrites_a_link_is_found_out(checked_shop):
    shop = checked_shop
    campaign = shop.campaign()
    shop.join_and_pay(campaign, 1)
    keep(shop)
    links = checked(shop, campaign).links
    shop.store(evolve(links[-1], id=f"{links[-1].group_id}/{3:012d}", sequence=3, joined=50))
    found = checked(shop, campaign)
    assert {each.check for each in found.findings} == {"broken_link", "hash_differs"}
    assert not found.agrees


def test_two_workers_at_once_add_every_link_once(postgres_shop):
    shop = postgres_shop
    campaign = shop.campaign()
    shop.join_and_pay(campaign, 2)
    together = threading.Barrier(3)

    def work():
        other = Shop(shop.begin, shop.clock, shop.policy, shop.tenant)
        together.wait(30)
        keep(other)

    workers = [threading.Thread(target=work) for _ in range(3)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    assert told(shop, campaign) == [(0, 0), (2, 2)]
    assert len(shop.all(CountHead)) == 1
    assert len(shop.all(CountLink)) == 2


def test_a_payment_that_commits_late_is_still_counted(postgres_shop):
    """Its event is told first and becomes visible last, when others were counted long ago."""
    shop = postgres_shop
    slow_one, quick_one = shop.campaign(), shop.campaign()
    joined, told_it, go_on = shop.join(slow_one), threading.Event(), threading.Event()
    shop.announce(joined)
    report = shop.gateway.pay(joined.payment.number)

    def slowly(work):
        payments.settle_payments(work, [report])
        told_it.set()
        assert go_on.wait(30)

    other = Shop(shop.begin, shop.clock, shop.policy, shop.tenant)
    slow = threading.Thread(target=other.desk.run, args=(other.system(), slowly))
    slow.start()
    assert told_it.wait(30)
    # The clock of the tests jumps, that of PostgreSQL does not: no further than the margin.
    shop.clock.forward(seconds=50)
    shop.join_and_pay(quick_one, 1)
    keep(shop)
    assert told(shop, slow_one) == [(0, 0)]
    go_on.set()
    slow.join()
    shop.clock.forward(hours=3)
    assert keep(shop) == 1
    assert told(shop, slow_one) == [(0, 0), (1, 1)]
