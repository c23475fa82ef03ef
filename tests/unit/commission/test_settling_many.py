"""A month of very many entries: read by pages, settled some leaders at a time, resumed anywhere."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from groupbuy.adapters.memory import MemoryDatabase
from groupbuy.application import commission
from groupbuy.application.commission import previewing, settling
from groupbuy.application.ledger_reports import verify
from groupbuy.domain.commission import (
    ChangedSincePreview,
    Entry,
    EntryState,
    digest_of,
    totals_in_order,
    totals_of,
)
from groupbuy.domain.kernel import Money
from tests.support.deaths import every_death, mortal_desk
from tests.support.earnings import FINANCE, TENANT, Earnings

NOVEMBER = datetime(2026, 11, 3, 4, tzinfo=UTC)
PERIOD = "2026-10"


def earned(leaders=5, orders=3):
    """Return a shop in November in which every leader earned ¥10.00 an order in October."""
    shop = Earnings(MemoryDatabase())
    shop.begin = shop.database.begin
    shop.leaders = [shop.leader(f"何{n}") for n in range(leaders)]
    for leader in shop.leaders:
        for _ in range(orders):
            shop.earn(leader)
    shop.clock.at = NOVEMBER
    return shop


@pytest.fixture
def pages_read(monkeypatch):
    """Read two things a page; note how many each unit of work held."""
    held, pages = [], previewing.pages

    def small(desk, caller, kind, query):
        for page in pages(desk, caller, kind, query, 2):
            held.append((kind, len(page)))
            yield page

    monkeypatch.setattr(previewing, "pages", small)
    return held


@pytest.fixture
def few_at_a_time(monkeypatch):
    """Let one transaction settle two leaders of three entries."""
    monkeypatch.setattr(settling, "ENTRIES", 6)


def test_a_preview_holds_one_page_of_entries_however_many_there_are(pages_read):
    shop = earned()
    whole = shop.preview()
    assert [size for kind, size in pages_read if kind is Entry] == [2] * 7 + [1]
    assert [p.totals.lines for p in whole.portions] == [3] * 5
    assert whole.total("settled") == Money(15_000)


def test_the_digest_is_the_same_however_the_pages_fall(pages_read):
    shop = earned()
    found = {p.leader_id: p.totals.digest for p in shop.preview().portions}
    by_hand = {leader.leader_id: digest_of(shop.entries(leader)) for leader in shop.leaders}
    assert found == by_hand


def test_totals_of_a_stream_are_those_of_the_whole_and_ask_for_its_order():
    shop = earned(leaders=1)
    entries = sorted(shop.entries(shop.leaders[0]), key=lambda entry: entry.id)
    assert totals_in_order(iter(entries), "CNY") == totals_of(entries[::-1], "CNY")
    with pytest.raises(ValueError, match="by id"):
        totals_in_order(reversed(entries), "CNY")
    with pytest.raises(ValueError, match="each once"):
        totals_in_order([entries[0], entries[0]], "CNY")


def test_some_leaders_share_a_transaction_and_a_leader_is_never_cut(few_at_a_time):
    shop = earned()
    begun = Counter()

    def begin(tenant, *, write=True):
        begun["writing" if write else "reading"] += 1
        return shop.database.begin(tenant, write=write)

    planned = shop.preview()
    shop.desk = type(shop.desk)(begin, shop.kit, shop.database.signals, shop.desk.backoff)
    done = commission.run(shop.desk, FINANCE, PERIOD, planned.digest, "October")
    assert len(done.settled) == 5
    assert begun["writing"] == 3
    assert [shop.available(leader) for leader in shop.leaders] == [3_000] * 5


def test_progress_tells_what_was_read_and_then_what_is_settled(few_at_a_time, pages_read):
    shop, told = earned(leaders=3), []
    digest = shop.preview().digest
    commission.run(shop.desk, FINANCE, PERIOD, digest, "October", lambda *said: told.append(said))
    assert told == [(2, 0), (4, 0), (6, 0), (8, 0), (9, 0), (6, 9), (9, 9)]


def test_a_leader_whose_entries_changed_keeps_nobody_before_them_from_their_money(monkeypatch):
    shop = earned(leaders=3)
    planned = shop.preview()
    changed = planned.portions[1].leader_id
    monkeypatch.setattr(settling, "compare", lambda *_: planned)
    spoil(shop, changed)
    with pytest.raises(ChangedSincePreview):
        commission.run(shop.desk, FINANCE, PERIOD, planned.digest, "October")
    by_leader = {leader.leader_id: shop.available(leader) for leader in shop.leaders}
    assert by_leader[planned.portions[0].leader_id] == 3_000
    assert by_leader[changed] == 0


def spoil(shop, leader_id):
    """Let one more entry of October fall due to a leader."""
    leader = next(each for each in shop.leaders if each.leader_id == leader_id)
    at, shop.clock.at = shop.clock.at, datetime(2026, 10, 20, tzinfo=UTC)
    shop.earn(leader)
    shop.clock.at = at


@pytest.mark.parametrize("by", ["hand", "worker"])
def test_a_run_that_dies_anywhere_is_finished_by_the_next_and_nobody_is_paid_twice(
    by, few_at_a_time
):
    seen = Counter()

    def settle(shop, desk):
        if by == "worker":
            commission.settle_due(desk, TENANT)
        else:
            commission.run(desk, FINANCE, PERIOD, shop.digest, "October")

    def opened(_):
        shop = earned()
        shop.digest = shop.preview().digest
        return shop

    for shop in every_death(opened, lambda shop, life: settle(shop, mortal_desk(shop, life))):
        seen[sum(shop.available(leader) > 0 for leader in shop.leaders)] += 1
        settle(shop, shop.desk)
        assert [shop.available(leader) for leader in shop.leaders] == [3_000] * 5
        for leader in shop.leaders:
            assert {entry.state for entry in shop.entries(leader)} == {EntryState.PAID}
        assert verify(shop.books()) == []
    assert set(seen) == {0, 2, 4, 5}
