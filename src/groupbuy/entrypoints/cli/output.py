"""What the command line says: data on stdout, everything else on stderr."""

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime
from enum import Enum
from functools import singledispatch
from itertools import islice
from typing import Literal

import click
from attrs import define, frozen

from groupbuy.domain.kernel import Money
from groupbuy.entrypoints.cli.messages import Lang
from groupbuy.entrypoints.code_words import said

_DRAWN_AT_ONCE = 500
_SIGNS = {"CNY": "¥", "USD": "$", "EUR": "€"}


@frozen
class Column:
    """One column of a table or one line of a record: the key of its data, and its headings."""

    key: str
    zh: str
    en: str
    right: bool = False
    """Numbers stand on the right."""

    def heading(self, lang: Lang) -> str:
        """Return the heading in a language."""
        return self.zh if lang == "zh" else self.en


@singledispatch
def plain(value: object) -> object:
    """Turn a value into what JSON can say; money as amount and currency, instants in UTC.

    Raises TypeError for anything that has no stable form.
    """
    if value is None:
        return None
    raise TypeError(f"{type(value).__name__} has no JSON form")


@plain.register(int)
@plain.register(str)
def _(value: object) -> object:
    return plain(value.value) if isinstance(value, Enum) else value


@plain.register
def _(value: Money) -> object:
    return {"amount": value.minor, "currency": value.currency}


@plain.register
def _(value: date) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat()


@plain.register
def _(value: Mapping) -> object:  # type: ignore[type-arg]
    return {str(name): plain(each) for name, each in value.items()}


@plain.register(list)
@plain.register(tuple)
def _(value: Sequence[object]) -> object:
    return [plain(each) for each in value]


@plain.register(set)
@plain.register(frozenset)
def _(value: AbstractSet[object]) -> object:
    return sorted(str(plain(each)) for each in value)


def cell(value: object, lang: Lang = "en") -> str:
    """Write one value for a person; a dash stands for nothing."""
    if value is None or value is False or value == "":
        return "–"
    if isinstance(value, Money):
        return money_text(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(cell(each, lang) for each in _in_order(value)) or "–"
    return said(value, lang) if isinstance(value, Enum) else _words(value)


def _in_order(values: Iterable[object]) -> Iterable[object]:
    return sorted(values, key=str) if isinstance(values, AbstractSet) else values


def _words(value: object) -> str:
    if value is True:
        return "✓"
    simple = plain(value)
    return json.dumps(simple, ensure_ascii=False) if isinstance(simple, dict) else str(simple)


def money_text(money: Money) -> str:
    """Write money with two decimals: −¥1,234.05."""
    whole, part = divmod(abs(money.minor), 100)
    sign = _SIGNS.get(money.currency, money.currency + " ")
    return f"{'−' if money.minor < 0 else ''}{sign}{whole:,}.{part:02d}"


@define
class Output:
    """Speaks for one run. With `json` stdout carries exactly one document."""

    json: bool = False
    lang: Lang = "en"
    verbosity: int = 0
    """−1 says errors only, 0 notes too, 1 and more details."""

    def words(self, zh: str, en: str) -> str:
        """Choose the language."""
        return zh if self.lang == "zh" else en

    def note(self, zh: str, en: str) -> None:
        """Say something that is not data, on stderr."""
        if self.verbosity >= 0:
            click.echo(self.words(zh, en), err=True)

    def detail(self, zh: str, en: str) -> None:
        """Say something for the curious, on stderr."""
        if self.verbosity > 0:
            click.echo(self.words(zh, en), err=True)

    def document(self, schema: str, data: Mapping[str, object]) -> None:
        """Write the one JSON document. `schema` is a name and a version: `order.list/1`."""
        body = {"schema": schema, **{name: plain(value) for name, value in data.items()}}
        click.echo(json.dumps(body, ensure_ascii=False, indent=2))

    def show(
        self, schema: str, data: Mapping[str, object], lines: Callable[[], Iterable[str]]
    ) -> None:
        """Write data as a document, or as the lines a person reads."""
        if self.json:
            self.document(schema, data)
            return
        for line in lines():
            click.echo(line)

    def table(
        self,
        schema: str,
        columns: Sequence[Column],
        items: Sequence[Mapping[str, object]],
        **more: object,
    ) -> None:
        """Write items: as a document with `items`, as a drawn table on a terminal, else as lines.

        The lines are tab-separated, the first one holds the headings.
        """
        if self.json:
            self.document(schema, {"items": items, **more})
        elif sys.stdout.isatty():
            self._draw(columns, items)
        else:
            click.echo("\t".join(column.heading(self.lang) for column in columns))
            for item in items:
                click.echo("\t".join(_one_line(cell(item.get(c.key), self.lang)) for c in columns))

    def stream(
        self,
        schema: str,
        columns: Sequence[Column],
        items: Iterable[Mapping[str, object]],
        **head: object,
    ) -> None:
        """Write any number of items as they come: as `table` does, but never holding them all.

        On a terminal a table is drawn for some of them at a time.
        """
        if self.json:
            self._stream_document(schema, items, head)
        elif sys.stdout.isatty():
            pages = iter(items)
            while page := list(islice(pages, _DRAWN_AT_ONCE)):
                self._draw(columns, page)
        else:
            click.echo("\t".join(column.heading(self.lang) for column in columns))
            for item in items:
                click.echo("\t".join(_one_line(cell(item.get(c.key), self.lang)) for c in columns))

    def _stream_document(
        self, schema: str, items: Iterable[Mapping[str, object]], head: Mapping[str, object]
    ) -> None:
        body = {"schema": schema, **{name: plain(value) for name, value in head.items()}}
        opened = json.dumps(body, ensure_ascii=False, indent=2).removesuffix("\n}")
        click.echo(f'{opened},\n  "items": [', nl=False)
        for n, item in enumerate(items):
            text = json.dumps(plain(item), ensure_ascii=False)
            click.echo(f"{',' if n else ''}\n    {text}", nl=False)
        click.echo("\n  ]\n}")

    def record(self, schema: str, fields: Sequence[Column], data: Mapping[str, object]) -> None:
        """Write one thing: a document, or a line for each field."""
        width = max((_width(field.heading(self.lang)) for field in fields), default=0)

        def lines() -> Iterable[str]:
            for field in fields:
                heading = field.heading(self.lang)
                told = cell(data.get(field.key), self.lang)
                yield f"{heading}{' ' * (width - _width(heading))}  {told}"

        self.show(schema, data, lines)

    def _draw(self, columns: Sequence[Column], items: Sequence[Mapping[str, object]]) -> None:
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, pad_edge=False, header_style="bold")
        for column in columns:
            side: Literal["left", "right"] = "right" if column.right else "left"
            table.add_column(column.heading(self.lang), justify=side, overflow="fold")
        for item in items:
            table.add_row(*(Text(_one_line(cell(item.get(c.key), self.lang))) for c in columns))
        Console(file=sys.stdout, highlight=False).print(table)


def _one_line(text: str) -> str:
    """Keep one item on one line, and terminal commands out of what people typed."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def _width(text: str) -> int:
    """Return how many columns text takes; Chinese takes two each."""
    return sum(2 if ord(sign) >= 0x2E80 else 1 for sign in text)
