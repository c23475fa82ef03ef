"""The month day by day: publish, join, pay, form or fail, send, deliver, settle, refund."""

from collections.abc import Callable
from datetime import date, time, timedelta

from attrs import define, field

from groupbuy.entrypoints.cli.output import Output
from groupbuy.entrypoints.demo.month import closing, selling, serving
from groupbuy.entrypoints.demo.month.calendar import (
    DAYS,
    NEXT,
    OVER,
    PERIOD,
    REFUNDS_AFTER,
    WAVES,
    at,
    day_of,
    moment,
)
from groupbuy.entrypoints.demo.month.cast import gather
from groupbuy.entrypoints.demo.month.plan import Fate, Plan
from groupbuy.entrypoints.demo.month.play import Play, Run, Ticket
from groupbuy.entrypoints.demo.stage import Stage

Moved = Callable[[date, int], None]
"""Told the day and how many orders are paid."""
_AFTER = 6
"""Days after the month in which the last campaigns are sent and given back."""


@define(eq=False)
class Story:
    """Plays the month on a stage."""

    stage: Stage
    out: Output
    plan: Plan
    moved: Moved
    _waiting: dict[date, list[tuple[Run, list[str]]]] = field(factory=dict)
    """Goods on their way back, by the day they come."""

    def play(self) -> Play:
        """Play from the sign-up to the next month's statements. Raises Surprise, DomainError."""
        self.out.note("邻居们注册，商品上架", "neighbours sign up, products are imported")
        play = Play(self.stage, self.plan, gather(self.stage, self.plan.shoppers))
        for number in range(1, DAYS + 1):
            self._day(play, number)
        self._settle(play)
        return play

    def _day(self, play: Play, number: int) -> None:
        day = day_of(number)
        self._morning(play, number)
        on_sale = [run for run in play.runs if run.plan.sells_on(day)]
        for clock in WAVES:
            self._wave(play, on_sale, day, clock)
        ending = [run for run in on_sale if run.plan.ends_at.date() == day]
        self._end(play, ending, day)
        self.moved(day, play.counts["paid"])

    def _morning(self, play: Play, number: int) -> None:
        """Publish what opens today, send what formed last night, deliver it before noon."""
        day, stage = day_of(number), self.stage
        stage.turn_to(at(day, 8, 30))
        closing.book_fees(play)
        today = [plan for plan in play.plan.campaigns if plan.first_day == number]
        play.runs += [selling.publish(play, plan) for plan in today]
        formed = self._ended(play, day - timedelta(days=1))
        stage.turn_to(at(day, 10))
        for run in formed:
            serving.send(play, run)
        stage.quiet()
        stage.turn_to(at(day, 11, 20))
        serving.deliver(play, formed)
        stage.quiet()
        for run, cases in self._waiting.pop(day, []):
            serving.take_back(play, run, cases)
        for run in self._ended(play, day - timedelta(days=2)):
            cases = serving.complain(play, run)
            self._waiting.setdefault(day + timedelta(days=3), []).append((run, cases))
        stage.quiet()

    def _ended(self, play: Play, day: date) -> list[Run]:
        return [run for run in play.runs if run.plan.forms and run.plan.ends_at.date() == day]

    def _wave(self, play: Play, runs: list[Run], day: date, clock: time) -> None:
        now = moment(day, clock)
        self.stage.turn_to(now)
        made = [(run, selling.join(play, run, run.plan.waves.index(now))) for run in runs]
        tickets = [ticket for _, some in made for ticket in some]
        selling.pay(play, tickets)
        self.stage.quiet()
        for ticket in _of(tickets, Fate.LEAVES):
            selling.leave(play, ticket)
        if slow := _of(tickets, Fate.SLOW):
            self.stage.turn_to(now + timedelta(minutes=20))
            selling.pay_after_all(play, slow)
        self.stage.quiet()

    def _end(self, play: Play, runs: list[Run], day: date) -> None:
        """Let some take a seat at the last minute and pay when all is over."""
        self.stage.turn_to(at(day, 21, 20))
        late = [ticket for run in runs for ticket in selling.join(play, run, len(run.plan.waves))]
        self.stage.turn_to(at(day, 21, 30, 1))
        if late:
            self.stage.turn_to(at(day, 21, 45))
            selling.pay_after_all(play, late)
            self.stage.quiet()

    def _settle(self, play: Play) -> None:
        stage = self.stage
        closing.preview(play)
        for number in range(DAYS + 1, DAYS + 1 + _AFTER):
            self._morning(play, number)
            if number == DAYS + 1:
                stage.until(lambda: closing.is_settled(play, PERIOD), "the month is settled")
                self.out.note("新的一月：佣金自动结算", "a new month: commission settles by itself")
                self._pay_out(play)
            self._refund(play, day_of(number))
        for day in REFUNDS_AFTER:
            self._refund(play, day)
        while stage.clock.now() < OVER:
            stage.turn_to(min(OVER, stage.clock.now() + timedelta(days=7)))
        stage.until(lambda: closing.is_settled(play, NEXT), "the next month is settled")
        stage.quiet()

    def _pay_out(self, play: Play) -> None:
        for leader in play.cast.leaders:
            closing.withdraw(play, leader)
        for merchant in play.cast.merchants:
            closing.pay_merchant(play, merchant)
        self.out.note("团长提现、商家结款到账", "leaders and merchants have their money")

    def _refund(self, play: Play, day: date) -> None:
        if day in REFUNDS_AFTER and self.stage.clock.now() < at(day, 15):
            self.stage.turn_to(at(day, 15))
            closing.refund_later(play, REFUNDS_AFTER.index(day), len(REFUNDS_AFTER))
            self.out.note(
                f"{day:%m月%d日}：结算之后的退款", f"{day:%d %b}: refunds after settlement"
            )


def _of(tickets: list[Ticket], fate: Fate) -> list[Ticket]:
    return [ticket for ticket in tickets if ticket.wish.fate is fate]
