"""What must always be true of after-sale cases: their money and their goods."""

from collections.abc import Iterator

from groupbuy.domain.aftersale import OPEN, AfterSale, CaseState
from groupbuy.domain.invariants.books import Books, Finding, by
from groupbuy.domain.payments import Refund, RefundCause


def cases_are_paid_as_granted(books: Books) -> Iterator[Finding]:
    """A case gives back by one refund exactly what was granted, and is done once that is paid."""
    causes = (r for r in books.refunds if r.cause is RefundCause.AFTER_SALE)
    refunds = by(causes, lambda refund: refund.effect_key)
    for case in books.cases:
        mine = refunds.pop(case.id, [])
        granted = case.refund.minor if case.refund else 0
        if [r.amount.minor for r in mine] != ([granted] if granted else []):
            yield Finding(11, case.id, f"{case.refund} granted, {[str(r.amount) for r in mine]}")
        elif case.refund is not None and case.state is not _state_of(mine):
            yield Finding(11, case.id, f"is {case.state.value} with {case.refund} granted")
    for case_id in refunds:
        yield Finding(11, case_id, "was refunded and is no case")


def lines_have_one_open_case(books: Books) -> Iterator[Finding]:
    """No units of an order are asked back twice at once."""
    names = {case.id: f"{case.order_id}/{case.line_no}" for case in books.cases}
    for case in books.cases:
        if case.open_line != (names[case.id] if case.state in OPEN else ""):
            yield Finding(11, case.id, f"is {case.state.value} and holds {case.open_line!r}")
    living = [case for case in books.cases if case.state in OPEN]
    for line, cases in by(living, lambda case: names[case.id]).items():
        if len(cases) > 1:
            yield Finding(11, line, f"has {len(cases)} open cases")


def goods_of_cases_are_counted(books: Books) -> Iterator[Finding]:
    """No more is counted back than was asked for, and nothing that was never sent back."""
    parcels = {parcel.id: parcel.order_id for parcel in books.shipments}
    for case in books.cases:
        if _miscounted(case):
            detail = f"{case.good_units} good, {case.damaged_units} damaged of {case.units}"
            yield Finding(13, case.id, detail)
        if case.replacement_id and parcels.get(case.replacement_id) != case.order_id:
            yield Finding(13, case.id, f"its replacement {case.replacement_id} is not its order's")


def _miscounted(case: AfterSale) -> bool:
    good = case.good_units or 0
    if case.counted:
        in_bounds = min(good, case.damaged_units) >= 0 and good + case.damaged_units <= case.units
        return not (case.sent_back and in_bounds)
    return bool(case.damaged_units)


def _state_of(refunds: list[Refund]) -> CaseState:
    return CaseState.REFUNDING if any(r.open for r in refunds) else CaseState.DONE
