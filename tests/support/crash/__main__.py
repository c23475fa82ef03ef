"""`python -m tests.support.crash [--kills N] [--seed S]`: kill, let recover, count the money."""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import httpx
from attrs import define, field, frozen

from groupbuy.application.ports import Query, Task
from groupbuy.application.relay import LEASE
from groupbuy.application.steps.reading import every
from groupbuy.application.write_path import Work
from groupbuy.domain.kernel import DomainError
from tests.support.crash.clients import Crowd
from tests.support.crash.labels import LABELS
from tests.support.crash.town import Town, town
from tests.support.crash.verdict import Verdict, judge, strangers, unbooked

KILLS = 300
LEAST = 5
"""Deaths every failpoint must see."""
FALLS = 5
"""Immediate restarts of PostgreSQL, spread over the kills."""
DAY_LOOKS = 150
"""After so many looks midnight passes: groups end, and commission is settled."""
RECOVERED_SECONDS = 60
"""On the shop's clock, which stands still while anything that is due is being done; counted from
when the claims of the dead have run out."""
HARD_STOP_SECONDS = 1_200
LOOK_SECONDS = 0.05
STEP = timedelta(seconds=1)
"""How far the shop's clock moves at each look while there are faults."""
QUIET_LOOKS = 3
"""An effect may cause a callback and that an effect; so quiet must be seen several times."""

_TRICKS: tuple[Mapping[str, object], ...] = (
    {"operation": "callback.payment", "kind": "duplicate", "probability_bp": 1_000},
    {"operation": "callback.payment", "kind": "delay", "probability_bp": 500, "seconds": 90},
    {"operation": "callback.refund", "kind": "lose", "probability_bp": 500},
    {"operation": "prepay", "kind": "error_after_commit", "probability_bp": 300},
    {"operation": "refund", "kind": "error_after_commit", "probability_bp": 300},
    {"operation": "payout", "kind": "error_after_commit", "probability_bp": 300},
)
"""What the provider does meanwhile: nobody may rely on hearing from it, or on hearing it once."""


COMPARE_LOOKS = 50
"""After so many looks what the provider has moved is compared with what may have moved."""
PATIENT_COMPARISONS = 40
"""After so many, in which the same was not booked though nothing fails any more, it never is."""


class TooLong(Exception):
    """It does not come to its end."""


class Wrong(Exception):
    """Money has moved that nobody may have asked for; there is no need to go on."""

    def __init__(self, found: Sequence[str]) -> None:
        """Keep what was found."""
        super().__init__("\n".join(found))


@frozen
class Wish:
    """How much of everything."""

    kills: int
    seed: str

    @property
    def each(self) -> int:
        """Deaths wanted of every failpoint."""
        return max(LEAST, -(-self.kills // len(LABELS)))


@define(eq=False)
class Trial:
    """One run: faults, then peace, then the verdict."""

    town: Town
    wish: Wish
    crowd: Crowd = field(init=False)
    falls: int = 0
    recovered_after: int = 0
    """Seconds on the shop's clock."""
    _began: float = field(factory=time.monotonic)
    _looks: int = 0
    _unbooked: tuple[str, ...] = ()
    """What was not booked at the last comparison."""
    _patience: int = PATIENT_COMPARISONS

    def __attrs_post_init__(self) -> None:
        """Gather the clients."""
        self.crowd = Crowd(self.town, self.wish.seed)

    def run(self) -> Verdict:
        """Do all of it. Raises TooLong, Wrong."""
        self._trick(_TRICKS)
        self.crowd.start()
        self._faults()
        self.town.board.armed = False
        self._trick(())
        self._say("faults have stopped")
        self.crowd.stop()
        self._recover()
        self._say(f"recovered after {self.recovered_after} s")
        self._come_to_an_end()
        return judge(self.town, self.crowd.tally)

    def _faults(self) -> None:
        board, wanted = self.town.board, self.wish.kills
        board.armed = True
        told = looks = 0
        while (done := board.total) < wanted or min(board.kills().values()) < LEAST:
            self._look()
            self.town.clock.turn_to(self.town.clock.now() + STEP)
            looks += 1
            if looks % DAY_LOOKS == 0:
                self.town.clock.forward(hours=24)
            if self.falls < FALLS - 1 and done >= (self.falls + 1) * wanted // FALLS:
                self._fall()
            if done >= told + 50:
                told = done
                self._say(f"{done} kills, {self.falls} falls")
        # The last blow strikes in the middle of everything, so that there is something to recover.
        self._fall()

    def _fall(self) -> None:
        self.falls += 1
        self.town.cluster.fall()

    def _trick(self, rules: Sequence[Mapping[str, object]]) -> None:
        """Let the provider play these tricks and no others."""
        said = {"rules": list(rules), "seed": 1}
        where = f"{self.town.sandbox}/_control/faults"
        httpx.put(where, json=said, timeout=60, trust_env=False).raise_for_status()

    def _recover(self) -> None:
        """Count the seconds until nothing is overdue, claimed, or waiting to be tried again."""
        self._quiet()
        while any(task.claimed_until or task.last_error for task in self._tasks()):
            self.recovered_after += 1
            self.town.clock.turn_to(self.town.clock.now() + STEP)
            self._quiet()

    def _come_to_an_end(self) -> None:
        """Let every deadline pass, day by day, and everything that finance has to approve."""
        for _ in range(4):
            self.crowd.purse.approve_all()
            self._quiet()
            for _ in range(8):
                self.town.clock.forward(hours=1)
                self._quiet()
            self.town.clock.forward(hours=16)
            self._quiet()

    def _quiet(self) -> None:
        """Wait until nothing that is due is left to do, here or at the provider."""
        calm = 0
        while calm < QUIET_LOOKS:
            calm = calm + 1 if self._idle() else 0
            self._look()

    def _idle(self) -> bool:
        flushed = httpx.post(
            f"{self.town.sandbox}/_control/flush", timeout=60, trust_env=False
        ).json()
        now = self.town.clock.now()
        due = [task for task in self._tasks() if task.due_at <= now]
        return not due and not flushed["sent"]

    def _tasks(self) -> list[Task]:
        def query(work: Work) -> list[Task]:
            return list(every(work.of(Task), Query().where(state="pending")))

        try:
            return self.town.read(query)
        except DomainError:
            return []

    def _look(self) -> None:
        if time.monotonic() - self._began > HARD_STOP_SECONDS:
            missing = {k: n for k, n in self.town.board.kills().items() if n < self.wish.each}
            raise TooLong(f"gave up; failpoints still wanting: {missing}")
        time.sleep(LOOK_SECONDS)
        self._looks += 1
        if self._looks % COMPARE_LOOKS == 0:
            self._compare()

    def _compare(self) -> None:
        """Compare number by number while everything still runs. Raises Wrong."""
        try:
            found = strangers(self.town)
            waits = () if self.town.board.armed else tuple(unbooked(self.town))
        except DomainError:
            return
        if found:
            raise Wrong(found)
        again = bool(waits) and waits == self._unbooked
        self._patience = self._patience - 1 if again else PATIENT_COMPARISONS
        self._unbooked = waits
        if not self._patience:
            raise Wrong(waits)

    def _say(self, word: str) -> None:
        spent = time.monotonic() - self._began
        print(f"{spent:6.1f} s  {word}", flush=True)


def main() -> int:
    """Run it; the exit code is 1 if anything is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.crash")
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--seed", default="1")
    said = parser.parse_args()
    wish = Wish(said.kills, said.seed)
    with tempfile.TemporaryDirectory(prefix="groupbuy-crash-") as folder:
        with town(Path(folder), wish.seed, wish.each) as here:
            trial = Trial(here, wish)
            try:
                verdict = trial.run()
            except (TooLong, Wrong) as error:
                print(error, trial.crowd.tally.did, *_errors(here), sep="\n")
                return 1
            for line in _report(trial, verdict):
                print(line)
            wrong = [*verdict.wrong, *_shortfalls(trial)]
            print("\n".join(wrong[:40]))
            if wrong:
                print(*_errors(here), sep="\n")
            return int(bool(wrong))


def _errors(here: Town) -> list[str]:
    """Return the defects that the shop has logged itself; trouble that it survives is no defect."""
    lines = here.log.read_text(encoding="utf-8", errors="replace").splitlines()
    known = ("[warning", "[info")
    return [line[:2_000] for line in lines if not any(word in line for word in known)][-60:]


def _report(trial: Trial, verdict: Verdict) -> Iterator[str]:
    board = trial.town.board
    for label, times in board.kills().items():
        yield f"{times:5}  {label}"
    for what, times in sorted(trial.crowd.tally.did.items()):
        yield f"{times:5}  {what}"
    for kind, (times, total) in verdict.money.items():
        yield f"{times:5}  {kind}: {total} fen at the provider"
    yield (
        f"{board.total} kills at {len(LABELS)} failpoints, {trial.falls} falls of PostgreSQL, "
        f"{len(trial.crowd.tally.orders)} orders, recovered after {trial.recovered_after} s: "
        f"{verdict.difference} fen lost or doubled, {len(verdict.wrong)} findings"
    )


def _shortfalls(trial: Trial) -> Iterator[str]:
    for label, times in trial.town.board.kills().items():
        if times < LEAST:
            yield f"{label}: {times} deaths"
    if trial.recovered_after > RECOVERED_SECONDS + LEASE.total_seconds():
        yield f"recovered only after {trial.recovered_after} s"
    if trial.falls < FALLS:
        yield f"PostgreSQL fell {trial.falls} times only"
    if trial.town.board.unexpected:
        yield f"{trial.town.board.unexpected} lives ended by themselves"


if __name__ == "__main__":
    sys.exit(main())
