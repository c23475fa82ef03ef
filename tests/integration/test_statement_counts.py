"""What the hot paths cost, counted: statements, bytes of log, memory; they cannot grow unseen."""

import tracemalloc
from collections import Counter
from itertools import pairwise

import pytest
from attrs import evolve

from groupbuy.adapters import persistence
from groupbuy.application import checkout, payments
from groupbuy.application.ports import KeyClaim
from groupbuy.domain.campaigns import Measure, Quorum
from groupbuy.domain.ordering import Contact, OrderState
from tests.support.shop import Shop


class Watched:
    """A shop on PostgreSQL that can say which statements a step sent."""

    def __init__(self, database):
        self.database = database
        self.shop = Shop(begin=database.begin)

    def statements(self, step):
        """Return what `step` sends, by verb and table, and how often."""
        counter = self.database.counter
        counter.texts = []
        try:
            step()
        finally:
            texts, counter.texts = counter.texts, None
        return Counter(map(_described, texts))

    def joins(self, campaign, count):
        return [self._join(campaign, number) for number in range(count)]

    def carry_out(self, joins):
        answers = checkout.join_many(self.shop.desk, joins, lambda made: made.order.id, str)
        assert all(answer.ok and not replayed for answer, replayed in answers)

    def paid(self, joined):
        """Let a buyer pay; return what the provider has to say about it."""
        shop, payment = self.shop, joined.payment
        request = shop.desk.read(shop.system(), lambda w: payments.prepay_request(w, payment.id))
        shop.gateway.prepay(request)
        return shop.gateway.pay(payment.number)

    def logged(self):
        """Return how many bytes of write-ahead log there are so far."""
        with self.database.engine.connect() as connection:
            place = "SELECT pg_current_wal_insert_lsn() - '0/0'"
            return int(connection.exec_driver_sql(place).scalar_one())

    def hear_all(self, reports):
        shop = self.shop
        shop.desk.run(shop.system(), lambda w: payments.settle_payments(w, reports))

    def hear_callbacks(self, reports):
        shop = self.shop
        heard = [payments.Heard("memory", evolve(r, event_id=f"evt-{r.number}")) for r in reports]
        assert payments.hear_payments(shop.desk, shop.tenant, heard) == [None] * len(heard)

    def _join(self, campaign, number):
        who = self.shop.shopper()
        return checkout.Join(
            caller=who,
            claim=KeyClaim(f"{campaign.id}/{who.user_id}", f"key-{number}", "hash"),
            campaign_id=campaign.id,
            items=((campaign.offers[0].sku_id, 1),),
            contact=Contact(name="王", phone="138", address="幸福路 1 号"),
        )


def _described(text):
    words = text.replace('"', "").split()
    verb = words[0]
    if verb == "WITH":
        return "INSERT " + ", ".join(after for word, after in pairwise(words) if word == "INTO")
    if verb == "SELECT" and "set_config" in text:
        return "open"
    after = {"SELECT": "FROM", "INSERT": "INTO", "UPDATE": "UPDATE", "DELETE": "FROM"}[verb]
    lock = " FOR UPDATE" if "FOR NO KEY UPDATE" in text else ""
    if "LATERAL" in words:  # a table of parameters comes before the one that is read
        words = words[words.index("LATERAL") :]
    return f"{verb} {words[words.index(after) + 1]}{lock}"


@pytest.fixture
def watched(pg_database):
    database = persistence.open_database(pg_database.app_url)
    yield Watched(database)
    database.close()


JOIN = Counter(
    {
        "open": 1,
        "SELECT groups FOR UPDATE": 1,
        "SELECT idempotency": 1,
        "SELECT campaigns": 1,
        "SELECT seats": 1,
        "SELECT stock FOR UPDATE": 1,
        "UPDATE groups": 1,
        "UPDATE stock": 1,
        "INSERT idempotency, seats, orders, order_lines, payments, events, tasks": 1,
    }
)
CAPTURE = Counter(
    {
        "open": 1,
        "SELECT payments": 1,
        "SELECT orders": 1,
        "SELECT order_lines": 1,
        "SELECT groups FOR UPDATE": 1,
        "SELECT campaigns": 1,
        "SELECT seats": 1,
        "SELECT stock FOR UPDATE": 1,
        "SELECT merchants": 1,
        "UPDATE groups": 1,
        "UPDATE stock": 1,
        "UPDATE seats": 1,
        "UPDATE orders": 1,
        "UPDATE payments": 1,
        "INSERT journals, journal_lines, events, tasks": 1,
    }
)

LOG_BYTES = 9_000
"""Write-ahead log of a join: eleven rows and their entries in 26 indexes."""
MEMORY_BYTES = 30_000
"""The most a batch holds at once for each of its joins, parameters of its statements included."""


def grown(sent, known):
    """Return what was sent beyond the figures of today."""
    return dict(sent - known)


def test_a_join_in_a_batch_writes_a_bounded_log_and_keeps_little_in_memory(watched):
    """Bytes of write-ahead log and of memory: what the machine's speed cannot hide."""
    campaign, logged = watched.shop.campaign(), watched.logged()
    watched.carry_out(watched.joins(campaign, 32))  # plans and statements are made once
    batch = watched.joins(campaign, 64)
    before = watched.logged()
    tracemalloc.start()
    watched.carry_out(batch)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert logged < before < watched.logged() <= before + LOG_BYTES * len(batch)
    assert 0 < peak <= MEMORY_BYTES * len(batch)


def test_a_join_alone_sends_9_statements(watched):
    join = watched.joins(watched.shop.campaign(), 1)
    sent = watched.statements(lambda: watched.carry_out(join))
    assert grown(sent, JOIN) == {}
    assert sent.total() <= 10


def test_32_joins_of_one_group_send_no_more_than_one_alone(watched):
    batch = watched.joins(watched.shop.campaign(), 32)
    sent = watched.statements(lambda: watched.carry_out(batch))
    assert grown(sent, JOIN) == {}
    assert sent.total() <= len(batch)


def test_32_joins_of_32_groups_send_no_more_than_one_alone(watched):
    batch = [watched.joins(watched.shop.campaign(), 1)[0] for _ in range(32)]
    sent = watched.statements(lambda: watched.carry_out(batch))
    assert grown(sent, JOIN) == {}


def test_a_capture_that_confirms_its_order_sends_15_statements(watched):
    campaign = watched.shop.campaign(quorum=Quorum(Measure.BUYERS, 1))
    joined = watched.shop.join(campaign)
    report = watched.paid(joined)
    sent = watched.statements(lambda: watched.shop.hear(report))
    assert watched.shop.order(joined).state is OrderState.CONFIRMED
    assert grown(sent, CAPTURE) == {}
    assert sent.total() <= 15


def test_32_captures_of_one_group_send_no_more_than_one_alone(watched):
    campaign = watched.shop.campaign(quorum=Quorum(Measure.BUYERS, 1))
    reports = [watched.paid(watched.shop.join(campaign)) for _ in range(32)]
    sent = watched.statements(lambda: watched.hear_all(reports))
    assert grown(sent, CAPTURE) == {}
    assert sent.total() <= len(reports)


@pytest.mark.parametrize("count", [1, 32])
def test_callbacks_send_one_statement_more_for_their_inbox_keys(watched, count):
    campaign = watched.shop.campaign(quorum=Quorum(Measure.BUYERS, 1))
    reports = [watched.paid(watched.shop.join(campaign)) for _ in range(count)]
    sent = watched.statements(lambda: watched.hear_callbacks(reports))
    more = grown(sent, CAPTURE)
    # Kept with their answers by the statement that inserts everything else.
    (written,) = [each for each in more if each.startswith("INSERT idempotency, ")]
    assert more == {"SELECT idempotency": 1, written: 1}
    assert sent.total() <= 16
