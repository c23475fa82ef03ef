"""What a commit leaves behind: journals, audit rows, answers, and rows that belong together."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from groupbuy.application.audit_chain import check_link, check_rows
from groupbuy.application.invariants.evidence import Evidence, Told
from groupbuy.domain.campaigns import CountLink, check_chain
from groupbuy.domain.invariants import Books, Finding
from groupbuy.domain.kernel import cell_of
from groupbuy.domain.payments import Refund, RefundCause
from groupbuy.domain.payouts import Outgoing

_BOOKED = {
    "payment.captured": ("capture", "capture_unusable"),
    "order.confirmed": ("confirm",),
    "order.completed": ("vest",),
    "refund.granted": (
        "refund_before_confirmation",
        "refund_from_suspense",
        "refund_after_confirmation",
    ),
    "refund.succeeded": ("refund_succeeded", "refund_paid_otherwise"),
    "withdrawal.requested": ("withdraw",),
    "withdrawal.paid": ("withdrawal_paid",),
    "withdrawal.failed": ("withdrawal_returned",),
    "withdrawal.cancelled": ("withdrawal_returned",),
}
"""What happened, and how it is booked."""
_FIRST = {moment: moments[0] for moments in _BOOKED.values() for moment in moments}
_ACTIONS = {
    RefundCause.LEFT: ("order.leave",),
    RefundCause.MERCHANT: ("order.refund", "order.refund_units"),
    RefundCause.WEIGHED: ("order.weigh",),
    RefundCause.TIER: ("group.ladder",),
    RefundCause.REJECTED: ("order.reject",),
    RefundCause.AFTER_SALE: ("after_sale.grant",),
    RefundCause.GROUP_FAILED: ("group.refund",),
    RefundCause.CAMPAIGN_CANCELLED: ("group.refund",),
}
"""Which command grants a refund; other causes are the provider's word, not a command."""
_FOR_MANY = frozenset({RefundCause.GROUP_FAILED, RefundCause.CAMPAIGN_CANCELLED, RefundCause.TIER})
_IN_PARTS = frozenset({RefundCause.MERCHANT, RefundCause.WEIGHED})
"""Granted as often as somebody says so; a command that gave nothing back has its row too."""


def answers_are_kept(evidence: Evidence) -> Iterator[Finding]:
    """The same key and body get the same answer for ever, and what was answered is there."""
    heard: dict[tuple[str, str], Told] = {}
    orders = {order.id for order in evidence.books.orders}
    for told in evidence.told:
        first = heard.setdefault((told.scope, told.key), told)
        same = first.input_hash == told.input_hash
        reused = told.answer == "error:idempotency_key_reused"
        if same is reused or (same and first.answer != told.answer):
            yield Finding(21, told.key, f"first {first.answer}, then {told.answer}")
        if told.made and told.made not in orders:
            yield Finding(21, told.made, "was answered and is not there")


def public_counts_are_true(evidence: Evidence) -> Iterator[Finding]:
    """Every public count is a whole chain that begins with nobody; at rest it ends at progress."""
    chains = defaultdict[str, list[CountLink]](list)
    for link in sorted(evidence.counts, key=lambda link: link.sequence):
        chains[link.group_id].append(link)
    for group_id, links in chains.items():
        for wrong in check_chain(links):
            yield Finding(12, group_id, f"public count {wrong.sequence}: {wrong.check}")
    measures = {campaign.id: campaign.measure for campaign in evidence.books.campaigns}
    for group in evidence.books.groups if evidence.at_rest else ():
        now = (group.reached(measures[group.campaign_id]), group.paid_buyers)
        links = chains.get(group.id, [])
        told = (links[-1].count, links[-1].joined) if links else None
        if told != now:
            yield Finding(12, group.id, f"public count ends at {told}, progress is {now}")


def nothing_crosses_tenants(evidence: Evidence) -> Iterator[Finding]:
    """Whatever a row names exists beside it, in the same tenant and the same cell."""
    books = evidence.books
    known = {thing.id for kind in (books.orders, books.payments, books.groups) for thing in kind}
    known |= {campaign.id for campaign in books.campaigns}
    for about, named in _references(books):
        if named not in known:
            yield Finding(24, about, f"names {named}, which is not here")
        elif cell_of(named) != cell_of(about) and not named.startswith("cmp_"):
            yield Finding(24, about, f"lives in another cell than {named}")


def _references(books: Books) -> Iterator[tuple[str, str]]:
    yield from ((group.id, group.campaign_id) for group in books.groups)
    yield from ((order.id, order.group_id) for order in books.orders)
    yield from ((seat.id, seat.group_id) for seat in books.seats)
    yield from ((payment.id, payment.order_id) for payment in books.payments)
    yield from ((refund.id, refund.payment_id) for refund in books.refunds)
    yield from ((parcel.id, parcel.order_id) for parcel in books.shipments)
    # A bonus of the ladder is for a month, not for an order.
    yield from ((entry.id, entry.order_id) for entry in books.entries if entry.order_id)
    yield from ((case.id, case.order_id) for case in books.cases)


def commands_are_audited(evidence: Evidence) -> Iterator[Finding]:
    """A command that moves money left one audit row with it, and nobody has touched the chain."""
    rows = Counter((row.action, row.subject) for row in evidence.audit)
    groups = {payment.id: payment.group_id for payment in evidence.books.payments}
    yield from _parts_are_audited(evidence.books, rows)
    for refund in evidence.books.refunds:
        actions = () if refund.cause in _IN_PARTS else _ACTIONS.get(refund.cause, ())
        subject = _subject(refund, groups.get(refund.payment_id, ""))
        count = max((rows[action, subject] for action in actions), default=1)
        if count != 1 and not (count and refund.cause in _FOR_MANY):
            yield Finding(25, refund.id, f"{count} audit rows {actions} of {subject}")
    for statement in evidence.books.statements:
        if rows["settlement.run", statement.id] != 1:
            yield Finding(25, statement.id, "has not one audit row of its settlement")
    yield from _payouts_are_audited("withdrawal", evidence.books.withdrawals, rows)
    yield from _payouts_are_audited("merchant_payout", evidence.books.merchant_payouts, rows)
    yield from _chain(evidence)


def _payouts_are_audited(
    word: str, payouts: Iterable[Outgoing], rows: Counter[tuple[str, str]]
) -> Iterator[Finding]:
    for each in payouts:
        approved = rows[f"{word}.approve", each.id] >= len(each.approvals)
        if rows[f"{word}.request", each.id] != 1 or not approved:
            yield Finding(25, each.id, "lacks an audit row of its request or an approval")


def _parts_are_audited(books: Books, rows: Counter[tuple[str, str]]) -> Iterator[Finding]:
    granted = Counter((r.cause, r.order_id) for r in books.refunds if r.cause in _IN_PARTS)
    for (cause, order_id), count in granted.items():
        said = sum(rows[action, order_id] for action in _ACTIONS[cause])
        if said < count:
            yield Finding(25, order_id, f"{count} refunds as {cause.value}, {said} audit rows")


def _subject(refund: Refund, group_id: str) -> str:
    if refund.cause in _FOR_MANY:
        return group_id
    return refund.effect_key if refund.cause is RefundCause.AFTER_SALE else refund.order_id


def _chain(evidence: Evidence) -> Iterator[Finding]:
    before, rows = None, sorted(evidence.audit, key=lambda row: row.id)
    for here in evidence.seals:
        behind = "" if before is None else before.last
        covered = [row for row in rows if behind < row.id <= here.last]
        for wrong in (*check_link(before, here), *check_rows(here, covered)):
            yield Finding(25, wrong.subject, f"audit seal {wrong.seal}: {wrong.check}")
        before = here


def commits_are_whole(evidence: Evidence) -> Iterator[Finding]:
    """Whatever happened was booked in the same commit, once: no crash can part the two."""
    nothing = {
        payment.id
        for payment in evidence.books.payments
        if payment.captured is not None and payment.captured.minor <= 0
    }
    happened = Counter(
        (_BOOKED[event.name][0], event.subject)
        for event in evidence.events
        if event.name in _BOOKED and event.subject not in nothing
    )
    booked = Counter(
        (_FIRST[journal.moment], journal.subject)
        for journal in evidence.books.journals
        if journal.moment in _FIRST
    )
    for moment, subject in happened.keys() | booked.keys():
        told, done = happened[moment, subject], booked[moment, subject]
        if told != done:
            yield Finding(26, subject, f"{moment}: happened {told} times, booked {done} times")
