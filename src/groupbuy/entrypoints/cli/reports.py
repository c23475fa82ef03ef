"""`groupbuy report`: every report as a table, as JSON, or as a file."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from groupbuy.domain.kernel import Money
from groupbuy.entrypoints.cli.output import Column
from groupbuy.entrypoints.cli.report_schedules import schedule
from groupbuy.entrypoints.cli.shell import Shell, changing, pass_shell, shared
from groupbuy.entrypoints.code_words import labelled

if TYPE_CHECKING:
    from groupbuy.application.reporting import Ask, Measure, Report, Row
    from groupbuy.application.reporting.days import Days

_FILES: Final = ("csv", "xlsx", "svg")
_REBUILT = (
    Column("orders", "订单", "orders", right=True),
    Column("purchases", "历史购买", "past purchases", right=True),
    Column("rows", "汇总行", "sums", right=True),
    Column("changed", "已更正", "put right", right=True),
    Column("digest", "摘要", "digest"),
)
_WHAT: Mapping[str, str] = {
    "daily": "Show sales day by day.",
    "monthly": "Show sales month by month.",
    "campaign": "Show campaigns side by side: people, sales, refunds, cost, profit.",
    "products": "Rank products, or with --by sku their variants.",
    "leaders": "Rank leaders.",
    "categories": "Show what part of the sales each category has.",
    "distribution": "Show orders --by hour, region, community or state.",
    "refunds": "Show why money was given back.",
    "cohorts": "Show how many buyers of a month came back later.",
    "turnover": "Show how fast goods sell and how long stock lasts.",
}


@click.group()
def report() -> None:
    """Show reports: a table here, one JSON document, or files.

    Figures are those of the last minute's sums; days are days of the shop's zone.
    """


@report.command()
@changing
@shared
@pass_shell
def rebuild(shell: Shell) -> None:
    """Count everything anew and put right what differs; nothing does unless it was tampered with.

    The digest is that of all sums: the same orders give the same one. A dry run counts too and
    tells what would be put right; what happened in the last minute may be among it.
    """
    from groupbuy.application import reporting

    shell.confirm("重新统计全部报表？", "Count all reports anew?")
    shell.noting_dry_run()
    desk = shell.app.desk
    found = (
        reporting.rehearse(desk, shell.caller)
        if shell.dry_run
        else reporting.rebuild(desk, shell.app.database, shell.caller)
    )
    data = {column.key: getattr(found, column.key) for column in _REBUILT}
    shell.out.record("report.rebuild/1", _REBUILT, data)


def _command(name: str, help_text: str) -> click.Command:
    def run(shell: Shell, **given: Any) -> None:
        files = {form: path for form in _FILES if (path := given.pop(form)) is not None}
        _show(shell, name, _ask(shell, **given), files)

    wrapped: Callable[..., None] = pass_shell(run)
    for option in reversed((*_OPTIONS, shared)):
        wrapped = option(wrapped)
    return click.command(name, help=help_text)(wrapped)


def _show(shell: Shell, name: str, ask: "Ask", files: Mapping[str, Path]) -> None:
    from groupbuy.application import reporting
    from groupbuy.entrypoints.report_files import FORMS, written

    found = reporting.show(shell.app.desk, shell.caller, reporting.Wanted(name, ask))
    for form in FORMS:
        if form in files:
            path = files[form]
            part = path.with_name(path.name + ".part")
            part.write_bytes(written(found, form, shell.out.lang))
            part.replace(path)
            shell.out.note(f"已写入 {path}", f"written: {path}")
    if shell.out.json:
        shell.out.document(f"report.{name}/1", _data(found, english=shell.out.lang == "en"))
    else:
        _draw(shell, found)


def _ask(
    shell: Shell,
    *,
    day: str,
    month: str,
    since: str,
    until: str,
    campaigns: tuple[str, ...],
    **more: Any,
) -> "Ask":
    from groupbuy.application.reporting import Ask

    more["currency"] = more["currency"] or shell.settings.policy.currency
    named = tuple(key for each in campaigns for key in each.split(",") if key)
    span = _span(shell, day=day, month=month, since=since, until=until)
    return Ask(span, campaigns=named, **more)


def _span(shell: Shell, *, day: str, month: str, since: str, until: str) -> "Days":
    from zoneinfo import ZoneInfo

    from groupbuy.application.reporting import days

    if bool(day) + bool(month) + bool(since or until) > 1:
        words = "--day、--month、--since/--until 只用一种", "use --day, --month, or --since/--until"
        raise click.UsageError(shell.out.words(*words))
    if day:
        return days.day(day)
    zone = ZoneInfo(shell.app.kit.policy.zone)
    today = shell.app.kit.clock.now().astimezone(zone).date().isoformat()
    if since or until:
        return days.days(since or until, until or today)
    return days.month(month or today[:7])


def _draw(shell: Shell, found: "Report") -> None:
    """Draw the table; figures that are nothing everywhere are left out of it."""
    lines = [row.values for row in found.rows] + [found.totals]
    used = [n for n, _ in enumerate(found.measures) if any(values[n] for values in lines)]
    shown = used or list(range(min(len(found.measures), 3)))
    columns = [Column(f"d{n}", d.zh, d.en) for n, d in enumerate(found.dimensions)]
    columns += [Column(f"m{n}", _m(found, n).zh, _m(found, n).en, right=True) for n in shown]
    codes, lang = [dimension.code for dimension in found.dimensions], shell.out.lang
    items = [
        _item(
            found,
            tuple(labelled(*said, lang) for said in zip(codes, row.keys, strict=True)),
            row.values,
        )
        for row in found.rows
    ]
    total = (shell.out.words("合计", "total"), *[""] * (len(found.dimensions) - 1))
    items.append(_item(found, total, found.totals))
    if found.previous:
        before = (shell.out.words("上期", "before"), *total[1:])
        items.append(_item(found, before, found.previous))
    shell.out.table(f"report.{found.name}/1", columns, items)
    for zh, en in found.notes:
        shell.out.note(f"注：{zh}", f"note: {en}")
    for n in shown:
        one = _m(found, n)
        shell.out.note(f"{one.zh}：{one.meaning_zh}", f"{one.en}: {one.meaning_en}")


def _m(found: "Report", n: int) -> "Measure":
    return found.measures[n]


def _item(
    found: "Report", keys: tuple[str, ...], values: tuple[int | None, ...]
) -> dict[str, object]:
    from groupbuy.application.reporting import Unit, said

    item: dict[str, object] = {f"d{n}": key for n, key in enumerate(keys)}
    for n, value in enumerate(values):
        unit = found.measures[n].unit
        money = unit is Unit.MONEY and value is not None
        text = said(value, unit) + ("%" if unit is Unit.RATE and value is not None else "")
        item[f"m{n}"] = Money(value or 0, found.currency) if money else text
    return item


def _data(found: "Report", *, english: bool) -> dict[str, object]:
    codes = [measure.code for measure in found.measures]
    before = found.previous_days
    return {
        "title": found.en if english else found.zh,
        "since": found.days.first,
        "until": found.days.last,
        "zone": found.zone,
        "currency": found.currency,
        "as_of": found.as_of,
        "measures": [
            {
                "code": measure.code,
                "name": measure.en if english else measure.zh,
                "unit": measure.unit,
                "meaning": measure.meaning_en if english else measure.meaning_zh,
                "source": measure.source,
            }
            for measure in found.measures
        ],
        "rows": [_row(found, row, codes) for row in found.rows],
        "totals": dict(zip(codes, found.totals, strict=True)),
        "previous": dict(zip(codes, found.previous, strict=True)) if found.previous else None,
        "previous_since": before.first if before else None,
        "previous_until": before.last if before else None,
        "left_out": found.left_out,
        "notes": [en if english else zh for zh, en in found.notes],
    }


def _row(found: "Report", row: "Row", codes: list[str]) -> dict[str, object]:
    names = [dimension.code for dimension in found.dimensions]
    return {**dict(zip(names, row.keys, strict=True)), **dict(zip(codes, row.values, strict=True))}


_PATH = click.Path(dir_okay=False, path_type=Path)
_OPTIONS: Final = (
    click.option("--day", default="", metavar="YYYY-MM-DD", help="One day."),
    click.option("--month", default="", metavar="YYYY-MM", help="One month; this one by default."),
    click.option("--since", default="", metavar="YYYY-MM-DD", help="First day of a range."),
    click.option("--until", default="", metavar="YYYY-MM-DD", help="Last day of a range."),
    click.option("--merchant", "merchant_id", default="", metavar="ID", help="One merchant only."),
    click.option("--campaign", "campaigns", multiple=True, metavar="ID,…", help="Only these."),
    click.option("--leader", "leader_id", default="", metavar="ID", help="One leader only."),
    click.option("--category", "category_id", default="", metavar="ID", help="One category only."),
    click.option("--by", default="", metavar="WHAT", help="What tells the rows apart."),
    click.option("--currency", default="", metavar="ISO", help="The shop's by default."),
    click.option("--compare", is_flag=True, help="Add the totals of the period before."),
    click.option("--history", is_flag=True, help="Purchases of earlier systems count too."),
    click.option("--limit", type=click.IntRange(1, 100_000), default=1_000, show_default=True),
    click.option("--csv", type=_PATH, help="Also write a CSV file."),
    click.option("--xlsx", type=_PATH, help="Also write a workbook."),
    click.option("--svg", type=_PATH, help="Also write a picture."),
)
report.add_command(schedule)
for _name, _help in _WHAT.items():
    report.add_command(_command(_name, _help))
