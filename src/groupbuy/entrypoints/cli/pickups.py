"""`groupbuy pickup`: bags at a pickup point, handed over online and off."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from groupbuy.domain.kernel import Invalid
from groupbuy.entrypoints.cli.exit_codes import Exit
from groupbuy.entrypoints.cli.output import Column
from groupbuy.entrypoints.cli.shell import Shell, changing, pass_shell, shared

if TYPE_CHECKING:
    from groupbuy.application.logistics import Merged, Told, ToldEvent

_BAG = (
    Column("id", "提货袋", "bag"),
    Column("order_id", "订单", "order"),
    Column("state", "状态", "state"),
)
_LISTED = (
    Column("point_id", "自提点", "point"),
    Column("until", "有效至", "holds until"),
    Column("bags", "袋数", "bags", right=True),
    Column("file", "文件", "file"),
)
_MERGED = (
    Column("event_id", "事件", "event"),
    Column("parcel_id", "提货袋", "bag"),
    Column("outcome", "结果", "outcome"),
    Column("why", "原因", "why"),
    Column("earlier_at", "此前于", "before at"),
    Column("earlier_device", "此前由", "before by"),
)


@click.group()
def pickup() -> None:
    """Hand bags over at a pickup point."""


@pickup.command()
@click.argument("order_id")
@click.argument("code")
@changing
@shared
@pass_shell
def collect(shell: Shell, order_id: str, code: str) -> None:
    """Hand a bag over against its code; a wrong one counts as a try and ends with 5."""
    from groupbuy.application.fulfilment import collect as hand_over
    from groupbuy.domain.logistics import ShipmentState

    bag = shell.run(lambda work: hand_over(work, order_id, code))
    data = {"id": bag.id, "order_id": bag.order_id, "state": bag.state}
    shell.out.record("pickup.collect/1", _BAG, data)
    if bag.state is not ShipmentState.COLLECTED:
        shell.leave(Exit.CONFLICT)


@pickup.command("by-phone")
@click.argument("point_id")
@click.argument("tail")
@changing
@shared
@pass_shell
def by_phone(shell: Shell, point_id: str, tail: str) -> None:
    """Hand over the one bag that the last four digits of a phone fit; ends with 5 if not one."""
    from groupbuy.application import logistics

    found = shell.run(lambda work: logistics.collect_by_tail(work, point_id, tail))
    if found.bag is None:
        shell.out.note(
            "不止一袋，请出示提货码" if found.several else "没有相符的提货袋",
            "more than one: ask for the code" if found.several else "no bag fits",
        )
        shell.leave(Exit.CONFLICT)
    bag = found.bag
    data = {"id": bag.id, "order_id": bag.order_id, "state": bag.state}
    shell.out.record("pickup.by-phone/1", _BAG, data)


@pickup.command("offline-list")
@click.argument("point_id")
@click.option("--output", "path", type=click.Path(dir_okay=False, path_type=Path), required=True)
@shared
@pass_shell
def offline_list(shell: Shell, point_id: str, path: Path) -> None:
    """Write a list that works without a connection for a day; it holds marks, no codes."""
    from attrs import asdict

    from groupbuy.application import logistics

    found = logistics.marked(shell.run(lambda work: logistics.offline_list(work, point_id)))
    text = json.dumps(asdict(found), default=lambda at: at.isoformat(), ensure_ascii=False)
    path.write_text(text, encoding="utf-8")
    data = {
        "point_id": point_id,
        "until": found.until,
        "bags": len(found.bags),
        "file": str(path),
    }
    shell.out.record("pickup.offline-list/1", _LISTED, data)


@pickup.command()
@click.argument("point_id")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@changing
@shared
@pass_shell
def merge(shell: Shell, point_id: str, file: Path) -> None:
    """Record what a device tells of, as often as you like; conflicts end with 7.

    FILE is JSON as the web takes it: device, issued_at, signature, events.
    """
    from groupbuy.application import logistics
    from groupbuy.domain.logistics import Outcome

    told, events = _told(point_id, file)
    done = [
        shell.run(lambda work, event=event: logistics.merge_event(work, told, event))  # type: ignore[misc]
        for event in events
    ]
    shell.out.table("pickup.merge/1", _MERGED, [_merged(each) for each in done])
    if any(each.outcome is Outcome.CONFLICT for each in done):
        shell.leave(Exit.FINDINGS)


def _told(point_id: str, file: Path) -> "tuple[Told, list[ToldEvent]]":
    from datetime import UTC, datetime

    from groupbuy.application.logistics import Told, ToldEvent
    from groupbuy.domain.logistics import Proof

    def instant(text: Any) -> datetime:
        return datetime.fromisoformat(str(text)).astimezone(UTC)

    try:
        given = json.loads(file.read_text(encoding="utf-8"))
        told = Told(
            point_id,
            str(given["device"]),
            instant(given["issued_at"]),
            str(given["signature"]),
        )
        events = [
            ToldEvent(
                str(each["event_id"]),
                str(each["parcel_id"]),
                Proof(each["proof"]),
                str(each["text"]),
                instant(each["at"]),
            )
            for each in given["events"]
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise Invalid(field="file", reason="needs device, issued_at, signature, events") from error
    return told, events


def _merged(each: "Merged") -> dict[str, object]:
    earlier = each.earlier
    return {
        "event_id": each.event_id,
        "parcel_id": each.parcel_id,
        "outcome": each.outcome,
        "why": each.why,
        "earlier_at": earlier.at if earlier is not None else None,
        "earlier_device": earlier.device if earlier is not None else None,
    }
