"""An invoice for one order: whom it names, what was issued, what red letters took back."""

import re
import unicodedata
from datetime import datetime
from enum import StrEnum

from attrs import evolve, frozen

from groupbuy.domain.invoicing.states import INVOICE, InvoiceMove, InvoiceState
from groupbuy.domain.kernel import Event, Invalid, Money, Refused

REQUESTED = "invoice.requested"
TITLE_AT_MOST = 100
LINK_AT_MOST = 500
_NUMBER = re.compile(r"[0-9A-Z-]{8,40}")
_LINK = re.compile(r"https://[!-~]+")
_OLD_TAX_NUMBER = re.compile(r"[0-9A-Z]{15}|[0-9A-Z]{20}")
_CREDIT_CODE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")
_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""Of a unified social credit code (GB 32100-2015), by their values."""


class TitleKind(StrEnum):
    """Who is named on an invoice."""

    PERSONAL = "personal"
    COMPANY = "company"


@frozen
class Title:
    """Whom an invoice names. Raises Invalid for what no tax office would take."""

    kind: TitleKind
    name: str
    tax_number: str = ""

    def __attrs_post_init__(self) -> None:
        """Refuse what cannot stand on an invoice."""
        hidden = any(unicodedata.category(letter)[0] == "C" for letter in self.name)
        if not 1 <= len(self.name.strip()) <= TITLE_AT_MOST or hidden:
            raise Invalid(field="title", reason=f"must have 1 to {TITLE_AT_MOST} visible letters")
        if self.kind is TitleKind.PERSONAL and self.tax_number:
            raise Invalid(field="tax_number", reason="only companies have one")
        if self.kind is TitleKind.COMPANY and not _is_tax_number(self.tax_number):
            raise Invalid(field="tax_number", reason="is no tax number")


@frozen
class RedLetter:
    """One red letter: it takes a part of an invoice back, or all of it."""

    number: str
    amount: Money
    at: datetime
    link: str = ""


@frozen
class Invoice:
    """A buyer's wish for an invoice, and what became of it."""

    id: str
    order_id: str
    buyer_id: str
    merchant_id: str
    title_kind: TitleKind
    title_sealed: str
    """Sealed under the buyer's key."""
    tax_number_sealed: str
    requested_at: datetime
    open_order: str
    """The order while this stands; empty once refused, withdrawn or reversed: an order has one."""
    issued: Money
    """What it was issued for; nothing before."""
    red_due: Money
    """What was refunded since and no red letter has taken back yet."""
    red_done: Money
    number: str = ""
    link: str = ""
    issued_at: datetime | None = None
    red_letters: tuple[RedLetter, ...] = ()
    refusal_sealed: str = ""
    """Why the merchant said no, sealed under the buyer's key."""
    finished_at: datetime | None = None
    state: InvoiceState = InvoiceState.REQUESTED
    version: int = 0

    @property
    def left(self) -> int:
        """Minor units of it that stand once the red letters due are written."""
        return self.issued.minor - self.red_done.minor - self.red_due.minor

    def issue(
        self, number: str, link: str, amount: Money, paid: Money, now: datetime
    ) -> "tuple[Invoice, list[Event]]":
        """The merchant wrote it; `paid` is what the buyer paid and did not get back.

        Raises Invalid, IllegalMove, and Refused for any other amount.
        """
        _check_paper(number, link)
        if amount != paid:
            raise Refused(rule="invoice_is_for_what_was_paid", about=self.order_id)
        return self._fire(
            InvoiceMove.ISSUE, now, number=number, link=link, issued=amount, issued_at=now
        )

    def refuse(self, sealed: str, now: datetime) -> "tuple[Invoice, list[Event]]":
        """The merchant says no; the reason is sealed for the buyer."""
        return self._fire(InvoiceMove.REFUSE, now, refusal_sealed=sealed)

    def withdraw(self, now: datetime) -> "tuple[Invoice, list[Event]]":
        """The buyer needs none any more."""
        return self._fire(InvoiceMove.WITHDRAW, now)

    def refunded(self, amount: Money, paid: Money, now: datetime) -> "tuple[Invoice, list[Event]]":
        """Money went back: what was issued demands a red letter; `paid` is what is still paid.

        One that waits to be issued is issued for less, or not at all once nothing is paid.
        """
        if self.state in (InvoiceState.ISSUED, InvoiceState.RED_LETTER_DUE):
            return self._fire(InvoiceMove.DEMAND_RED, now, red_due=self.red_due + amount)
        if self.state is InvoiceState.REQUESTED and not paid:
            return self._fire(InvoiceMove.OVERTAKE, now)
        return self, []

    def issue_red(
        self, number: str, link: str, amount: Money, now: datetime
    ) -> "tuple[Invoice, list[Event]]":
        """The merchant wrote the red letter for all that is due.

        Raises Invalid, IllegalMove, and Refused for any other amount.
        """
        _check_paper(number, link)
        move = InvoiceMove.ISSUE_RED if self.left else InvoiceMove.REVERSE
        after, happened = self._fire(
            move,
            now,
            red_due=self.red_due - self.red_due,
            red_done=self.red_done + self.red_due,
            red_letters=(*self.red_letters, RedLetter(number, amount, now, link)),
        )
        if amount != self.red_due:
            raise Refused(rule="red_letter_is_for_what_is_due", about=self.id)
        return after, happened

    def _fire(
        self, move: InvoiceMove, now: datetime, **changes: object
    ) -> "tuple[Invoice, list[Event]]":
        edge = INVOICE.fire(self.state, move, self)
        if edge.target in INVOICE.final:
            changes |= {"open_order": "", "finished_at": now}
        after: Invoice = evolve(self, state=edge.target, **changes)  # type: ignore[arg-type]
        return after, [Event(edge.event, self.id, now, {"order": self.order_id})]


def _check_paper(number: str, link: str) -> None:
    if not _NUMBER.fullmatch(number):
        raise Invalid(field="number", reason="8 to 40 digits, capital letters and dashes")
    if link and (len(link) > LINK_AT_MOST or not _LINK.fullmatch(link)):
        raise Invalid(field="link", reason="must read https://…")


def _is_tax_number(text: str) -> bool:
    """Tell whether it is a unified social credit code with its check letter, or an older number."""
    if not _CREDIT_CODE.fullmatch(text):
        return bool(_OLD_TAX_NUMBER.fullmatch(text))
    total = sum(
        _LETTERS.index(letter) * pow(3, place, 31) for place, letter in enumerate(text[:17])
    )
    return _LETTERS[-total % 31] == text[17]
