"""What runs on the stage: the campaigns of the plan with their orders, and the tools to act."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from attrs import define, field, frozen

from groupbuy.application.write_path import Caller, Work
from groupbuy.domain.ordering import Order
from groupbuy.entrypoints.demo.month.cast import Buyer, Cast, Person
from groupbuy.entrypoints.demo.month.plan import CampaignPlan, Fate, Plan, Wish
from groupbuy.entrypoints.demo.stage import Stage

R = TypeVar("R")


@frozen
class Ticket:
    """An order somebody placed, and its payment's number at the provider."""

    wish: Wish
    buyer: Buyer
    order_id: str
    payment_id: str
    number: str

    @property
    def tracking(self) -> str:
        """The tracking number its parcel gets."""
        return f"SF{self.order_id.partition('_')[2]}"


@define(eq=False)
class Run:
    """A campaign as it runs."""

    plan: CampaignPlan
    merchant: Person
    leader: Person
    id: str
    tickets: list[Ticket] = field(factory=list)

    def of(self, *fates: Fate) -> list[Ticket]:
        """Return the orders that meet with one of these."""
        return [ticket for ticket in self.tickets if ticket.wish.fate in fates]

    @property
    def sent(self) -> list[Ticket]:
        """The orders of a formed campaign that are sent."""
        unsent = {Fate.FORGOTTEN, Fate.LATE, Fate.LEAVES, Fate.UNSENT}
        return [ticket for ticket in self.tickets if ticket.wish.fate not in unsent]


@define(eq=False)
class Play:
    """The month while it is played."""

    stage: Stage
    plan: Plan
    cast: Cast
    runs: list[Run] = field(factory=list)
    taken_later: dict[str, Order] = field(factory=dict)
    """The orders that were refunded after the settlement, as they were before."""
    planned_fen: int = 0
    """What the preview of the settlement said would be settled."""
    counts: Counter[str] = field(factory=Counter)

    def act(self, caller: Caller, use_case: Callable[..., R], *said: object) -> R:
        """Run a use case as somebody. Raises DomainError."""
        return self.stage.app.desk.run(caller, lambda work: use_case(work, *said))

    def each(self, act: Callable[[R], object], things: Iterable[R]) -> int:
        """Let many people act at once; return how many there were."""
        return len(self.stage.crowd.each(act, things))

    def tickets(self, *fates: Fate) -> Iterator[tuple[Run, Ticket]]:
        """Yield all orders that meet with one of these, with their campaigns."""
        for run in self.runs:
            yield from ((run, ticket) for ticket in run.of(*fates))

    def look(self, query: Callable[[Work], R]) -> R:
        """Look something up. Raises DomainError."""
        return self.stage.read(query)
