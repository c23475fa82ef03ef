"""Statements, closings and exports of the books, on every database."""

import threading
import tracemalloc
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import psycopg
import pytest

from groupbuy.adapters.memory import MemoryDatabase
from groupbuy.adapters.persistence import open_database
from groupbuy.application import bookkeeping, ledger_reports
from groupbuy.application.ports import AuditRow
from groupbuy.application.ports.bookkeeping import EVER, Span
from groupbuy.application.write_path import Caller
from groupbuy.domain.commission import ChangedSincePreview
from groupbuy.domain.kernel import Conflict, Forbidden, Invalid, NotFound, Refused
from groupbuy.domain.ledger import CLOSED_AFTER, ClosedPeriod, Journal, JournalLine
from tests.support.past import Story
from tests.support.shop import NOON, TENANT, Shop

END = datetime(2026, 12, 1, tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(UTC)
"""The end of November where the operator lives."""
READY = END + CLOSED_AFTER
US = timedelta(microseconds=1)
FINANCE = Caller.system(TENANT, actor="usr_finance")


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def database(request, tmp_path):
    if request.param == "memory":
        yield MemoryDatabase()
        return
    url = f"sqlite:///{tmp_path / 'groupbuy.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("pg_database").app_url
    opened = open_database(url, pool_size=6)
    yield opened
    opened.close()


@pytest.fixture
def shop(database):
    """A shop that has sold, refunded and let a group fail in November."""
    made = Shop(database.begin)
    story = Story(made)
    for move in ("buy", "buy", "buy", "buy", "wait", "open"):
        story.play(move, 0)
    story.play("buy", 1)
    story.play("cancel", 1)
    made.story = story
    return made


def preview(shop, database, period="2026-11"):
    return bookkeeping.preview_closing(shop.desk, database, FINANCE, period)


def close(shop, database, period="2026-11", digest=None, caller=FINANCE, reason="month's end"):
    digest = digest or preview(shop, database, period).books.digest
    return bookkeeping.close_period(shop.desk, database, caller, period, digest, reason)


def reopen(shop, period="2026-11", reason="an audit wants it"):
    return shop.desk.run(FINANCE, lambda w: bookkeeping.reopen_period(w, period, reason))


def book(shop, at, key="jrn_late", amount=5):
    lines = (JournalLine("clearing:memory", amount), JournalLine("suspense", -amount))
    with shop.begin(TENANT) as tx:
        tx.of(Journal).add(Journal(key, at, "capture_unusable", "pay_1", lines))


def statement(database, account, span=EVER):
    with bookkeeping.statement_of(database, FINANCE, account, span) as found:
        return found, list(found.lines)


# --- statements ------------------------------------------------------------------------------


def test_a_statement_leads_from_the_opening_to_the_closing_balance(shop, database):
    found, lines = statement(database, "clearing:memory")
    assert found.opening == {}
    assert len(lines) == 6  # five captures and a refund
    assert {line.moment for line in lines} == {"capture", "refund_succeeded"}
    held = 0
    for line in lines:
        held += line.amount
        assert line.balance == held
        (other,) = line.others
        assert other.startswith("buyer:" if line.moment == "capture" else "refund_due:")
        assert "" not in {line.subject, line.journal_id}
    assert found.closing == {"CNY": held}
    assert held == database.ledger(TENANT).net("clearing:memory")


def test_statements_of_two_spans_fit_together_at_any_cut(shop, database):
    _, whole = statement(database, "clearing:memory")
    for cut in {line.at for line in whole} | {line.at + US for line in whole}:
        early, before = statement(database, "clearing:memory", Span(before=cut))
        late, after = statement(database, "clearing:memory", Span(since=cut))
        assert [*before, *after] == whole
        assert early.closing == late.opening


def test_every_account_of_the_books_has_a_statement_that_ends_at_its_balance(shop, database):
    for row in database.ledger(TENANT).accounts:
        found, lines = statement(database, row.account)
        assert found.closing == {row.currency: row.balance}
        assert lines[-1].balance == row.balance


def test_an_account_nobody_booked_on_is_not_found_and_one_of_the_chart_is_empty(shop, database):
    with pytest.raises(NotFound):
        statement(database, "buyer:ord_nobody")
    found, lines = statement(database, "rounding")
    assert (found.opening, found.closing, lines) == ({}, {}, [])


def test_the_books_are_for_finance(database):
    nobody = Caller(TENANT, "usr_1")
    with pytest.raises(Forbidden), bookkeeping.statement_of(database, nobody, "rounding"):
        pass
    with pytest.raises(Forbidden), bookkeeping.replaying(database, nobody, NOON):
        pass
    with pytest.raises(Forbidden):
        next(bookkeeping.journals_of(database, nobody))


def test_other_tenants_see_nothing_of_it(shop, database):
    with database.books("other") as books:
        assert list(books.journals()) == list(books.sums()) == []
        assert (books.count(), books.closed()) == (0, [])


def test_any_number_of_journals_is_walked_through_in_the_same_memory(database):
    if isinstance(database, MemoryDatabase):
        pytest.skip("memory holds everything anyway")
    shop, many = Shop(database.begin), 8_000
    for start in range(0, many, 4_000):
        with shop.begin(TENANT) as tx:
            for n in range(start, start + 4_000):
                lines = (JournalLine("clearing:memory", n + 1), JournalLine("suspense", -n - 1))
                at = NOON + n * US
                tx.of(Journal).add(Journal(f"jrn_{n}", at, "capture_unusable", f"pay_{n}", lines))
    tracemalloc.start()
    with bookkeeping.statement_of(database, FINANCE, "suspense") as found:
        assert sum(1 for _ in found.lines) == many
    assert sum(1 for _ in bookkeeping.journals_of(database, FINANCE)) == many
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4_000_000  # a list of them takes four times as much


# --- exports ---------------------------------------------------------------------------------


def test_an_export_holds_every_journal_once_in_the_order_of_time(shop, database):
    journals = list(bookkeeping.journals_of(database, FINANCE))
    assert sorted(journals, key=lambda j: (j.at, j.id)) == journals
    assert {j.id: j for j in journals} == {j.id: j for j in shop.all(Journal)}
    cut = journals[len(journals) // 2].at
    parts = [Span(before=cut), Span(since=cut)]
    again = [j for span in parts for j in bookkeeping.journals_of(database, FINANCE, span)]
    assert again == journals


def test_the_totals_of_an_export_are_those_of_the_trial_balance(shop, database):
    tally = bookkeeping.Tally()
    for journal in bookkeeping.journals_of(database, FINANCE):
        tally.add(journal)
    rows = ledger_reports.trial_balance(database.ledger(TENANT))
    assert tally.debit == tally.credit == {"CNY": sum(row.debit for row in rows)}


# --- closing ---------------------------------------------------------------------------------


def test_a_period_is_closed_as_previewed_and_then_takes_no_journal(shop, database):
    shop.clock.at = READY
    done = close(shop, database)
    assert (done.id, done.ends_at, done.closed_by) == ("2026-11", END, "usr_finance")
    assert done.journals == len(shop.all(Journal))
    for late in (END - US, END - timedelta(days=90)):
        with pytest.raises(Conflict) as no:
            book(shop, late)
        assert no.value.kind == "closed_period"
    assert ledger_reports.verify(database.ledger(TENANT)) == []
    book(shop, END)
    (row,) = shop.all(AuditRow, action="ledger.closed")
    assert (row.subject, row.reason, row.facts["digest"]) == ("2026-11", "month's end", done.digest)


def test_the_shop_goes_on_in_the_open_period(shop, database):
    shop.clock.at = READY
    close(shop, database)
    before = len(shop.all(Journal))
    shop.story.play("open", 0)
    for _ in range(3):
        shop.story.play("buy", len(shop.story.campaigns) - 1)
    shop.story.play("reject", len(shop.story.joined) - 1)
    new = [j for j in shop.all(Journal) if j.at >= END]
    assert len(shop.all(Journal)) == before + len(new) > before
    assert {"capture", "confirm", "refund_after_confirmation"} <= {j.moment for j in new}
    assert ledger_reports.verify(database.ledger(TENANT)) == []


def test_a_transaction_that_began_too_early_is_dated_anew(shop, database):
    shop.clock.at = READY
    close(shop, database)
    moments = iter([END - US, END + US])

    def late(work):
        lines = (JournalLine("clearing:memory", 5), JournalLine("suspense", -5))
        at = next(moments)
        work.of(Journal).add(Journal("jrn_slow", at, "capture_unusable", "pay_1", lines))
        return at

    assert shop.desk.run(FINANCE, late) == END + US


def test_a_period_is_closed_only_when_it_is_long_over(shop, database):
    shop.clock.at = READY - US
    assert preview(shop, database).objections == ("period_is_long_over",)
    with pytest.raises(Refused) as no:
        close(shop, database)
    assert no.value.rule == "period_is_long_over"
    shop.clock.at = READY
    assert preview(shop, database).objections == ()
    assert preview(shop, database).closed is None


def test_what_changed_since_the_preview_is_not_closed(shop, database):
    shop.clock.at = READY
    seen = preview(shop, database)
    book(shop, END - US)
    with pytest.raises(ChangedSincePreview):
        close(shop, database, digest=seen.books.digest)
    assert shop.all(ClosedPeriod) == []
    with pytest.raises(Invalid):
        close(shop, database, reason=" ")


def test_closing_again_changes_nothing_and_going_back_is_refused(shop, database):
    shop.clock.at = READY
    done = close(shop, database)
    shop.clock.forward(hours=1)
    assert close(shop, database) == done
    assert len(shop.all(AuditRow, action="ledger.closed")) == 1
    with pytest.raises(Refused) as no:
        close(shop, database, "2026-10")
    assert no.value.rule == "period_is_still_open"
    with pytest.raises(Forbidden):
        close(shop, database, caller=Caller(TENANT, "usr_1"))


def test_only_the_period_closed_last_is_opened_again(shop, database):
    shop.clock.at = READY
    close(shop, database, "2026-10")
    close(shop, database)
    with pytest.raises(Refused) as no:
        reopen(shop, "2026-10")
    assert no.value.rule == "period_was_closed_last"
    assert not reopen(shop).is_closed
    book(shop, END - US)
    with pytest.raises(Conflict):  # October still is closed
        book(shop, datetime(2026, 10, 31, 15, tzinfo=UTC), "jrn_october")
    with pytest.raises(Refused) as no:
        reopen(shop)
    assert no.value.rule == "period_is_closed"
    done = close(shop, database)
    assert [each.id for each in shop.desk.read(FINANCE, bookkeeping.closings)] == [
        "2026-10",
        "2026-11",
    ]
    assert done.journals == len(shop.all(Journal))
    with pytest.raises(Conflict):
        book(shop, END - US, "jrn_later")
    assert [row.subject for row in shop.all(AuditRow, action="ledger.reopened")] == ["2026-11"]


def test_two_who_close_at_once_close_once(shop, database):
    shop.clock.at = READY
    digest = preview(shop, database).books.digest
    together, done = threading.Barrier(2), []

    def act():
        together.wait()
        done.append(close(shop, database, digest=digest))

    both = [threading.Thread(target=act) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert len(done) == 2
    assert done[0].digest == done[1].digest
    assert len(shop.all(AuditRow, action="ledger.closed")) == 1


def test_a_journal_slipped_into_a_closed_period_is_found(pg_database):
    database = open_database(pg_database.app_url, pool_size=4)
    shop = Shop(database.begin)
    story = Story(shop)
    story.play("buy", 0)
    shop.clock.at = READY
    close(shop, database)
    with psycopg.connect(pg_database.owner_url) as owner:
        owner.execute("ALTER TABLE journals DISABLE TRIGGER USER")
    book(shop, END - US)
    found = ledger_reports.closed_books_are_unchanged(database.ledger(TENANT))
    assert [(f.subject, f.expected, f.found) for f in found] == [("2026-11", 1, 2)]
    shop.clock.at = READY + timedelta(days=31)
    with pytest.raises(Refused) as no:
        close(shop, database, "2026-12")
    assert no.value.rule == "closed_books_are_unchanged"
    database.close()


def test_books_that_do_not_balance_are_not_closed(pg_database):
    database = open_database(pg_database.app_url, pool_size=4)
    shop = Shop(database.begin)
    story = Story(shop)
    story.play("buy", 0)
    shop.clock.at = READY
    with psycopg.connect(pg_database.owner_url) as owner:
        owner.execute("ALTER TABLE journal_lines DISABLE TRIGGER USER")
        owner.execute("SELECT set_config('groupbuy.tenant', %s, true)", [TENANT])
        owner.execute("UPDATE journal_lines SET amount = amount + 1 WHERE position = 0")
    assert preview(shop, database).objections == ("trial_balance_holds",)
    with pytest.raises(Refused) as no:
        close(shop, database)
    assert no.value.rule == "trial_balance_holds"
    database.close()
