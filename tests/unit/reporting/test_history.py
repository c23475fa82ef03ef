"""Purchases of an earlier system: kept apart, counted once, and reported to the cent."""

import csv
import json
from collections import Counter, defaultdict
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from groupbuy.application import reporting
from groupbuy.application.report_facts import PastPurchase
from groupbuy.domain.kernel import Invalid, NotFound
from groupbuy.domain.ledger import Journal
from groupbuy.domain.ordering import Order
from groupbuy.entrypoints.cli import main
from groupbuy.entrypoints.cli.shell import Shell
from groupbuy.entrypoints.settings import Settings
from tests.support.reporting import dump, rebuild
from tests.support.shop import TENANT, Shop

CDNOW = Path(__file__).parents[3].parent / "shared" / "data" / "purchases-cdnow.csv"
HEAD = "customer,date,quantity,amount\n"


@pytest.fixture
def shop():
    made = Shop()
    made.merchant()
    return made


@pytest.fixture
def groupbuy(shop, monkeypatch):
    monkeypatch.setenv("LC_ALL", "C.UTF-8")

    def run(*args):
        app = SimpleNamespace(
            desk=shop.desk, kit=shop.kit, database=shop.begin.__self__, close=lambda: None
        )
        given = Shell(app=app, settings=Settings(), tenant=TENANT)
        result = CliRunner().invoke(main, args, obj=given)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


def imported(groupbuy, shop, file, *more):
    merchant = shop._merchant.id
    args = ("import", "orders", str(file), "--merchant", merchant, "--source", "old", *more)
    return groupbuy(*args, "--json")


def months_of(rows):
    """The monthly table computed plainly."""
    months = defaultdict(Counter)
    for row in rows:
        minor = round(float(row["amount"]) * 100)
        own = months[row["date"][:7]]
        own.update(past_orders=1, past_units=int(row["quantity"]), past_sales=minor)
    return months


def cohorts_of(rows):
    """Buyers by the month of their first purchase and of each later one, computed plainly."""
    firsts, came = {}, defaultdict(set)
    for row in rows:
        firsts[row["customer"]] = min(row["date"][:7], firsts.get(row["customer"], "9"))
    for row in rows:
        cohort, month = firsts[row["customer"]], row["date"][:7]
        later = (int(month[:4]) - int(cohort[:4])) * 12 + int(month[5:]) - int(cohort[5:])
        came[cohort, f"{later:02}"].add(row["customer"])
    return {key: len(people) for key, people in came.items()}


@pytest.mark.skipif(not CDNOW.exists(), reason="the purchases are not part of the project")
def test_the_purchases_of_cdnow_are_reported_to_the_cent(shop, groupbuy, tmp_path):
    given = ("--currency", "USD", "--reject-file", str(tmp_path / "rejects.csv"))
    found = json.loads(imported(groupbuy, shop, CDNOW, *given).stdout)
    with CDNOW.open() as file:
        rows = list(csv.DictReader(file))
    whole = sum(round(float(row["amount"]) * 100) for row in rows)
    assert (found["purchases"], found["customers"]) == (6_919, 2_357) == (len(rows), 2_357)
    assert found["amount"] == {"amount": whole, "currency": "USD"}
    assert (found["rejected"], found["taken"], found["verified"]) == (0, 6_919, True)

    span = ("--since", "1997-01-01", "--until", "1998-06-30", "--currency", "USD", "--history")
    monthly = json.loads(groupbuy("report", "monthly", *span, "--json").stdout)
    codes = ("past_orders", "past_units", "past_sales")
    told = {row["month"]: {code: row[code] for code in codes} for row in monthly["rows"]}
    assert told == months_of(rows)
    assert monthly["totals"]["past_sales"] == whole
    assert monthly["totals"]["sales"] == monthly["totals"]["merchant"] == 0

    cohorts = json.loads(groupbuy("report", "cohorts", *span, "--json").stdout)
    came = {(row["cohort"], row["month"]): row["buyers"] for row in cohorts["rows"]}
    assert came == cohorts_of(rows)
    assert (cohorts["totals"]["buyers"], cohorts["totals"]["sales"]) == (2_357, whole)

    again = json.loads(imported(groupbuy, shop, CDNOW, *given).stdout)
    assert (again["taken"], again["known"]) == (0, 6_919)
    kept = dump(shop)
    assert rebuild(shop).changed == 0
    assert dump(shop) == kept


def test_what_is_imported_is_no_order_and_in_no_ledger(shop, groupbuy, tmp_path):
    file = tmp_path / "old.csv"
    file.write_text(HEAD + "a,2025-01-01,2,10.5\n" * 2 + "b,2025-01-02,1,0\n")
    found = json.loads(imported(groupbuy, shop, file).stdout)
    assert (found["taken"], found["amount"]["amount"]) == (3, 2_100)
    assert shop.all(Order) == shop.all(Journal) == []
    assert len(shop.all(PastPurchase)) == 3
    plain = json.loads(groupbuy("report", "daily", "--day", "2025-01-01", "--json").stdout)
    assert set(plain["totals"].values()) <= {0, None}


def test_rows_that_cannot_be_taken_are_listed_and_the_rest_is_taken(shop, groupbuy, tmp_path):
    file = tmp_path / "old.csv"
    bad = ["c,2025-02-30,1,1", "c,2025-1-3,1,1", ",2025-01-01,1,1", "c,2025-01-01,x,1"]
    bad += ["c,2025-01-01,1,1.234", "c,2025-01-01,1,-1", "c,2025-01-01", "c,2025-01-01,1,1e5"]
    file.write_text(HEAD + "a,2025-01-01,2,10.50\n\n" + "\n".join(bad) + "\n")
    result = imported(groupbuy, shop, file)
    found = json.loads(result.stdout)
    assert (result.exit_code, found["taken"], found["rejected"]) == (6, 1, len(bad))
    with Path(found["reject_file"]).open() as listed:
        rows = list(csv.reader(listed))
    assert [(row[0], row[1]) for row in rows[1:]] == [
        ("4", "date"),
        ("5", "date"),
        ("6", "customer"),
        ("7", "quantity"),
        ("8", "amount"),
        ("9", "amount"),
        ("10", ""),
        ("11", "amount"),
    ]


def test_a_dry_run_keeps_nothing(shop, groupbuy, tmp_path):
    file = tmp_path / "old.csv"
    file.write_text(HEAD + "a,2025-01-01,2,10.50\n")
    assert json.loads(imported(groupbuy, shop, file, "--dry-run").stdout)["taken"] == 1
    assert shop.all(PastPurchase) == []


def test_a_file_without_a_column_an_unknown_merchant_or_an_odd_source_is_refused(shop):
    with pytest.raises(Invalid):
        list(reporting.read_history(StringIO("customer,date\n")))
    row = list(reporting.read_history(StringIO(HEAD + "a,2025-01-01,2,10.50\n")))
    for merchant, source, error in (
        ("mch_x", "old", NotFound),
        (shop._merchant.id, "Old!", Invalid),
    ):
        with pytest.raises(error):
            shop.desk.run(
                shop.system(),
                lambda w, m=merchant, s=source: reporting.take_history(w, m, s, "CNY", row),
            )


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from("abc"), st.integers(1, 28), st.integers(0, 3), st.integers(0, 999)
        ),
        max_size=15,
    ),
    st.integers(0, 15),
)
def test_however_often_a_growing_file_is_imported_each_row_counts_once(rows, first):
    shop = Shop()
    merchant = shop.merchant().id
    text = [f"{who},2025-03-{day:02},{n},{cents / 100:.2f}\n" for who, day, n, cents in rows]
    for part in (text[:first], text, text):
        good = list(reporting.read_history(StringIO(HEAD + "".join(part))))
        shop.desk.run(
            shop.system(), lambda w, g=good: reporting.take_history(w, merchant, "x", "CNY", g)
        )
    past = shop.desk.read(shop.system(), lambda w: reporting.past_of(w, merchant, "x"))
    assert past.purchases == len(rows)
    assert past.amounts.get("CNY", 0) == sum(cents for *_, cents in rows)
    assert rebuild(shop).changed == 0
