"""What must be true once nothing is left to do, and what providers' own books must say."""

from collections import Counter
from collections.abc import Iterator, Sequence

from groupbuy.domain.campaigns import GroupState
from groupbuy.domain.invariants.books import Books, Finding, Movement, by, differences
from groupbuy.domain.ledger import sums
from groupbuy.domain.ordering import BINDING, LineKind, OrderState
from groupbuy.domain.payments import RefundState

_OUT = ("refund", "payout")
_BANK = "clearing:bank"
_LOST = frozenset({GroupState.FAILED, GroupState.CANCELLED})


def orders_and_groups_agree(books: Books) -> Iterator[Finding]:
    """Binding orders belong to formed groups; a decided group leaves no order waiting."""
    groups = {group.id: group for group in books.groups}
    for order in books.orders:
        group = groups[order.group_id]
        formed = group.formed_at is not None
        if order.state in BINDING and not formed:
            yield Finding(6, order.id, f"{order.state.value} in a group that has not formed")
        if order.state is OrderState.PLACED and (formed or group.state in _LOST):
            yield Finding(6, order.id, f"still waiting in a group that is {group.state.value}")


def orders_keep_what_was_not_refunded(books: Books) -> Iterator[Finding]:
    """What is kept of a living order's money is what was due, less what was refunded."""
    back = Counter[str]()
    for refund in books.refunds:
        if not refund.open:
            back[refund.payment_id] += refund.amount.minor
    payments = by(books.payments, lambda payment: payment.order_id)
    for order in books.orders:
        if order.state not in BINDING and order.state is not OrderState.PLACED:
            continue
        kept = sum(
            payment.captured.minor - back[payment.id]
            for payment in payments.get(order.id, ())
            if payment.captured is not None and not payment.quarantined
        )
        if kept != (order.payable - order.refunded).minor:
            yield Finding(6, order.id, f"{kept} kept of {order.payable}, {order.refunded} refunded")


def ladders_have_come_down(books: Books) -> Iterator[Finding]:
    """Once the ladder of a group is settled each of its orders costs the step it came to."""
    campaigns = {campaign.id: campaign for campaign in books.campaigns}
    final = {g.id: g.final_reached for g in books.groups if g.final_reached is not None}
    for order in books.orders:
        if order.state not in BINDING or order.group_id not in final:
            continue
        for line in order.lines:
            if line.kind is LineKind.GOODS:
                saved = sum(a.amount.minor for a in line.attributions if a.layer == "activity")
                price = campaigns[order.campaign_id].price_at(line.sku_id, final[order.group_id])
                above = line.gross.minor - saved - price.minor * line.units
                if line.dropped.minor != max(0, min(above, line.net.minor)):
                    yield Finding(6, order.id, f"{line.dropped} came down instead of {above}")


def lost_groups_paid_everything_back(books: Books) -> Iterator[Finding]:
    """A failed or cancelled group has given every fen back, by one refund per payment."""
    lost = {group.id for group in books.groups if group.state in _LOST}
    refunds = by(books.refunds, lambda refund: refund.payment_id)
    for payment in books.payments:
        if payment.group_id not in lost or payment.captured is None:
            continue
        back = [(r.amount, r.state) for r in refunds.get(payment.id, ())]
        if back != [(payment.captured, RefundState.SUCCEEDED)]:
            yield Finding(7, payment.id, f"{payment.captured} came, {back} went back")


def money_is_earned_or_given_back(books: Books) -> Iterator[Finding]:
    """Every payment pays a living order, or all of it went back."""
    orders = {order.id: order for order in books.orders}
    returned = Counter[str]()
    for refund in books.refunds:
        if not refund.open:
            returned[refund.payment_id] += refund.amount.minor
    for payment in books.payments:
        order = orders[payment.order_id]
        lives = order.state in BINDING or order.state is OrderState.PLACED
        kept = (payment.captured.minor if payment.captured else 0) - returned[payment.id]
        if kept and (payment.quarantined or not lives):
            yield Finding(8, payment.id, f"{kept} kept for an order that is {order.state.value}")


def providers_gave_back_at_most(truth: Sequence[Movement], books: Books) -> Iterator[Finding]:
    """By the provider's own count no payment came twice, or went back more than it came."""
    paid, back = Counter[str](), Counter[str]()
    payments = {payment.id: payment.number for payment in books.payments}
    of_refund = {refund.number: payments[refund.payment_id] for refund in books.refunds}
    for move in truth:
        if move.kind == "payment":
            paid[move.number] += move.amount
        elif move.kind == "refund":
            back[of_refund.get(move.number, move.number)] -= move.amount
    for number, amount in back.items():
        if not 0 <= amount <= paid[number]:
            yield Finding(3, number, f"the provider gave {amount} back of {paid[number]}")


def providers_moved_what_we_asked(truth: Sequence[Movement], books: Books) -> Iterator[Finding]:
    """Money goes out by our numbers only, the whole amount, and once for each."""
    asked = {refund.number: -refund.amount.minor for refund in books.refunds}
    asked |= {each.number: each.tax.minor - each.amount.minor for each in books.withdrawals}
    asked |= {each.number: -each.amount.minor for each in books.merchant_payouts}
    went = Counter(move.number for move in truth if move.kind in _OUT)
    for move in truth:
        if move.kind in _OUT and asked.get(move.number) != move.amount:
            yield Finding(9, move.number, f"{move.kind} {move.amount} of {asked.get(move.number)}")
    for number, times in went.items():
        if times > 1:
            yield Finding(9, number, f"went out {times} times")


def clearing_is_the_truth(truth: Sequence[Movement], books: Books) -> Iterator[Finding]:
    """What we believe to lie at each provider is what lies there."""
    real = {a: v for a, v in sums(books.journals).items() if a.startswith("clearing:")}
    wanted: Counter[str] = Counter()
    for move in truth:
        wanted[f"clearing:{move.provider}"] += move.amount
    wanted[_BANK] -= sum(refund.amount.minor for refund in books.refunds if refund.paid_otherwise)
    yield from differences(4, wanted, real)
