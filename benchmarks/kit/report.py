"""What a benchmark found: a table for people, a list for programs."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import asdict, field, frozen


@frozen
class Finding:
    """One measured number, and what it is compared with."""

    name: str
    measured: float
    unit: str = "joins/s"
    windows: tuple[float, ...] = ()
    p50_ms: float | None = None
    p99_ms: float | None = None
    ratios: Mapping[str, float] = field(factory=dict)
    """By what it is divided by."""
    details: Mapping[str, float] = field(factory=dict)
    goal: str = ""
    """What was to be reached, in words."""
    holds: bool | None = None
    """Whether it was; None where there is no goal."""


RATIOS = ("raw", "single", "L")


def limit_of(floor: float, batches: float) -> float:
    """Return L: what a service that batches perfectly would reach over HTTP."""
    return 1 / (1 / floor + 1 / batches)


def goals(rows: Sequence[Mapping[str, Any]]) -> str:
    """Write what was to be reached, and whether it was."""
    lines = [f"{'':58}{'measured':>12} {'unit':10}{'ratio':>8}  goal"]
    for each in rows:
        mark = {True: "held", False: "MISSED", None: ""}[each["holds"]]
        ratio = _cell(each["ratio"], "8.2f")
        told = f"{each['name'][:57]:58}{each['measured']:12,.1f} {each['unit'][:9]:10}{ratio}"
        lines.append(f"{told}  {each['goal']} {mark}".rstrip())
    return "\n".join(lines)


def table(findings: Sequence[Finding]) -> str:
    """Write the rates and their ratios as one table, the details below."""
    head = f"{'':42}{'per s':>9}{'windows':>22}{'p50 ms':>8}{'p99 ms':>8}"
    lines = [head + "".join(f"{'x ' + name:>9}" for name in RATIOS)]
    for each in findings:
        windows = " ".join(f"{rate:.0f}" for rate in each.windows)
        line = f"{each.name:42}{each.measured:9.0f}{windows:>22}"
        line += "".join(_cell(value, "8.1f") for value in (each.p50_ms, each.p99_ms))
        lines.append(line + "".join(_cell(each.ratios.get(name), "9.2f") for name in RATIOS))
    lines += ["", "per join:"]
    for each in findings:
        if each.details:
            told = "  ".join(f"{name} {value:g}" for name, value in each.details.items())
            lines.append(f"  {each.name}: {told}")
    return "\n".join(lines)


def plain(findings: Sequence[Finding]) -> str:
    """Write findings that are no rates: one line each, the details below it."""
    lines = list[str]()
    for each in findings:
        verdict = {True: "holds", False: "MISSED", None: ""}[each.holds]
        goal = f"   goal {each.goal}: {verdict}" if each.goal else ""
        lines.append(f"{each.name}: {each.measured:g} {each.unit}{goal}")
        numbers = {**each.ratios, **each.details}
        if numbers:
            lines.append("    " + "  ".join(f"{name} {value:g}" for name, value in numbers.items()))
    return "\n".join(lines)


def store(findings: Sequence[Finding], path: Path) -> None:
    """Write the findings as a JSON list, into the folder of `GROUPBUY_BENCH_OUT` if that is set."""
    if elsewhere := os.environ.get("GROUPBUY_BENCH_OUT"):
        path = Path(elsewhere) / path.name
    path.parent.mkdir(parents=True, exist_ok=True)
    plain: list[dict[str, Any]] = [asdict(each) for each in findings]
    path.write_text(json.dumps(plain, indent=1, ensure_ascii=False) + "\n")


def machine() -> str:
    """Say what ran this, and how busy it is."""
    load = " ".join(f"{each:.2f}" for each in os.getloadavg())
    return f"{os.cpu_count()} cores, load {load}"


def _cell(value: float | None, shape: str) -> str:
    return f"{value:{shape}}" if value is not None else f"{'-':>{shape.partition('.')[0]}}"
