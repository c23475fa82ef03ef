"""Who used the processors: CPU seconds of process trees, and of everybody, from /proc."""

import os
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

import psycopg
from attrs import frozen

_TICKS = os.sysconf("SC_CLK_TCK")


@frozen
class Use:
    """CPU seconds used so far, by name; `everybody` is the whole machine."""

    seconds: Mapping[str, float]
    everybody: float
    wal: int
    """Bytes of write-ahead log so far."""
    counted: Mapping[str, float]
    """What the servers count themselves, summed over them."""


def trees(roots: Mapping[str, Iterable[int]]) -> dict[str, float]:
    """Return the CPU seconds of process trees by name; children that ended are included."""
    table = _table()
    children: dict[int, list[int]] = {}
    for pid, (parent, _) in table.items():
        children.setdefault(parent, []).append(pid)
    return {name: _sum(table, children, list(pids)) for name, pids in roots.items()}


def own() -> float:
    """Return the CPU seconds of this process: the loader."""
    return time.process_time()


def everybody() -> float:
    """Return the CPU seconds the machine was not idle."""
    with Path("/proc/stat").open() as stat:
        numbers = [int(word) for word in stat.readline().split()[1:9]]
    return (sum(numbers) - numbers[3] - numbers[4]) / _TICKS


def postmaster(url: str) -> int:
    """Return the pid of the server behind a libpq URL: the parent of our own backend."""
    with psycopg.connect(url) as connection:
        return _table()[connection.info.backend_pid][0]


def _sum(
    table: dict[int, tuple[int, float]], children: dict[int, list[int]], todo: list[int]
) -> float:
    total = 0.0
    while todo:
        pid = todo.pop()
        if pid in table:
            total += table[pid][1]
            todo += children.get(pid, [])
    return total


def _table() -> dict[int, tuple[int, float]]:
    found = {}
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            try:
                words = (place / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:  # it ended while we looked
                continue
            found[int(place.name)] = int(words[1]), sum(map(int, words[11:15])) / _TICKS
    return found
