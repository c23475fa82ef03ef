from datetime import timedelta
from types import SimpleNamespace

import pytest

from groupbuy.adapters.memory.pictures import MemoryPictures
from groupbuy.application.ports import AuditRow, Task
from groupbuy.domain.ledger import Balance
from groupbuy.entrypoints import checkup


@pytest.fixture
def stage(shop):
    """Put an effect into the outbox."""

    def put(key, **changes):
        topic, subject = key.split("/")
        given = {"due_at": shop.clock.at, "created_at": shop.clock.at, **changes}
        return shop.store(Task(id=key, topic=topic, subject=subject, **given))

    return put


def test_parked_effects_come_first(groupbuy, shop, stage):
    stage("track/shp_1", due_at=shop.clock.at - timedelta(hours=1))
    stage("refund/rfd_1", state="parked", attempts=20, last_error="unavailable")
    stage("refund/rfd_2", state="done")
    run = groupbuy("outbox", "list")
    assert run.code == 0
    assert run.out == (
        "id\tstate\tdue\tattempts\tlast error\n"
        "refund/rfd_1\tparked\t2026-11-02 04:00:00Z\t20\tunavailable\n"
        "track/shp_1\tpending\t2026-11-02 03:00:00Z\t0\t–\n"
    )


def test_effects_are_found_by_state_and_topic(groupbuy, stage):
    stage("refund/rfd_1", state="done")
    stage("track/shp_1", state="done")
    run = groupbuy("outbox", "list", "--state", "done", "--topic", "track", "--json")
    assert [each["id"] for each in run.document["items"]] == ["track/shp_1"]


def test_a_replayed_effect_is_due_at_once_and_audited(groupbuy, shop, stage):
    stage("refund/rfd_1", state="parked", attempts=20, due_at=shop.clock.at + timedelta(hours=9))
    run = groupbuy("outbox", "replay", "refund/rfd_1", "--reason", "bank is back", "--yes")
    assert run.code == 0
    task = shop.get(Task, "refund/rfd_1")
    assert (task.state, task.attempts, task.due_at) == ("pending", 0, shop.clock.at)
    (row,) = shop.all(AuditRow)
    assert (row.actor, row.action, row.subject) == ("usr_operator", "outbox.replay", "refund/rfd_1")
    assert (row.reason, row.channel) == ("bank is back", "cli")


def test_a_rehearsed_replay_changes_nothing(groupbuy, shop, stage):
    before = stage("refund/rfd_1", state="parked")
    run = groupbuy("outbox", "replay", "--parked", "--reason", "x", "--dry-run", "--json")
    assert run.code == 0
    assert [each["state"] for each in run.document["items"]] == ["pending"]
    assert run.err == "dry run: nothing is written\n"
    assert shop.get(Task, before.id).state == "parked"


def test_what_has_happened_is_not_sent_again(groupbuy, shop, stage):
    stage("refund/rfd_1", state="done")
    run = groupbuy("outbox", "replay", "refund/rfd_1", "--reason", "x", "--yes")
    assert run.code == 1
    assert shop.get(Task, "refund/rfd_1").state == "done"


def test_what_a_worker_is_trying_is_left_to_it(groupbuy, shop, stage):
    until = shop.clock.at + timedelta(seconds=30)
    stage("refund/rfd_1", claimed_until=until, token="t")
    run = groupbuy("outbox", "replay", "refund/rfd_1", "--reason", "x", "--yes")
    assert run.code == 5
    assert shop.get(Task, "refund/rfd_1").token == "t"


@pytest.mark.parametrize("given", [["refund/rfd_1", "--parked"], []])
def test_a_replay_names_effects_or_all_parked_ones(groupbuy, given):
    assert groupbuy("outbox", "replay", *given, "--reason", "x", "--yes").code == 2


def test_nobody_is_asked_where_nobody_can_answer(groupbuy, shop, stage):
    stage("refund/rfd_1", state="parked")
    run = groupbuy("outbox", "replay", "refund/rfd_1", "--reason", "x")
    assert run.code == 2
    assert "this needs --yes" in run.err
    assert shop.get(Task, "refund/rfd_1").state == "parked"


def test_the_reason_is_required(groupbuy):
    run = groupbuy("outbox", "replay", "refund/rfd_1", "--yes")
    assert run.code == 2
    assert "--reason" in run.err


def looked_at(shop):
    database = shop.begin.__self__
    pictures = SimpleNamespace(store=MemoryPictures(shop.clock))
    app = SimpleNamespace(
        desk=shop.desk,
        kit=shop.kit,
        database=database,
        pictures=pictures,
        cards=SimpleNamespace(findings=list),
    )
    return {each.name: each for each in checkup.of_shop(app, "main", list)}


def test_the_doctor_reports_effects_that_need_an_operator(shop, stage):
    stage("refund/rfd_1", state="parked")
    assert looked_at(shop)["outbox"].health == "failure"


def test_the_doctor_reports_work_that_waits_too_long(shop, stage):
    stage("refund/rfd_1")
    assert looked_at(shop)["outbox"].health == "ok"
    shop.clock.forward(minutes=6)
    found = looked_at(shop)["outbox"]
    assert (found.health, found.en) == ("failure", "0 parked; the oldest has waited 6 min")


def test_the_doctor_reports_a_clock_that_went_back(shop):
    shop.campaign()
    assert looked_at(shop)["clock"].health == "ok"
    shop.clock.forward(minutes=-5)
    assert looked_at(shop)["clock"].health == "failure"


def test_a_schema_that_does_not_fit_keeps_the_doctor_from_looking_further(shop):
    found = list(checkup.of_shop(None, "main", lambda: ["a column is missing"]))
    assert [(each.name, each.health) for each in found] == [("schema", "failure")]


def test_the_doctor_reports_books_that_are_off(shop):
    assert looked_at(shop)["books"].health == "ok"
    shop.store(Balance(id="leader:ldr_1:available", amount=100))
    assert looked_at(shop)["books"].health == "failure"
