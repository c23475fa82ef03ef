"""The benchmarks still run: small, for their answers alone, never for time."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SMALL = {
    "jobs": ("--members", "20", "--entries", "50", "--products", "20"),
    "race": (),
    "search": ("--products", "300", "--queries", "4"),
    "reports": ("--orders", "2000", "--live", "20"),
}


@pytest.mark.parametrize("name", SMALL)
def test_a_benchmark_runs_to_its_end_and_finds_everything_exact(name, tmp_path):
    done = subprocess.run(
        [sys.executable, ROOT / "benchmarks" / f"bench_{name}.py", *SMALL[name]],
        cwd=ROOT,
        env={**os.environ, "GROUPBUY_BENCH_OUT": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    found = json.loads((tmp_path / f"{name}.json").read_text())
    assert found
    assert {"name", "goal", "measured", "unit", "ratios", "holds"} <= set(found[0])
