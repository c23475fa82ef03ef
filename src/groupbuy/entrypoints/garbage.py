"""How often the interpreter looks for cycles in a process that serves for long."""

import gc

YOUNG = 20_000
"""Objects made and still alive before the youngest are looked through (700 by default).

A batch of joins holds more than 700 objects alive until it is committed; looking through them,
and through all that was loaded at the start, cost more than a quarter of a join.
"""
SURVIVED = (20, 50)
"""How many looks before the next older generation is looked through too."""


def collect_rarely() -> None:
    """Set aside everything loaded so far, and look for cycles less often.

    For the end of the start of a process: what exists now is never looked through again. Memory
    without cycles is freed at once as before, and nearly all of ours is.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, *SURVIVED)
