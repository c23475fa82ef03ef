"""What a report says in one language, cell by cell, for every file and for the terminal."""

from collections.abc import Iterable, Sequence
from datetime import UTC

from attrs import frozen

from groupbuy.application.reporting import Measure, Report, Unit, said
from groupbuy.entrypoints.code_words import labelled

Figure = tuple[int | None, Unit]
"""A figure as it is kept; None is not known."""


@frozen
class Line:
    """A row: what it is about, and its figures."""

    labels: tuple[str, ...]
    figures: tuple[Figure, ...]


@frozen
class Sheet:
    """A report in one language."""

    name: str
    title: str
    about: tuple[tuple[str, str], ...]
    """What it is about: period, zone, currency, and as of when."""
    headings: tuple[str, ...]
    """Of the labels, then of the figures."""
    lines: tuple[Line, ...]
    totals: tuple[Line, ...]
    """Of the period, and of the one before if asked for."""
    definitions: tuple[tuple[str, str, str], ...]
    """Of each figure: name, meaning, source."""
    definitions_title: tuple[str, str, str]
    notes: tuple[str, ...]
    charted: tuple[int, ...]
    """Places of the figures worth a picture, all of one unit."""


def sheet_of(report: Report, language: str) -> Sheet:
    """Say a report in a language (`en`, else Chinese)."""
    english = language == "en"
    labels = [d.en if english else d.zh for d in report.dimensions]
    figures = [_heading(m, report.currency, english=english) for m in report.measures]
    return Sheet(
        name=report.name,
        title=report.en if english else report.zh,
        about=_about(report, english=english),
        headings=(*labels, *figures),
        lines=tuple(
            Line(_labels(report, row.keys, language), _figures(report, row.values))
            for row in report.rows
        ),
        totals=tuple(_totals(report, len(labels), english=english)),
        definitions=tuple(
            (m.en, m.meaning_en, m.source) if english else (m.zh, m.meaning_zh, m.source)
            for m in report.measures
        ),
        definitions_title=(
            ("figure", "what it means", "where it comes from")
            if english
            else ("指标", "含义", "出处")
        ),
        notes=tuple(_notes(report, english=english)),
        charted=_charted(report),
    )


def plain(figure: Figure) -> str:
    """Write a figure as a plain decimal; empty for one that is not known."""
    return said(*figure)


def _heading(measure: Measure, currency: str, *, english: bool) -> str:
    name = measure.en if english else measure.zh
    if measure.unit is Unit.MONEY:
        return f"{name} ({currency})"
    return f"{name} (%)" if measure.unit is Unit.RATE else name


def _labels(report: Report, keys: Sequence[str], language: str) -> tuple[str, ...]:
    lang = "en" if language == "en" else "zh"
    codes = (dimension.code for dimension in report.dimensions)
    return tuple(labelled(code, key, lang) for code, key in zip(codes, keys, strict=True))


def _figures(report: Report, values: Sequence[int | None]) -> tuple[Figure, ...]:
    return tuple((value, m.unit) for value, m in zip(values, report.measures, strict=True))


def _about(report: Report, *, english: bool) -> tuple[tuple[str, str], ...]:
    days = f"{report.days.first} – {report.days.last}"
    as_of = report.as_of.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ") if report.as_of else "–"
    if english:
        return (
            ("period", days),
            ("zone", report.zone),
            ("currency", report.currency),
            ("as of", as_of),
        )
    return (("期间", days), ("时区", report.zone), ("币种", report.currency), ("统计至", as_of))


def _totals(report: Report, labels: int, *, english: bool) -> Iterable[Line]:
    rest = ("",) * (labels - 1)
    yield Line(("total" if english else "合计", *rest), _figures(report, report.totals))
    if report.previous and report.previous_days:
        days = f"{report.previous_days.first} – {report.previous_days.last}"
        before = f"before: {days}" if english else f"上期：{days}"
        yield Line((before, *rest), _figures(report, report.previous))


def _notes(report: Report, *, english: bool) -> Iterable[str]:
    for zh, en in report.notes:
        yield en if english else zh
    if report.left_out:
        count = report.left_out
        yield f"{count} more rows are in the totals." if english else f"另有 {count} 行计入合计。"
    if report.as_of is None:
        yield "Nothing has been counted yet." if english else "尚未统计。"


def _charted(report: Report) -> tuple[int, ...]:
    codes = [measure.code for measure in report.measures]
    places = [codes.index(code) for code in report.chart if code in codes]
    first = report.measures[places[0]].unit if places else None
    return tuple(place for place in places if report.measures[place].unit is first)
