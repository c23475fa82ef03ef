"""Defects planted on purpose: each one is something a shop has really lost money by.

A simulator that finds none of them in so many histories would find nothing else either.
"""

from collections.abc import Callable, Mapping
from functools import partial
from multiprocessing import get_context
from typing import Any

from attrs import evolve

from groupbuy.application import checkout, forming, payments
from groupbuy.application.aftersale import returning
from groupbuy.application.steps import casework, confirming, couponing, unwinding
from groupbuy.application.write_path import Work
from groupbuy.domain.aftersale import AfterSale
from groupbuy.domain.campaigns import Group, GroupState
from groupbuy.domain.catalogue import Stock
from groupbuy.domain.commission import Withdrawal
from groupbuy.domain.ledger import Balance
from groupbuy.domain.marketing import Coupon, CouponState, CouponTemplate
from groupbuy.domain.ordering import OrderLine
from groupbuy.domain.payments import Payment, Refund, RefundCause
from tests.simulator.history import live
from tests.simulator.knobs import Knobs

Bug = Callable[[], None]


def _replace(owner: Any, name: str, made: Callable[[Any], Any]) -> None:
    setattr(owner, name, made(getattr(owner, name)))


def _a_seat_that_expired_stays_taken() -> None:
    def broken(real):
        def release(self, seat, mine, now, why):
            after, gone, happened = real(self, seat, mine, now, why)
            return (self if why == "expired" else after), gone, happened

        return release

    _replace(Group, "release", broken)


def _goods_of_an_expired_seat_stay_reserved() -> None:
    _replace(Stock, "release", lambda _: lambda self, _units: self)


def _goods_are_never_counted_as_sold() -> None:
    _replace(Stock, "sell", lambda _: lambda self, _units: self)


def _one_more_is_sold_than_there_is() -> None:
    _replace(
        Stock, "reserve", lambda _: lambda self, units: evolve(self, reserved=self.reserved + units)
    )


def _a_group_forms_one_too_early() -> None:
    def broken(real):
        def facts(self, *args, **named):
            found = real(self, *args, **named)
            return evolve(found, target=found.target - 1)

        return facts

    _replace(Group, "_facts", broken)


def _a_group_is_failed_although_it_formed() -> None:
    def broken(real):
        def form(self, campaign, now):
            after, happened = real(self, campaign, now)
            return (evolve(after, formed_at=None) if happened else after), happened

        return form

    _replace(Group, "form_if_reached", broken)


def _a_capture_is_booked_twice() -> None:
    _replace(Work, "book", partial(_twice, "capture"))


def _a_confirmation_is_booked_twice() -> None:
    _replace(Work, "book", partial(_twice, "confirm"))


def _twice(moment, real):
    def book(self, what, *args, **named):
        if what == moment:
            real(self, what, *args, **named)
        return real(self, what, *args, **named)

    return book


def _a_refund_is_never_booked() -> None:
    def broken(real):
        def book(self, what, *args, **named):
            return None if what.startswith("refund") else real(self, what, *args, **named)

        return book

    _replace(Work, "book", broken)


def _a_refund_asked_again_has_a_new_number() -> None:
    real = Refund.number.fget
    Refund.number = property(lambda self: real(self)[:-1] + str(self.version % 10))


def _a_payment_that_came_too_late_is_kept() -> None:
    payments.refuse_money = lambda _scene, _payment, _cause: None


def _a_wrong_amount_pays_the_order() -> None:
    def broken(real):
        def why(scene, payment):
            found = real(scene, payment)
            return None if found is RefundCause.WRONG_AMOUNT else found

        return why

    _replace(payments, "_why_not", broken)


def _money_paid_twice_is_kept() -> None:
    real = payments.refuse_money

    def refuse(scene, payment, cause):
        if cause is not RefundCause.DUPLICATE:
            real(scene, payment, cause)

    payments.refuse_money = refuse


def _commission_survives_a_refund() -> None:
    def nothing(_work, _before, _after, *_more, **_named):
        return {}

    unwinding.reverse_for = nothing


def _a_withdrawal_is_not_taken_off_the_balance() -> None:
    _replace(Balance, "take", lambda _: lambda self, _amount: self)


def _a_withdrawal_asked_again_has_a_new_number() -> None:
    real = Withdrawal.number.fget
    Withdrawal.number = property(lambda self: f"{real(self)[:-1]}{self.version % 10}")


def _a_provider_s_word_is_forgotten() -> None:
    def broken(real):
        def capture(self, amount, paid_at, ref, now):
            captured, happened = real(self, amount, paid_at, ref, now)
            return evolve(captured, captured=self.due), happened

        return capture

    _replace(Payment, "capture", broken)


def _nothing_goes_back_when_a_group_fails() -> None:
    def broken(real):
        def fail(self, campaign, now):
            after, happened = real(self, campaign, now)
            return evolve(after, state=GroupState.FAILED, paid_seats=0), happened

        return fail

    _replace(Group, "fail", broken)


def _nothing_hears_the_silence_of_a_case() -> None:
    _replace(casework, "wait_for", lambda _: lambda _work, _case: None)


def _goods_that_come_back_fill_the_shelf_without_a_line() -> None:
    def broken(_real):
        def count(_work, stock, units, _reason):
            return stock.adjust(units)

        return count

    _replace(returning, "count_goods", broken)


def _a_case_says_it_granted_twice_its_refund() -> None:
    def broken(real):
        def grant(self, amount, now):
            after, happened = real(self, amount, now)
            return evolve(after, refund=amount * 2), happened

        return grant

    _replace(AfterSale, "grant", broken)


def _a_coupon_of_an_order_given_up_is_lost() -> None:
    couponing._comes_back = lambda _work, _order, _coupon: False


def _a_coupon_pays_two_orders() -> None:
    def broken(_real):
        def hold(self, order_id, saved, _now):
            return evolve(self, order_id=order_id, saved=saved, state=CouponState.HELD), []

        return hold

    _replace(Coupon, "hold", broken)


def _one_coupon_more_is_given_out_than_there_are() -> None:
    real = CouponTemplate.left.fget
    CouponTemplate.left = property(lambda self: real(self) + 1)


def _a_coupon_s_discount_is_left_to_the_merchant() -> None:
    confirming.funded_by = lambda _order, _funder: 0


def _nothing_that_the_platform_gave_comes_back() -> None:
    unwinding._funded_back = lambda _before, _after, _funder: 0


def _a_refund_gives_back_what_a_coupon_paid() -> None:
    def broken(_real):
        def due(self):
            return self.gross.of_units(units=self.units, start=0, count=self.refunded_units)

        return due

    _replace(OrderLine, "_due_back", broken)


def _nobody_hears_that_the_price_came_down() -> None:
    _replace(unwinding, "drop_prices", lambda _: lambda _scene, _order_id, _prices: None)
    forming.drop_prices = unwinding.drop_prices


def _a_price_that_came_down_rises_again_with_a_refund() -> None:
    def broken(_real):
        def due(self):
            return self.net.of_units(units=self.units, start=0, count=self.refunded_units)

        return due

    _replace(OrderLine, "_due_back", broken)


def _a_team_counts_who_has_left_as_its_opener() -> None:
    _replace(Group, "_without", lambda _: lambda self, _seat, _mine, _now: (self, []))


def _one_buyer_s_teams_know_nothing_of_each_other() -> None:
    checkout.seats_across = lambda _work, _campaigns, _buyers: []


BUGS: Mapping[str, Bug] = {
    name.lstrip("_"): bug
    for name, bug in list(globals().items())
    if name.startswith(
        ("_a_", "_goods_", "_one_", "_money_", "_commission_", "_nothing_", "_nobody_")
    )
}
"""By what a shopkeeper would say went wrong."""

PATIENCE = 2_000
"""Histories within which each of them must be caught."""


def caught_after(name: str, seed: int = 1) -> int | None:
    """Plant one in this process and play; return how many histories it took, None if too many."""
    BUGS[name]()
    for played in range(1, PATIENCE + 1):
        if not live(Knobs.of(seed + played - 1)).clean:
            return played
    return None


def hunt(processes: int) -> dict[str, int | None]:
    """Plant every one, each in a process of its own."""
    with get_context("spawn").Pool(processes, maxtasksperchild=1) as pool:
        return dict(zip(BUGS, pool.map(caught_after, BUGS, chunksize=1), strict=True))
