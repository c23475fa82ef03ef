"""Reports that are delivered by themselves: when, about what, and once."""

import io
import json
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from attrs import define, evolve, field
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from groupbuy.adapters.deliver_folder import FolderDelivery
from groupbuy.application import reporting
from groupbuy.application.ports import AuditRow, Task
from groupbuy.application.ports.delivery import Attachment, Letter
from groupbuy.application.report_facts import Every, ReportSchedule
from groupbuy.application.reporting import Planned
from groupbuy.application.reporting.scheduling import next_time
from groupbuy.domain.kernel import Forbidden, Invalid, NotFound, Unavailable
from groupbuy.domain.membership import Role
from groupbuy.entrypoints.cli import main
from groupbuy.entrypoints.cli.shell import Shell
from groupbuy.entrypoints.report_files import printed
from groupbuy.entrypoints.settings import Settings
from tests.support.reporting import feed
from tests.support.shop import TENANT, Shop

ZONES = ["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Africa/Cairo"]
START = datetime(2026, 1, 1, tzinfo=UTC)


@define(slots=False)
class Desk:
    """A delivery that keeps what it is given, and may be out of order."""

    letters: list = field(factory=list)
    broken: bool = False

    def check(self, address):
        if not address:
            raise Invalid(field="to", reason="is needed")

    def deliver(self, tenant, letter):
        if self.broken:
            raise Unavailable(what="mail server")
        self.letters.append((tenant, letter))


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def shop(desk):
    made = Shop()
    outside = evolve(made.relay.outside, deliveries={"desk": desk}, printer=printed)
    made.relay = evolve(made.relay, outside=outside)
    made.join_and_pay(made.campaign(), 3)
    made.work_off()
    return made


def planned(shop, **more):
    given = {"name": "daily", "every": Every.DAY, "hour": 6, "form": "xlsx", "to": "desk:ops"}
    plan = Planned(**{**given, **more})
    return shop.desk.run(shop.system(), lambda w: reporting.add_schedule(w, plan, "as agreed"))


def tick(shop):
    """Do what the worker does each minute."""
    feed(shop)
    staged = shop.desk.run(shop.system(), reporting.due_reports)
    shop.work_off()
    return staged


def test_yesterdays_report_comes_in_the_morning_once(shop, desk):
    made = planned(shop)
    local = made.next_at.astimezone(ZoneInfo("Asia/Shanghai"))
    assert (local.date(), local.hour) == (date(2026, 11, 3), 6)
    assert tick(shop) == 0
    shop.clock.at = made.next_at
    assert tick(shop) == 1
    assert tick(shop) == 0
    ((tenant, letter),) = desk.letters
    assert (tenant, letter.to) == (TENANT, "ops")
    assert letter.file.name == "daily-2026-11-02-2026-11-02.xlsx"
    assert "2026-11-02" in letter.subject
    page = openpyxl.load_workbook(_kept(letter)).worksheets[0]
    head = [cell.value for cell in page[1]]
    assert page.cell(2, head.index("成交订单") + 1).value == 3
    assert page.cell(4, 1).value.startswith("上期")


def _kept(letter):
    return io.BytesIO(letter.file.content)


def test_what_was_missed_comes_later_each_about_its_own_day(shop, desk):
    made = planned(shop)
    shop.clock.at = made.next_at + timedelta(days=2, hours=1)
    assert tick(shop) == 3
    names = sorted(letter.file.name for _, letter in desk.letters)
    assert names == [f"daily-2026-11-0{n}-2026-11-0{n}.xlsx" for n in (2, 3, 4)]
    assert len({letter.key for _, letter in desk.letters}) == 3


def test_no_report_goes_out_before_its_period_is_counted(shop, desk):
    made = planned(shop, hour=0)
    shop.clock.at = made.next_at
    shop.desk.run(shop.system(), reporting.due_reports)
    shop.work_off()
    assert desk.letters == []
    shop.clock.forward(minutes=2)
    tick(shop)
    assert len(desk.letters) == 1


def test_a_server_out_of_order_is_tried_again(shop, desk):
    made = planned(shop)
    desk.broken = True
    shop.clock.at = made.next_at
    tick(shop)
    assert desk.letters == []
    desk.broken = False
    shop.clock.forward(minutes=1)
    tick(shop)
    assert len(desk.letters) == 1
    assert [task.state for task in shop.all(Task, topic="report")] == ["done"]


def test_a_stopped_one_comes_no_more_even_if_it_was_staged(shop, desk):
    made = planned(shop)
    shop.clock.at = made.next_at
    shop.desk.run(shop.system(), reporting.due_reports)
    shop.desk.run(shop.system(), lambda w: reporting.stop_schedule(w, made.id, "enough"))
    again = shop.desk.run(shop.system(), lambda w: reporting.stop_schedule(w, made.id, "enough"))
    assert again.stopped_at
    shop.work_off()
    shop.clock.forward(days=3)
    assert tick(shop) == 0
    assert desk.letters == []
    actions = [row.action for row in shop.all(AuditRow)]
    assert actions.count("report.schedule") == actions.count("report.unschedule") == 1


def test_what_cannot_be_made_is_not_planned(shop):
    for wrong, error in (
        ({"name": "weather"}, NotFound),
        ({"hour": 24}, Invalid),
        ({"form": "pdf"}, Invalid),
        ({"by": "colour"}, Invalid),
    ):
        with pytest.raises(error):
            planned(shop, **wrong)
    shopper = shop.caller("usr_a", Role.SHOPPER)
    with pytest.raises(Forbidden):
        shop.desk.run(shopper, reporting.list_schedules)
    with pytest.raises(NotFound):
        shop.desk.run(shop.system(), lambda w: reporting.stop_schedule(w, "rps_x"))
    assert shop.all(ReportSchedule) == []


@settings(max_examples=200)
@given(
    st.integers(0, 3 * 365 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes)),
    st.sampled_from(Every),
    st.integers(0, 23),
    st.sampled_from(ZONES),
)
def test_each_time_is_the_next_and_periods_follow_each_other_without_gaps(at, often, hour, zone):
    first = next_time(often, hour, zone, at)
    second = next_time(often, hour, zone, first)
    assert at < first < second
    assert next_time(often, hour, zone, second - timedelta(microseconds=1)) == second
    before, after = (reporting.span_of(often, zone, each) for each in (first, second))
    assert before.end == after.first
    assert before.instants(zone)[1] <= first


def test_an_hour_the_clock_skips_or_shows_twice_comes_once():
    night = datetime(2026, 3, 28, 12, tzinfo=UTC)
    times = [night]
    for _ in range(3):
        times.append(next_time(Every.DAY, 2, "Europe/Berlin", times[-1]))
    assert [t.astimezone(ZoneInfo("Europe/Berlin")).hour for t in times[1:]] == [3, 2, 2]
    assert len({t.date() for t in times[1:]}) == 3


def test_a_folder_keeps_the_last_word_of_each_file(tmp_path):
    way = FolderDelivery(tmp_path / "out")
    letter = Letter("k", "finance", "s", "t", Attachment("a.csv", "text/csv", b"1"))
    way.deliver("main", letter)
    way.deliver("main", evolve(letter, file=Attachment("a.csv", "text/csv", b"2")))
    assert [p.name for p in (tmp_path / "out" / "main" / "finance").iterdir()] == ["a.csv"]
    assert (tmp_path / "out" / "main" / "finance" / "a.csv").read_bytes() == b"2"
    way.deliver("main", evolve(letter, file=Attachment("../../x.csv", "text/csv", b"3")))
    assert not (tmp_path / "x.csv").exists()
    for odd in ("", "..", "a/b", "/etc", "x" * 61, ".hidden", "a\n"):
        with pytest.raises(Invalid):
            way.check(odd)
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable):
        FolderDelivery(tmp_path / "file").deliver("main", letter)


def test_schedules_are_planned_listed_and_stopped_on_the_command_line(shop, monkeypatch):
    monkeypatch.setenv("LC_ALL", "C.UTF-8")

    def run(*args):
        app = SimpleNamespace(
            desk=shop.desk, kit=shop.kit, outside=shop.relay.outside, close=lambda: None
        )
        given = Shell(app=app, settings=Settings(), tenant=TENANT)
        return CliRunner().invoke(main, ["report", "schedule", *args, "--json"], obj=given)

    made = json.loads(
        run("add", "campaign", "--every", "month", "--to", "desk:a", "--reason", "x").stdout
    )
    assert made["next_at"] == "2026-11-30T22:00:00Z"
    assert [each["id"] for each in json.loads(run("list").stdout)["items"]] == [made["id"]]
    assert run("add", "daily", "--to", "pigeon:a", "--reason", "x").exit_code == 2
    assert json.loads(run("stop", made["id"], "--reason", "x").stdout)["stopped_at"]
    assert json.loads(run("list").stdout)["items"] == []
