"""`groupbuy demo`, as anybody runs it: one command, and every fen accounted for."""

import json
import os
import signal
import subprocess
import sys
from urllib.request import urlopen

import psutil
import pytest
from attrs import evolve

from groupbuy.entrypoints.demo.plans import PLANS
from groupbuy.entrypoints.demo.report import (
    CampaignResult,
    CommissionResult,
    LateResult,
    LedgerResult,
    Outcome,
    judged,
)

COMMAND = (sys.executable, "-m", "groupbuy.entrypoints", "demo")
WATCH_FEN = 79_920


def environment(**more):
    ours = {name: value for name, value in os.environ.items() if not name.startswith("GROUPBUY_")}
    return {**ours, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **more}


def play(folder, *options, **more):
    return subprocess.run(
        [*COMMAND, *options],
        check=False,
        capture_output=True,
        text=True,
        cwd=folder,
        env=environment(TMPDIR=str(folder), **more),
    )


@pytest.fixture(scope="module")
def on_sqlite(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    done = play(folder, "--json", "--quiet")
    return done, folder


@pytest.fixture(scope="module")
def document(on_sqlite):
    done, _ = on_sqlite
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def expect_the_story(document):
    watch, twin, oranges, *_ = document["campaigns"]
    assert (watch["outcome"], watch["quorum"], watch["joined"]) == ("formed", 50, 50)
    assert (watch["captured_fen"], watch["refunded_fen"]) == (50 * WATCH_FEN, 0)
    assert (twin["outcome"], twin["joined"]) == ("failed", 49)
    assert twin["refunded_fen"] == twin["captured_fen"] == 49 * WATCH_FEN
    assert oranges["joined"] > oranges["quorum"]
    tissues, nappies = document["campaigns"][-2:]
    assert tissues["captured_fen"] == 6 * 3_861 + 6 * 3_432 + 3 * 3_003 - 2 * 500
    assert tissues["refunded_fen"] == 6 * (3_861 - 3_003) + 6 * (3_432 - 3_003)
    assert (nappies["mode"], nappies["joined"], nappies["outcome"]) == ("team", 9, "formed")
    late = document["late_payment"]
    assert late["payments"] == 1
    assert late["refunded_fen"] == late["captured_fen"] > 0
    earned = document["commission"]
    assert earned["accrued_fen"] == earned["settled_fen"] == earned["withdrawn_fen"] > 0
    assert document["ledger"]["journals"] > 0
    assert document["ledger"]["balanced"] is True
    assert document["ledger"]["provider_difference_fen"] == 0
    assert document["findings"] == []


def test_the_watch_forms_its_twin_fails_and_every_fen_is_where_it_belongs(document):
    expect_the_story(document)


def test_every_campaign_is_told_in_the_same_words(document):
    keys = {"name", "mode", "quorum", "joined", "outcome", "captured_fen", "refunded_fen"}
    assert [set(campaign) for campaign in document["campaigns"]] == [keys] * len(PLANS)
    assert {campaign["mode"] for campaign in document["campaigns"]} == {"pool", "relay", "team"}


def test_every_order_of_the_story_ends_completed_or_refunded(document):
    assert set(document["orders"]) == {"completed", "partly_refunded", "refunded"}
    assert sum(document["orders"].values()) == sum(plan.joined + plan.late for plan in PLANS)


def test_nothing_is_left_behind_and_quiet_means_quiet(on_sqlite):
    done, folder = on_sqlite
    assert done.stderr == ""
    assert list(folder.iterdir()) == []


def test_the_same_story_adds_up_on_postgresql(pg_database, tmp_path):
    done = play(
        tmp_path,
        "--json",
        "--database",
        pg_database.app_url,
        GROUPBUY_DATABASE_OWNER_URL=pg_database.owner_url,
    )
    assert done.returncode == 0, done.stderr
    expect_the_story(json.loads(done.stdout))


def test_the_shop_stays_open_until_somebody_says_stop_and_nobody_outlives_it(tmp_path):
    running = subprocess.Popen(
        [*COMMAND, "--serve", "--keep", "kept", "--lang", "en"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env=environment(),
    )
    said = []
    for line in running.stderr:
        said.append(line)
        if line.startswith("all passwords"):
            break
    shop = next(line.split()[1] for line in said if line.startswith("shop "))
    base = shop.removesuffix("/api/docs")
    with urlopen(f"{base}/api/v1/shop/campaigns/") as answer:
        on_sale = json.load(answer)["items"]
    running.send_signal(signal.SIGINT)
    table, rest = running.communicate()
    assert running.returncode == 0, rest
    assert "¥39,960.00" in table
    assert [campaign["title"] for campaign in on_sale] == [PLANS[0].name]
    assert (tmp_path / "kept" / "groupbuy.db").exists()
    with pytest.raises(OSError, match="refused"):
        urlopen(f"{base}/api/v1/shop/campaigns/")


def test_a_demo_that_is_stopped_halfway_leaves_nothing_running_and_nothing_behind(tmp_path):
    running = subprocess.Popen(
        [*COMMAND, "--lang", "en"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env=environment(TMPDIR=str(tmp_path)),
    )
    assert "neighbours sign up" in running.stderr.readline()
    (folder,) = tmp_path.iterdir()
    children = psutil.Process(running.pid).children(recursive=True)
    running.send_signal(signal.SIGTERM)
    table, rest = running.communicate()
    assert running.returncode == 130, rest
    assert table == ""
    assert len(children) >= 2
    assert not any(child.is_running() for child in children)
    assert not folder.exists()


def test_the_demo_refuses_a_folder_where_somebody_played_before(tmp_path):
    (tmp_path / "groupbuy.db").touch()
    done = play(tmp_path, "--keep", str(tmp_path))
    assert done.returncode == 1
    assert "demo_has_a_database_of_its_own" in done.stderr


def test_the_demo_refuses_production(tmp_path):
    done = play(tmp_path, GROUPBUY_ENVIRONMENT="production")
    assert done.returncode == 1
    assert "demo_never_in_production" in done.stderr


def good():
    campaigns = tuple(
        CampaignResult(
            name=plan.name,
            mode=plan.mode,
            quorum=plan.quorum,
            joined=plan.joined,
            outcome=plan.outcome,
            captured_fen=plan.captured_fen,
            refunded_fen=plan.refunded_fen,
        )
        for plan in PLANS
    )
    return Outcome(
        campaigns=campaigns,
        orders={"completed": 137, "partly_refunded": 12, "refunded": 51},
        commission=CommissionResult(500, 500, 500),
        ledger=LedgerResult(journals=9, balanced=True, provider_difference_fen=0),
        late=LateResult(payments=1, captured_fen=3_391, refunded_fen=3_391),
    )


def test_a_good_outcome_has_no_findings():
    assert judged(good(), PLANS).findings == ()


def tampered(whole, number, **change):
    changed = list(whole.campaigns)
    changed[number] = evolve(changed[number], **change)
    return evolve(whole, campaigns=tuple(changed))


@pytest.mark.parametrize(
    ("tamper", "told"),
    [
        (lambda o: tampered(o, 0, captured_fen=50 * WATCH_FEN - 1), "captured_fen"),
        (lambda o: tampered(o, 0, outcome="failed"), "outcome"),
        (lambda o: tampered(o, 1, refunded_fen=48 * WATCH_FEN), "refunded_fen"),
        (lambda o: tampered(o, 1, joined=50), "joined"),
        (lambda o: evolve(o, commission=CommissionResult(500, 500, 499)), "commission"),
        (lambda o: evolve(o, commission=CommissionResult(0, 0, 0)), "commission"),
        (lambda o: evolve(o, ledger=LedgerResult(9, True, 1)), "provider has 1 fen"),
        (lambda o: evolve(o, ledger=LedgerResult(9, False, 0)), "do not balance"),
        (lambda o: evolve(o, ledger=LedgerResult(0, True, 0)), "do not balance"),
        (lambda o: evolve(o, late=LateResult(1, 3_391, 0)), "late payments"),
        (lambda o: evolve(o, late=LateResult(0, 0, 0)), "late payments"),
        (lambda o: evolve(o, orders={"completed": 124, "refunded": 51, "closed": 1}), "orders"),
        (lambda o: evolve(o, books=("ledger: rounding_is_zero",)), "rounding_is_zero"),
    ],
)
def test_whatever_does_not_add_up_is_told(tamper, told):
    (finding,) = judged(tamper(good()), PLANS).findings
    assert told in finding


def test_what_does_not_add_up_ends_with_seven(monkeypatch):
    from click.testing import CliRunner

    from groupbuy.entrypoints.cli import main
    from groupbuy.entrypoints.demo import show

    bad = judged(tampered(good(), 1, refunded_fen=0), PLANS)
    monkeypatch.setattr(show, "perform", lambda _shell, _asked: bad)
    assert CliRunner().invoke(main, ["demo"]).exit_code == 7
