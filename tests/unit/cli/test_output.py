import json
from datetime import UTC, date, datetime, timedelta, timezone

import click
import pytest
from click.testing import CliRunner

from groupbuy.domain.kernel import Money
from groupbuy.domain.membership import LeaderState, Role
from groupbuy.entrypoints.cli.choices import states_of
from groupbuy.entrypoints.cli.exit_codes import Exit
from groupbuy.entrypoints.cli.moments import MOMENT, instant_of
from groupbuy.entrypoints.cli.output import Column, Output, cell, money_text, plain
from groupbuy.entrypoints.code_words import ZH
from tests.support import diagrams

EVENING = datetime(2026, 11, 2, 20, tzinfo=timezone(timedelta(hours=8)))
COLUMNS = (Column("name", "名称", "name"), Column("price", "价格", "price", right=True))
ITEMS = [{"name": "苹果\t5kg", "price": Money(3990)}, {"name": "梨\x1b[31m", "price": None}]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (Money(3990), {"amount": 3990, "currency": "CNY"}),
        (EVENING, "2026-11-02T12:00:00Z"),
        (date(2026, 11, 2), "2026-11-02"),
        (Role.FINANCE, "finance"),
        (Exit.PARTIAL, 6),
        (True, True),
        (None, None),
        pytest.param(frozenset({Role.SHOPPER, Role.LEADER}), ["leader", "shopper"], id="roles"),
        ({"a": (1, "二")}, {"a": [1, "二"]}),
    ],
    ids=str,
)
def test_values_have_one_stable_json_form(value, said):
    assert plain(value) == said


def test_a_float_has_no_json_form_here():
    with pytest.raises(TypeError):
        plain(0.5)


@pytest.mark.parametrize(
    ("minor", "text"),
    [(0, "¥0.00"), (5, "¥0.05"), (123405, "¥1,234.05"), (-3990, "−¥39.90")],
)
def test_money_is_written_with_two_decimals(minor, text):
    assert money_text(Money(minor)) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        ("", "–"),
        (False, "–"),
        (True, "✓"),
        (0, "0"),
        (EVENING, "2026-11-02 12:00:00Z"),
        pytest.param(frozenset({Role.SHOPPER, Role.LEADER}), "leader, shopper", id="roles"),
        ((), "–"),
        ({"a": 1}, '{"a": 1}'),
    ],
    ids=str,
)
def test_values_are_written_for_people(value, text):
    assert cell(value) == text


def test_every_state_of_every_table_has_a_chinese_name_of_its_own():
    for machine in diagrams.machines().values():
        states = type(machine.initial)
        assert ZH[states.__name__].keys() == {state.value for state in states}
        assert len(set(ZH[states.__name__].values())) == len(states), states


def test_codes_are_told_in_chinese_and_may_be_typed_so():
    assert cell(LeaderState.APPLIED, "zh") == "待审核"
    assert cell(frozenset({Role.SHOPPER, Role.LEADER}), "zh") == "团长, 顾客"
    assert cell(LeaderState.APPLIED, "en") == "applied"
    assert states_of(LeaderState, ["待审核", "refused"]) == (
        LeaderState.APPLIED,
        LeaderState.REFUSED,
    )
    with pytest.raises(click.BadParameter, match="none of applied, approved"):
        states_of(LeaderState, ["在售"])


def said_by(**given):
    """Return what a table says on a pipe."""

    @click.command()
    def command():
        Output(**given).table("fruit.list/1", COLUMNS, ITEMS, total=2)

    return CliRunner().invoke(command).stdout


def test_a_table_on_a_pipe_is_tab_separated_and_carries_no_terminal_commands():
    assert said_by() == "name\tprice\n苹果 5kg\t¥39.90\n梨 [31m\t–\n"


def test_headings_are_translated():
    assert said_by(lang="zh").startswith("名称\t价格\n")


def test_json_is_one_document_that_names_its_schema_and_version():
    assert json.loads(said_by(json=True)) == {
        "schema": "fruit.list/1",
        "items": [
            {"name": "苹果\t5kg", "price": {"amount": 3990, "currency": "CNY"}},
            {"name": "梨\x1b[31m", "price": None},
        ],
        "total": 2,
    }


def test_a_record_lines_up_although_chinese_is_wide():
    @click.command()
    def command():
        Output(lang="zh").record(
            "x/1", (Column("a", "价格", "a"), Column("b", "名", "b")), {"a": 1, "b": "梨"}
        )

    assert CliRunner().invoke(command).stdout == "价格  1\n名    梨\n"


def test_notes_go_to_stderr_and_quiet_silences_them():
    @click.command()
    @click.option("--verbosity", type=int)
    def command(verbosity):
        out = Output(verbosity=verbosity)
        out.note("注意", "note")
        out.detail("细节", "detail")

    said = {level: CliRunner().invoke(command, [f"--verbosity={level}"]) for level in (-1, 0, 1)}
    assert {level: each.stderr for level, each in said.items()} == {
        -1: "",
        0: "note\n",
        1: "note\ndetail\n",
    }
    assert {each.stdout for each in said.values()} == {""}


def test_a_table_on_a_terminal_is_drawn_without_colours_or_commands_from_data(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("NO_COLOR", "1")
    Output().table("fruit.list/1", COLUMNS, ITEMS)
    said = capsys.readouterr().out
    assert "[31m" in said
    assert "\x1b[3" not in said
    _headings, *rows = said.splitlines()
    assert [row.split()[0] for row in rows] == ["苹果", "梨"]


def test_a_day_begins_at_midnight_of_the_zone():
    typed = MOMENT.convert("2026-12-01", None, None)
    assert instant_of(typed, "Asia/Shanghai") == datetime(2026, 11, 30, 16, tzinfo=UTC)


def test_an_instant_keeps_its_moment():
    typed = MOMENT.convert("2026-11-02T20:00+08:00", None, None)
    assert instant_of(typed, "Asia/Shanghai") == EVENING


@pytest.mark.parametrize("typed", ["tomorrow", "2026-11-02T20:00", "2026-13-01"])
def test_a_moment_that_is_none_is_refused(typed):
    with pytest.raises(click.BadParameter):
        MOMENT.convert(typed, None, None)
