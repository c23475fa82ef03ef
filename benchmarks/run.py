"""Runs every benchmark beside this file, one after the other, and gathers what they found.

Prints one table (goal, measured, ratio) and leaves `benchmarks/out/latest.json`, a list of
`{name, goal, measured, unit, ratio, holds}`. Arguments are names of programs: `joins paid`.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from benchmarks.kit.report import goals, machine  # noqa: E402  after the path is set

HERE = Path(__file__).parent
OUT = HERE / "out"
LATEST = OUT / "latest.json"


def main() -> None:
    """Run, gather, print; fail where a program did."""
    wanted = sys.argv[1:]
    programs = sorted(HERE.glob("bench_*.py"))
    if wanted:
        programs = [each for each in programs if _name(each) in wanted]
    failed, rows = [], list[dict[str, Any]]()
    for program in programs:
        print(f"\n== {program.name}: {machine()}", flush=True)
        found = OUT / f"{_name(program)}.json"
        found.unlink(missing_ok=True)
        ended = subprocess.run([sys.executable, str(program)], check=False)
        if ended.returncode or not found.exists():
            failed.append(program.name)
        else:
            rows += [_row(each) for each in json.loads(found.read_text())]
    LATEST.parent.mkdir(exist_ok=True)
    LATEST.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n")
    print("\n" + goals(rows) + f"\n\n{machine()}")
    if failed:
        raise SystemExit(f"did not end well: {', '.join(failed)}")


def _name(program: Path) -> str:
    return program.stem.removeprefix("bench_")


def _row(found: dict[str, Any]) -> dict[str, Any]:
    ratios = list(found["ratios"].values())
    return {
        "name": found["name"],
        "goal": found["goal"],
        "measured": found["measured"],
        "unit": found["unit"],
        "ratio": ratios[0] if ratios else None,
        "holds": found["holds"],
    }


if __name__ == "__main__":
    main()
