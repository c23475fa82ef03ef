"""What must always be true of money: journals, accounts, payments, refunds, commission."""

from collections import Counter
from collections.abc import Iterator

from groupbuy.domain.commission import ENDED, Purse, Withdrawal, WithdrawalState, amount_of
from groupbuy.domain.invariants.books import Books, Finding, by, differences
from groupbuy.domain.ledger import sums
from groupbuy.domain.merchants import MerchantPayout
from groupbuy.domain.ordering import OrderLine, OrderState

_GIVEN_UP = frozenset({WithdrawalState.FAILED, WithdrawalState.CANCELLED})


def journals_balance(books: Books) -> Iterator[Finding]:
    """Every journal sums to zero, in whole minor units."""
    for journal in books.journals:
        amounts = [line.amount for line in journal.lines]
        if sum(amounts) or any(type(amount) is not int for amount in amounts):
            yield Finding(1, journal.id, f"{journal.moment} sums to {sum(amounts)}")


def corrections_undo_their_original(books: Books) -> Iterator[Finding]:
    """A reversal names a journal, undoes exactly that, and does it once."""
    by_id = {journal.id: journal for journal in books.journals}
    undone = Counter(j.reverses for j in books.journals if j.reverses is not None)
    for journal in books.journals:
        if journal.reverses is None:
            continue
        original = by_id.get(journal.reverses)
        wanted = [(x.account, -x.amount) for x in original.lines] if original else None
        if [(x.account, x.amount) for x in journal.lines] != wanted or undone[journal.reverses] > 1:
            yield Finding(2, journal.id, f"does not undo {journal.reverses} once")


def refunds_stay_within_captures(books: Books) -> Iterator[Finding]:
    """No payment gives back more than it took in."""
    granted = _granted(books)
    for payment in books.payments:
        captured = payment.captured.minor if payment.captured else 0
        if granted[payment.id] > captured:
            yield Finding(3, payment.id, f"{granted[payment.id]} granted of {captured}")


def accounts_are_explained(books: Books) -> Iterator[Finding]:
    """What we hold for somebody is there because of something open, to the fen."""
    wanted: Counter[str] = Counter()
    for order in books.orders:
        if order.state is OrderState.PLACED:
            wanted[f"buyer:{order.id}"] -= order.payable.minor
    for refund in books.refunds:
        if refund.open:
            wanted[f"refund_due:{refund.id}"] -= refund.amount.minor
    on_their_way: list[tuple[str, Withdrawal | MerchantPayout]]
    on_their_way = [(f"leader:{each.leader_id}", each) for each in books.withdrawals]
    on_their_way += [(f"merchant:{each.merchant_id}", each) for each in books.merchant_payouts]
    for whose, payout in on_their_way:
        if payout.state not in ENDED:
            wanted[f"{whose}:in_transit"] -= payout.amount.minor
    held = ("buyer:", "refund_due:", "suspense", "rounding")
    real = {
        account: amount
        for account, amount in sums(books.journals).items()
        if account.startswith(held) or account.endswith(":in_transit")
    }
    yield from differences(5, wanted, real)


def one_number_per_refund(books: Books) -> Iterator[Finding]:
    """One cause gives money back once, by one number."""
    causes = Counter((r.payment_id, r.cause, r.effect_key) for r in books.refunds)
    for (payment_id, cause, key), count in causes.items():
        if count > 1:
            yield Finding(9, payment_id, f"{count} refunds for {cause.value} of {key}")


def captured_is_what_was_due(books: Books) -> Iterator[Finding]:
    """Money that differs from what was due never pays an order; a paid order has one payment."""
    paying = Counter[str]()
    for payment in books.payments:
        if payment.captured is None or payment.quarantined:
            continue
        paying[payment.order_id] += 1
        if payment.captured != payment.due:
            yield Finding(10, payment.id, f"{payment.captured} counts for {payment.due}")
    for order in books.orders:
        wanted = 0 if order.placed_at is None else 1
        if order.payable and paying[order.id] != wanted:
            yield Finding(10, order.id, f"{order.state.value} with {paying[order.id]} payments")


def _back_of(line: OrderLine) -> int:
    """Return what must have gone back of a line, told from what is kept of it."""
    dropped, units, weight = line.dropped.minor, line.units, line.weight
    net = line.net.minor - dropped
    if weight is None or weight.packed_grams is None:
        return dropped + net * line.refunded_units // units
    packed = units - weight.refunded_before
    estimate = weight.unit_grams * packed
    worth = net - net * weight.refunded_before // units
    cut = worth * min(weight.packed_grams, estimate) // estimate
    gone = line.refunded_units - weight.refunded_before
    return dropped + net - cut + cut * gone // packed


def refunds_of_orders_add_up(books: Books) -> Iterator[Finding]:
    """Units refunded, money refunded and refunds granted tell the same story of each order."""
    applied = {p.id for p in books.payments if p.captured is not None and not p.quarantined}
    granted = Counter[str]()
    for refund in books.refunds:
        if refund.payment_id in applied:
            granted[refund.order_id] += refund.amount.minor
    for order in books.orders:
        for line in order.lines:
            back = _back_of(line)
            if back != line.refunded.minor:
                yield Finding(11, order.id, f"line {line.line_no}: {line.refunded} is not {back}")
        if granted[order.id] != order.refunded.minor:
            yield Finding(11, order.id, f"{granted[order.id]} granted, {order.refunded} marked")


def balances_are_their_accounts(books: Books) -> Iterator[Finding]:
    """What authorises a movement equals the journal, and whatever may be moved has such a row."""
    real = {
        account: -amount
        for account, amount in sums(books.journals).items()
        if account.endswith((":available", ":payable"))
    }
    yield from differences(16, Counter({b.id: b.amount for b in books.balances}), real)


def commission_follows_what_is_kept(books: Books) -> Iterator[Finding]:
    """Commission is the formula over what was not refunded, and lies where the entries say."""
    entries = by(books.entries, lambda e: (e.order_id, e.line_no))
    for order in books.orders:
        for line in order.lines:
            mine = entries.get((order.id, line.line_no), [])
            for entry in mine:
                if entry.reverses is None:
                    left = entry.amount.minor + sum(
                        e.amount.minor for e in mine if e.reverses == entry.id
                    )
                    if left != amount_of(line.base, entry.bp).minor:
                        yield Finding(17, entry.id, f"{left} earned on {line.base}")
    yield from differences(17, _purses(books), _leaders_accounts(books))


def _purses(books: Books) -> Counter[str]:
    wanted: Counter[str] = Counter()
    for entry in books.entries:
        wanted[f"leader:{entry.leader_id}:{entry.purse.value}"] -= entry.amount.minor
    for withdrawal in books.withdrawals:
        if withdrawal.state not in _GIVEN_UP:
            wanted[f"leader:{withdrawal.leader_id}:available"] += withdrawal.amount.minor
    return wanted


def _leaders_accounts(books: Books) -> dict[str, int]:
    purses = tuple(f":{purse.value}" for purse in Purse)
    totals = sums(books.journals).items()
    return {a: v for a, v in totals if a.startswith("leader:") and a.endswith(purses)}


def _granted(books: Books) -> Counter[str]:
    granted = Counter[str]()
    for refund in books.refunds:
        granted[refund.payment_id] += refund.amount.minor
    return granted
