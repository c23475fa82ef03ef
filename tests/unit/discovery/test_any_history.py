"""Whatever is bought and given back, heard late or twice: the same habits and heats."""

from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from groupbuy.application.discovery.following import FOLLOWER, recount
from groupbuy.application.report_facts import ReportPosition
from groupbuy.domain.discovery import Habit, Heat
from groupbuy.domain.ordering import Order
from tests.support.discovery import dump, follow, rebuild
from tests.unit.reporting.test_any_history import STEPS, ZONES, Story


@settings(max_examples=30, deadline=None)
@given(STEPS, st.sampled_from(ZONES), st.randoms(use_true_random=False))
def test_what_was_kept_on_the_way_is_what_is_counted_anew(steps, zone, chance):
    story = Story(zone)
    shop = story.shop
    for step in steps:
        story.step(*step)
        if chance.random() < 0.3:  # some orders are heard of late, twice, or out of turn
            known = [order.id for order in shop.all(Order)]
            some = chance.sample(known, chance.randint(0, len(known)))
            shop.desk.run(shop.system(), lambda w, some=some: recount(w, some))
        if chance.random() < 0.2:
            follow(shop)
    shop.work_off()
    follow(shop)
    kept = dump(shop)
    again = rebuild(shop)
    assert again.changed == 0
    assert dump(shop) == kept
    assert again.orders == len(shop.all(Order))
    bought = [order for order in shop.all(Order) if order.confirmed_at is not None]
    everywhere = [heat for heat in shop.all(Heat) if not heat.community]
    units = sum(line.units for order in bought for line in order.lines)
    assert sum(heat.units for heat in everywhere) == units
    back = sum(line.refunded_units for order in bought for line in order.lines)
    assert sum(heat.back for heat in everywhere) == back


@settings(max_examples=15, deadline=None)
@given(STEPS)
def test_what_somebody_spoiled_is_put_right_to_the_byte(steps):
    story = Story()
    for step in steps:
        story.step(*step)
    story.shop.work_off()
    follow(story.shop)
    kept, shop = dump(story.shop), story.shop
    with shop.begin(shop.tenant) as tx:
        for heat in shop.all(Heat):
            tx.of(Heat).save(evolve(tx.of(Heat).lock([heat.id])[heat.id], buyers=99))
        tx.of(Habit).add(Habit.of("usr_x/prd_x").with_buys([]))
    rebuild(shop)
    assert dump(shop) == kept
    follow(shop)
    assert dump(shop) == kept


def test_another_zone_is_noticed_and_everything_counted_anew():
    story = Story()
    story.step("buy", 0, 0)
    shop = story.shop
    follow(shop)
    kit = evolve(shop.kit, policy=evolve(shop.policy, zone="Pacific/Auckland"))
    shop.desk = evolve(shop.desk, kit=kit)
    assert follow(shop).stale
    rebuild(shop)
    assert not follow(shop).stale
    positions = {each.id: each.zone for each in shop.all(ReportPosition)}
    assert positions[FOLLOWER] == "Pacific/Auckland"
