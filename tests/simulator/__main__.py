"""Play many histories, every one from a seed of its own.

    nox -s simulate -- --histories 10000 --seed 1
    nox -s simulate -- --bugs

Ends with 1 if one of them is not as it must be, and prints how to play it again: the smallest
group of people and the fewest kinds of fault that still show it.
"""

import argparse
import os
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from tests.simulator.bugs import PATIENCE, hunt
from tests.simulator.history import Verdict, live
from tests.simulator.knobs import FAULTS, Knobs

SOMETIMES = (
    *FAULTS,
    "overlaps",
    *("group.formed", "group.failed", "order.expired", "refund.succeeded", "settled"),
    *("coupon.claimed", "coupon.held", "coupon.used", "coupon.released", "coupon.returned"),
    *("coupon.expired", "refused:coupons_are_left"),
    *("group.ladder_settled", "refund:tier"),
    *("group.opener_promoted", "moved_team"),
    *("weighed", "units_refunded"),
    *("goods_sent_back", "goods_inspected", "exchanged", "escalated", "ruled"),
)
"""What must really have happened now and then, else nothing was tried."""
ENOUGH = 2_000
"""Histories from which on that is asked for."""
SHOWN = 5


def main() -> int:
    """Play, print, and tell whether all is well."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--histories", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1, help="of the first; the others follow")
    parser.add_argument("--only", help="people who take part: 0,2")
    parser.add_argument("--without", default="", help="faults that stay out: lost_call,too_many")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--bugs", action="store_true", help="plant defects; each must be found")
    given = parser.parse_args()
    if given.bugs:
        return _hunt(given.processes)
    only = None if given.only is None else _numbers(given.only)
    without = frozenset(filter(None, given.without.split(",")))
    begun, seeds = time.monotonic(), range(given.seed, given.seed + given.histories)
    counts, steps, bad = Counter[str](), 0, list[Verdict]()
    with ProcessPoolExecutor(given.processes) as pool:
        played = pool.map(partial(_play, only=only, without=without), seeds, chunksize=25)
        for verdict in played:
            counts.update(verdict.counts)
            steps += verdict.steps
            bad += [] if verdict.clean else [verdict]
    for verdict in bad[:SHOWN]:
        _tell(verdict, only, without)
    missing = _missing(counts, given.histories) if not (only or without) else []
    if missing:
        print(f"never happened: {', '.join(missing)}")
    rate = given.histories / (time.monotonic() - begun)
    print(
        f"{given.histories:,} histories, {len(bad)} not as they must be; {steps:,} switches, "
        f"{sum(counts[name] for name in FAULTS):,} faults; {rate:.0f} a second"
    )
    return 1 if bad or missing else 0


def _hunt(processes: int) -> int:
    found = hunt(processes)
    for name, played in found.items():
        print(f"{name.replace('_', ' '):50} {played or 'NEVER'}")
    missed = [name for name, played in found.items() if played is None]
    print(
        f"{len(found)} defects planted, {len(missed)} not found; each within {PATIENCE:,} histories"
    )
    return 1 if missed else 0


def _numbers(text: str) -> frozenset[int]:
    return frozenset(int(word) for word in text.split(",") if word)


def _play(seed: int, only: frozenset[int] | None, without: frozenset[str]) -> Verdict:
    return live(Knobs.of(seed, only, without))


def _missing(counts: Counter[str], histories: int) -> list[str]:
    return [name for name in SOMETIMES if not counts[name]] if histories >= ENOUGH else []


def _tell(verdict: Verdict, only: frozenset[int] | None, without: frozenset[str]) -> None:
    only, without = smallest(verdict.seed, only, without)
    least = _play(verdict.seed, only, without)
    words = [f"--without {','.join(sorted(without))}"] if without else []
    words += [f"--only {','.join(map(str, sorted(only)))}"] if only is not None else []
    print(f"seed {verdict.seed}: {least.error or ''}")
    for finding in least.findings:
        print(f"  {finding}")
    command = f"nox -s simulate -- --histories 1 --seed {verdict.seed} {' '.join(words)}"
    print(f"  again: {command.rstrip()}")


def smallest(
    seed: int, only: frozenset[int] | None, without: frozenset[str]
) -> tuple[frozenset[int] | None, frozenset[str]]:
    """Leave people and faults out, one after the other, as long as it still goes wrong."""
    people = Knobs.of(seed).people
    for number in range(people):
        fewer = (frozenset(range(people)) if only is None else only) - {number}
        if not _play(seed, fewer, without).clean:
            only = fewer
    for fault in FAULTS:
        if fault not in without and not _play(seed, only, without | {fault}).clean:
            without |= {fault}
    return only, without


if __name__ == "__main__":
    sys.exit(main())
