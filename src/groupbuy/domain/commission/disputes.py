"""A leader or an operator doubts one line of a statement; finance answers, once."""

from datetime import datetime

from attrs import evolve, frozen

from groupbuy.domain.commission.states import DISPUTE, DisputeMove, DisputeState
from groupbuy.domain.kernel import Event

OPENED = "dispute.opened"


@frozen
class Dispute:
    """A doubt about one line. What an answer changes is an entry of its own, never the line."""

    id: str
    statement_id: str
    entry_id: str
    order_id: str
    leader_id: str
    opened_by: str
    opened_at: datetime
    open_line: str
    """The line while nobody has answered, then empty: a line has one open dispute at most."""
    text: str = ""
    """Why the line is doubted, sealed under the leader's key."""
    answer: str = ""
    """What finance says to it, sealed under the leader's key."""
    answered_by: str = ""
    answered_at: datetime | None = None
    adjustment_id: str | None = None
    """The entry that the answer has made."""
    state: DisputeState = DisputeState.OPENED
    version: int = 0

    def opened(self) -> Event:
        """Return the event that tells of a new one."""
        data = {"statement": self.statement_id, "line": self.entry_id}
        return Event(OPENED, self.id, self.opened_at, data)

    def uphold(self, by: str, answer: str, now: datetime) -> "tuple[Dispute, list[Event]]":
        """The line stands. Raises IllegalMove if it was answered before."""
        return self._answer(DisputeMove.UPHOLD, by, answer, now, None)

    def adjust(
        self, by: str, answer: str, adjustment_id: str, now: datetime
    ) -> "tuple[Dispute, list[Event]]":
        """An entry corrects the line. Raises IllegalMove if it was answered before."""
        return self._answer(DisputeMove.ADJUST, by, answer, now, adjustment_id)

    def _answer(
        self, move: DisputeMove, by: str, answer: str, now: datetime, adjustment_id: str | None
    ) -> "tuple[Dispute, list[Event]]":
        edge = DISPUTE.fire(self.state, move, None)
        after = evolve(
            self,
            state=edge.target,
            open_line="",
            answer=answer,
            answered_by=by,
            answered_at=now,
            adjustment_id=adjustment_id,
        )
        return after, [Event(edge.event, self.id, now, {"leader": self.leader_id})]
