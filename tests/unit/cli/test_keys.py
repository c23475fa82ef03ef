import pytest
from attrs import evolve

from groupbuy.adapters.memory import MemorySignals
from groupbuy.adapters.system import AesVault
from groupbuy.application.ports import AuditRow
from groupbuy.application.write_path import Desk
from groupbuy.domain.membership import User
from tests.support.shop import NoWaiting

OLD, NEW = {"2025": b"a" * 32}, {"2026": b"b" * 32}


@pytest.fixture
def people(shop):
    """Three people under the old master key, with the new one first from now on."""
    old = AesVault(OLD, "2025")
    made = [shop.user(data_key=old.new_data_key()) for _ in range(3)]
    shop.kit = evolve(shop.kit, vault=AesVault(NEW | OLD, "2026", "2025"))
    shop.desk = Desk(shop.begin, shop.kit, MemorySignals(), NoWaiting())
    return made


def masters(shop, people):
    return {shop.get(User, person.id).data_key.partition(":")[0] for person in people}


def test_a_dry_run_counts_and_leaves_every_key_as_it_is(groupbuy, shop, people):
    run = groupbuy("keys", "rotate", "--batch", "2", "--dry-run", "--json")
    assert run.document | {"seen": 3, "wrapped": 3, "lost": 0} == run.document
    assert masters(shop, people) == {"2025"}


def test_keys_are_wrapped_once(groupbuy, shop, people):
    for wrapped in (3, 0):
        run = groupbuy("keys", "rotate", "--batch", "2", "--yes", "--json")
        assert (run.code, run.document["wrapped"]) == (0, wrapped)
        assert masters(shop, people) == {"2026"}


def test_a_key_that_no_master_opens_is_a_finding(groupbuy, shop, people):
    shop.user(data_key="2024:gone")
    run = groupbuy("keys", "rotate", "--yes", "--json")
    assert (run.code, run.document["lost"], run.document["wrapped"]) == (7, 1, 3)


def test_a_person_is_erased_after_their_id_is_typed(groupbuy, shop):
    user = shop.user()
    why = ("--reason", "asked for it", "--no-input")
    assert groupbuy("user", "erase", user.id, *why).code == 2
    assert not shop.get(User, user.id).erased
    assert groupbuy("user", "erase", user.id, *why, "--confirm", user.id).code == 0
    assert shop.get(User, user.id).erased
    assert [(row.action, row.reason) for row in shop.all(AuditRow)] == [
        ("user.erased", "asked for it")
    ]
