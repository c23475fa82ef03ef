"""The benchmarks still run: small, for their answers alone, never for time."""

import json
import os
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SMALL = {
    "jobs": ("--members", "20", "--entries", "50", "--products", "20"),
    "race": (),
    "search": ("--products", "300", "--queries", "4"),
    "reports": ("--orders", "2000", "--live", "20"),
}


def run(name, tmp_path, *args):
    """Run a benchmark; return what it found, and what it printed."""
    done = subprocess.run(
        [sys.executable, ROOT / "benchmarks" / f"bench_{name}.py", *args],
        cwd=ROOT,
        env={**os.environ, "GROUPBUY_BENCH_OUT": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return json.loads((tmp_path / f"{name}.json").read_text()), done.stdout


@pytest.mark.parametrize("name", SMALL)
def test_a_benchmark_runs_to_its_end_and_finds_everything_exact(name, tmp_path):
    found, _ = run(name, tmp_path, *SMALL[name])
    assert found
    assert {"name", "goal", "measured", "unit", "ratios", "holds"} <= set(found[0])


def test_ranking_foretells_a_fashion_that_plain_popularity_misses(tmp_path):
    """For twenty weeks everybody buys rice; then tea, and with it cups."""
    rows = ["customer,date,product"]
    for week in range(30):
        day = date(1999, 1, 4) + timedelta(weeks=week)
        rows += [f"c{customer},{day},{'rice' if week < 20 else 'tea'}" for customer in range(8)]
        if week >= 20:
            rows += [f"c{customer},{day + timedelta(days=1)},cups" for customer in range(5)]
    path = tmp_path / "made-up.csv"
    path.write_text("\n".join(rows) + "\n")
    found, said = run("ranking", tmp_path, "--file", str(path))
    assert "290 purchases of 8 customers, 3 items" in said
    weeks, months, customers = found
    assert weeks["holds"]
    assert months["holds"]
    assert 0 < weeks["details"]["plain popularity"] < weeks["measured"] <= 1
    assert customers["details"]["foretold"] == 8
