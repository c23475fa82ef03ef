"""What promotions and quotes look like over HTTP."""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from litestar.params import QueryParameter
from msgspec import Meta

from groupbuy.application.steps.pricing import Explained
from groupbuy.application.steps.pricing import promotions_of as promotions_in
from groupbuy.domain.campaigns import Campaign
from groupbuy.domain.kernel import Invalid
from groupbuy.domain.marketing import (
    KINDS,
    Basis,
    Field,
    Layer,
    Payer,
    Promotion,
    form_of,
    promotion_of,
    write_arguments,
)
from groupbuy.entrypoints.http.amounts import Amount, amount

LINES_AT_MOST = 50
BasketText = Annotated[
    tuple[str, ...],
    QueryParameter(
        name="item", max_items=LINES_AT_MOST, description="`sku_id:units`, once a variant"
    ),
]
_Plain = dict[str, Any]


class PromotionIn(msgspec.Struct, forbid_unknown_fields=True):
    """A promotion of a campaign; its kind says which arguments it takes."""

    kind: Annotated[str, Meta(max_length=40)]
    title: Annotated[str, Meta(min_length=1, max_length=40)]
    arguments: _Plain
    conditions: _Plain = msgspec.field(default_factory=dict)
    """`starts_at`, `ends_at`, `from_minute`, `until_minute` (of the day), `weekdays` (0 Monday)."""
    eligible: _Plain = msgspec.field(default_factory=dict)
    """`skus`, `products`, `categories`, `except_products`; empty means all goods."""
    payer: Payer = Payer.MERCHANT
    """`platform` is for operators to say."""
    basis: Basis = Basis.ACTIVITY_PRICE
    priority: Annotated[int, Meta(ge=0, le=1_000)] = 100


class PromotionOut(msgspec.Struct, frozen=True):
    """A promotion in one sentence, and as it was set up."""

    id: str
    kind: str
    title: str
    sentence: str
    sentence_en: str
    payer: Payer
    arguments: _Plain


class FieldOut(msgspec.Struct, frozen=True):
    """One field of the form of a kind."""

    name: str
    shape: str
    label: str
    label_en: str
    least: int
    most: int
    required: bool
    choices: list[str]
    rows: list["FieldOut"]


class PromotionKindOut(msgspec.Struct, frozen=True):
    """A kind of promotion, and the form that sets it up."""

    kind: str
    layer: str
    fields: list[FieldOut]


class QuoteReasonOut(msgspec.Struct, frozen=True):
    """So much less, by which rule, in which words, and who gives it."""

    layer: str
    rule: str
    amount: Amount
    funder: str
    sentence: str
    sentence_en: str


class QuoteLineOut(msgspec.Struct, frozen=True):
    """A line of a quote: gross less all reasons is net."""

    line_no: int
    kind: str
    sku_id: str
    title: str
    units: int
    gross: Amount
    net: Amount
    reasons: list[QuoteReasonOut]


class UnusedOut(msgspec.Struct, frozen=True):
    """A promotion that does not count, and why not."""

    rule: str
    sentence: str
    sentence_en: str
    code: str
    why: str
    why_en: str


class QuoteOut(msgspec.Struct, frozen=True):
    """What a basket costs now. A join that sends `payable` as `agreed` is never charged more."""

    lines: list[QuoteLineOut]
    payable: Amount
    saved: Amount
    coupon_id: str | None
    """The coupon this price is with: to be sent with the join."""
    unused: list[UnusedOut]


def promotions_of(sent: list[PromotionIn]) -> tuple[Promotion, ...]:
    """Return promotions in the words of the domain, numbered. Raises Invalid naming the field."""
    found = []
    for number, each in enumerate(sent):
        try:
            found.append(promotion_of({**msgspec.to_builtins(each), "id": str(number + 1)}))
        except Invalid as error:
            raise Invalid(
                field=f"promotions.{number}.{error.field}", reason=error.reason
            ) from error
    return tuple(found)


def promotions_out(campaign: Campaign) -> list[PromotionOut]:
    """Render the promotions of a campaign."""
    return [
        PromotionOut(
            id=each.id,
            kind=each.terms.kind,
            title=each.title,
            sentence=each.sentence(campaign.currency),
            sentence_en=each.sentence(campaign.currency, english=True),
            payer=each.payer,
            arguments=write_arguments(each.terms),
        )
        for each in promotions_in(campaign)
    ]


def kinds_out() -> list[PromotionKindOut]:
    """Render the kinds a campaign may have, with their forms."""
    offered = [kind for kind in KINDS.values() if kind.layer in (Layer.ACTIVITY, Layer.THRESHOLD)]
    return [
        PromotionKindOut(kind.kind, kind.layer.value, [_field(each) for each in form_of(kind)])
        for kind in offered
    ]


def basket_of(items: Sequence[str]) -> list[tuple[str, int]]:
    """Read `sku_id:units`. Raises Invalid."""
    found = []
    for item in items:
        sku_id, _, units = item.partition(":")
        if (
            not 0 < len(sku_id) <= 40
            or not units.isascii()
            or not units.isdecimal()
            or len(units) > 5
        ):
            raise Invalid(field="item", reason="must be variant:units")
        found.append((sku_id, int(units)))
    return found


def quote_out(found: Explained) -> QuoteOut:
    """Render a quote."""
    quote, currency = found.quote, found.quote.payable.currency
    said = {each.rule: each for each in found.promotions}

    def words(rule: str, *, english: bool) -> str:
        if rule in said:
            return said[rule].sentence(currency, english=english)
        return "group price" if english else "团购价"

    lines = [
        QuoteLineOut(
            line_no=line.line_no,
            kind=line.kind.value,
            sku_id=line.sku_id,
            title=line.title,
            units=line.units,
            gross=amount(line.gross),
            net=amount(line.net),
            reasons=[
                QuoteReasonOut(
                    layer=each.layer,
                    rule=each.rule,
                    amount=amount(each.amount),
                    funder=each.funder.value,
                    sentence=words(each.rule, english=False),
                    sentence_en=words(each.rule, english=True),
                )
                for each in line.attributions
            ],
        )
        for line in quote.lines
    ]
    saved = sum((line.gross - line.net for line in quote.lines), quote.payable * 0)
    unused = [
        UnusedOut(
            rule=each.rule,
            sentence=words(each.rule, english=False),
            sentence_en=words(each.rule, english=True),
            code=each.why.code,
            why=each.why.text(currency=currency),
            why_en=each.why.text(english=True, currency=currency),
        )
        for each in found.priced.skipped
    ]
    used = found.priced.used(Layer.COUPON)
    coupon_id = used[0].partition(":")[2] if used else None
    return QuoteOut(lines, amount(quote.payable), amount(saved), coupon_id, unused)


def _field(each: Field) -> FieldOut:
    return FieldOut(
        name=each.name,
        shape=each.shape.value,
        label=each.zh,
        label_en=each.en,
        least=each.least,
        most=each.most,
        required=each.required,
        choices=list(each.choices),
        rows=[_field(row) for row in each.rows],
    )
