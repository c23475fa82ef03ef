"""Points over HTTP: one's own, and nobody else's."""

from datetime import datetime, timedelta

import pytest

from groupbuy.application.write_path import Caller
from groupbuy.domain.points import PointLot, PointLotState, PointMove, PointSource, PointWhy
from tests.support.two_shops import two_shops
from tests.support.web import HOST, TENANT


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    folder = tmp_path_factory.mktemp("points")
    with two_shops(f"sqlite:///{folder / 'shop.db'}", folder) as opened:
        yield opened


@pytest.fixture
def world(both):
    both.restore()
    return both


def get(world, who, path):
    headers = {"Host": HOST} | (world.own.people[who].headers if who else {})
    return world.shop.client.get(f"/api/v1{path}", headers=headers)


def give(world, who):
    """Store a posted lot of somebody's, with its two lines."""
    app, owner = world.shop.app, world.own.people[who].user.id
    now, lot_id = app.kit.clock.now(), f"{world.own.ids['order']}/points"
    lot = PointLot(
        lot_id,
        owner,
        PointSource.PURCHASE,
        world.own.ids["order"],
        1,
        now,
        earned=79,
        state=PointLotState.POSTED,
        posted_at=now,
        expires_at=now + timedelta(days=365),
    )
    new = app.kit.ids.new

    def store(work):
        work.of(PointLot).add(lot)
        for why, points, pending in ((PointWhy.GRANTED, 0, 79), (PointWhy.POSTED, 79, -79)):
            work.of(PointMove).add(
                PointMove(new("ptm"), owner, lot_id, why, now, points=points, pending=pending)
            )

    app.desk.run(Caller.system(TENANT), store)
    return lot


def test_a_shopper_sees_balance_and_journal_page_by_page(world):
    lot = give(world, "shopper")
    held = get(world, "shopper", "/shop/points").json()
    assert (held["balance"], held["pending"], held["next_points"]) == (79, 0, 79)
    assert datetime.fromisoformat(held["next_end"]) == lot.expires_at
    first = get(world, "shopper", "/shop/points/journal?limit=1").json()
    (line,) = first["items"]
    assert (line["why"], line["points"], line["pending"], line["lot"]) == (
        "posted",
        79,
        -79,
        lot.id,
    )
    more = f"/shop/points/journal?limit=1&cursor={first['next_cursor']}"
    rest = get(world, "shopper", more).json()
    assert [each["why"] for each in rest["items"]] == ["granted"]
    assert rest["next_cursor"] is None


def test_nobody_sees_the_points_of_somebody_else(world):
    give(world, "shopper")
    assert get(world, None, "/shop/points").status_code == 401
    other = get(world, "leader", "/shop/points").json()
    assert other == {"balance": 0, "pending": 0, "next_end": None, "next_points": 0}
    assert get(world, "leader", "/shop/points/journal").json()["items"] == []
