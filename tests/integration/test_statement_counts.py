"""How many SQL statements the hot paths send: today's figures, so that they cannot grow unseen."""

from collections import Counter

import pytest

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
        """Return (verb, table) and how often, of what `step` sends."""
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
    if verb == "SELECT" and "set_config" in text:
        return "open"
    after = {"SELECT": "FROM", "INSERT": "INTO", "UPDATE": "UPDATE", "DELETE": "FROM"}[verb]
    lock = " FOR UPDATE" if "FOR NO KEY UPDATE" in text else ""
    return f"{verb} {words[words.index(after) + 1]}{lock}"


@pytest.fixture
def watched(pg_database):
    database = persistence.open_database(pg_database.app_url)
    yield Watched(database)
    database.close()


def test_dump(watched):
    campaign = watched.shop.campaign(quorum=Quorum(Measure.BUYERS, 1))
    alone = watched.statements(lambda: watched.carry_out(watched.joins(campaign, 1)))
    print(sum(alone.values()), alone)
    batch = watched.statements(lambda: watched.carry_out(watched.joins(campaign, 32)))
    print(sum(batch.values()), batch)
    campaign = watched.shop.campaign(quorum=Quorum(Measure.BUYERS, 1))
    made = watched.shop.join(campaign)
    payment = made.payment
    watched.shop.gateway.prepay(
        watched.shop.desk.read(watched.shop.system(), lambda w: payments.prepay_request(w, payment.id))
    )
    report = watched.shop.gateway.pay(payment.number)
    one = watched.statements(lambda: watched.shop.hear(report))
    print(sum(one.values()), one)
    print(watched.shop.order(made).state)
    watched.shop.work_off()
    print(watched.shop.order(made).state)
