"""`groupbuy import shipments`: many parcels handed over at once, from a table of their numbers."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
from attrs import define, field

from groupbuy.application.steps.parcels import (
    KNOWN_PARCEL,
    Parcel,
    RejectedParcel,
    ShippedParcels,
    each_once,
    read_parcels,
    ship_many,
    write_rejects,
)
from groupbuy.domain.kernel import DomainError, Invalid, Refused
from groupbuy.entrypoints.cli.exit_codes import Exit
from groupbuy.entrypoints.cli.messages import message
from groupbuy.entrypoints.cli.output import Column
from groupbuy.entrypoints.cli.shell import Shell, changing, pass_shell, shared

BYTES_AT_MOST = 4 * 1024 * 1024
SHOWN_REJECTS = 5
"""How many rejected rows are told on stderr."""

_RESULT = (
    Column("rows", "行数", "rows", right=True),
    Column("shipped", "已发货", "shipped", right=True),
    Column("skipped", "已处理过", "skipped", right=True),
    Column("rejected", "拒收", "rejected", right=True),
    Column("reject_file", "拒收清单", "reject file"),
    Column("doubtful", "单号存疑", "doubtful", right=True),
    Column("preview", "预览", "preview"),
)


@click.command("shipments")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--encoding",
    type=click.Choice(["utf-8", "gb18030"]),
    default="utf-8",
    help="gb18030 for spreadsheets of a Chinese office.",
)
@click.option(
    "--reject-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where rows that cannot be applied are listed. [default: NAME.rejects.csv]",
)
@click.option(
    "--preview",
    "digest",
    default="",
    help="Only if it still comes out as the --dry-run that printed this.",
)
@changing
@shared
@pass_shell
def import_shipments(
    shell: Shell, file: Path, encoding: str, reject_file: Path | None, digest: str
) -> None:
    """Ship orders from CSV with the columns order_id, carrier, tracking_number.

    Every row stands for itself; those of an earlier run are skipped, so the file may be repeated.
    """
    parcels = _read(file, encoding)
    if not shell.no_input and sys.stdin.isatty():
        count = len(parcels)
        shell.confirm(f"为 {count} 行发货？", f"ship {count} rows?")
    if digest:
        _check_preview(shell, parcels, digest)
    with _bar(shell, len(parcels)) as moved:
        run = _Run(shell, moved)
        done = run.every(parcels)
    listed = _list_rejects(shell, done.rejected, reject_file or _beside(shell, file))
    data = {
        "rows": len(parcels),
        "shipped": run.shipped,
        "skipped": run.skipped,
        "rejected": len(done.rejected),
        "reject_file": str(listed) if listed else None,
        "doubtful": len(done.doubtful),
        "preview": done.digest if shell.dry_run else None,
        "dry_run": shell.dry_run,
    }
    for each in done.doubtful[:SHOWN_REJECTS]:
        number, carrier = each.tracking_number, each.carrier
        shell.out.note(
            f"单号 {number} 不像 {carrier} 的单号", f"{number} is unlike the numbers of {carrier}"
        )
    shell.out.record("import.shipments/1", _RESULT, data)
    shell.leave(_verdict(done))


def _check_preview(shell: Shell, parcels: Sequence[Parcel], digest: str) -> None:
    """Rehearse, and go on only if it comes out as before. Raises Refused."""
    rehearsed = _Run(shell, lambda: None, rehearses=True).every(parcels)
    if rehearsed.digest != digest:
        raise Refused(rule="preview_is_current", about=digest)


@define(eq=False)
class _Run:
    """Applies rows, each in a transaction of its own, and counts."""

    shell: Shell
    moved: Callable[[], None]
    """Told of every row."""
    rehearses: bool = False
    shipped: int = field(default=0, init=False)
    skipped: int = field(default=0, init=False)
    _hand_over: Callable[[Parcel], object] = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Say so, once, if nothing will be written."""
        self._hand_over = each_once(self._ship)
        self.shell.noting_dry_run()

    def every(self, parcels: Sequence[Parcel]) -> ShippedParcels:
        """Apply all rows; an interrupt ends the run and undoes nothing but the row it hit."""
        try:
            return ship_many(parcels, self.ship)
        except KeyboardInterrupt:
            self.shell.out.note(
                f"已中断，已发货 {self.shipped} 行；再次运行同一命令即可继续",
                f"interrupted after {self.shipped} rows; run the same command again to go on",
            )
            self.shell.leave(Exit.INTERRUPTED)

    def ship(self, parcel: Parcel) -> None:
        """Apply one row, or skip it if it was applied before. Raises DomainError, a rejection."""
        self.moved()
        try:
            self._hand_over(parcel)
        except Refused as refusal:
            if refusal.rule != KNOWN_PARCEL:
                raise
            self.skipped += 1
        else:
            self.shipped += 1

    def _ship(self, parcel: Parcel) -> None:
        from groupbuy.application.fulfilment import ship_order

        desk = self.shell.app.desk
        run = desk.preview if self.shell.dry_run or self.rehearses else desk.run
        run(self.shell.caller, lambda work: ship_order(work, parcel))


def _read(file: Path, encoding: str) -> list[Parcel]:
    """Read the table. Raises Invalid for a file that is no such table."""
    if file.stat().st_size > BYTES_AT_MOST:
        raise Invalid(field="file", reason=f"at most {BYTES_AT_MOST} bytes")
    try:
        text = file.read_bytes().decode(encoding)
    except UnicodeDecodeError as error:
        raise Invalid(field="file", reason=f"is not {encoding}") from error
    return read_parcels(text)


def _beside(shell: Shell, file: Path) -> Path | None:
    """A dry run writes a list only where it is told to."""
    return None if shell.dry_run else Path(f"{file.name}.rejects.csv")


def _list_rejects(
    shell: Shell, rejected: Sequence[RejectedParcel], path: Path | None
) -> Path | None:
    """Tell the first rejected rows, list all of them in a file; return the file, if any."""

    def say(error: DomainError) -> str:
        return message(error, shell.out.lang)

    for each in rejected[:SHOWN_REJECTS]:
        at = "" if isinstance(each.error, Invalid) else f"{each.column}: "  # its words name it
        why = at + say(each.error)
        shell.out.note(f"第 {each.row} 行：{why}", f"row {each.row}: {why}")
    if not rejected or path is None:
        return None
    # With a mark: spreadsheets would take Chinese text for something else.
    path.write_text("\ufeff" + write_rejects(rejected, say), encoding="utf-8", newline="")
    return path


def _verdict(done: ShippedParcels) -> Exit:
    """Rows stand for themselves: whatever was rejected, the mended file may be read again."""
    return Exit.PARTIAL if done.rejected else Exit.OK


@contextmanager
def _bar(shell: Shell, count: int) -> Iterator[Callable[[], None]]:
    """Show how far the rows are, to a person at a terminal."""
    if not sys.stderr.isatty() or shell.out.verbosity < 0:
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(shell.out.words("发货", "shipping"), total=count)
        yield lambda: progress.advance(task)
