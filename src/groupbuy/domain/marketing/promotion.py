"""One promotion: its kind with arguments, its conditions, who pays for it, how it is written."""

import json
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from attrs import evolve, fields, frozen

from groupbuy.domain.kernel import Invalid
from groupbuy.domain.marketing.arguments import read_arguments, write_arguments
from groupbuy.domain.marketing.conditions import Conditions, Eligible
from groupbuy.domain.marketing.kinds import AnyTerms, Layer, kind_named

TITLE_AT_MOST = 40
NAMES_AT_MOST = 200


class Basis(StrEnum):
    """On which amount a threshold is tested."""

    ACTIVITY_PRICE = "activity_price"
    """The price after the layer `activity`, whatever other layers take off."""
    REMAINING = "remaining"
    """What the layers before have left."""


class Payer(StrEnum):
    """Who gives the discount away."""

    MERCHANT = "merchant"
    PLATFORM = "platform"
    LEADER = "leader"


@frozen
class Promotion:
    """A promotion or a coupon as pricing sees it. A lower `priority` comes earlier."""

    id: str
    title: str
    terms: AnyTerms
    conditions: Conditions = Conditions()
    eligible: Eligible = Eligible()
    payer: Payer = Payer.MERCHANT
    basis: Basis = Basis.ACTIVITY_PRICE
    priority: int = 100

    def __attrs_post_init__(self) -> None:
        """It has a title, and is funded by somebody whose books know how."""
        if not 0 < len(self.title.strip()) <= TITLE_AT_MOST:
            raise Invalid(field="title", reason=f"1 to {TITLE_AT_MOST} characters")
        if not 0 <= self.priority <= 1_000:
            raise Invalid(field="priority", reason="must be 0 to 1000")

    @property
    def layer(self) -> Layer:
        """Where it stands in the order of pricing."""
        return Layer(self.terms.layer)

    @property
    def rule(self) -> str:
        """What attributions name."""
        return f"coupon:{self.id}" if self.layer is Layer.COUPON else f"promotion:{self.id}"

    def of(self, promotion_id: str) -> "Promotion":
        """Return the same under another id: a coupon is its template's promotion under its own."""
        return evolve(self, id=promotion_id)

    def sentence(self, currency: str = "CNY", *, english: bool = False) -> str:
        """Say it in one sentence: what it gives, and what it goes together with."""
        said: str = self.terms.sentence(currency, english=english)
        if self.layer is Layer.THRESHOLD:
            said += ", together with member prices" if english else "，可与会员价同用"
        return said


_SETS = ("segments", "communities", "channels", "payment_methods")


def written(promotion: Promotion) -> str:
    """Write a promotion as JSON text, the same for the same promotion."""
    on, goods = promotion.conditions, promotion.eligible
    said = {
        "id": promotion.id,
        "title": promotion.title,
        "kind": promotion.terms.kind,
        "arguments": write_arguments(promotion.terms),
        "conditions": {each.name: _plain(getattr(on, each.name)) for each in fields(Conditions)},
        "eligible": {each.name: _plain(getattr(goods, each.name)) for each in fields(Eligible)},
        "payer": promotion.payer.value,
        "basis": promotion.basis.value,
        "priority": promotion.priority,
    }
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def read(text: str) -> Promotion:
    """Read what `written` wrote."""
    return promotion_of(json.loads(text))


def promotion_of(said: Mapping[str, Any]) -> Promotion:
    """Make a promotion of plain values, as somebody sends them. Raises Invalid naming the field."""
    kind = kind_named(str(said.get("kind", "")))
    return Promotion(
        id=str(said.get("id", "")),
        title=str(said.get("title", "")),
        terms=read_arguments(kind, _mapping(said, "arguments"), "arguments."),
        conditions=_conditions(_mapping(said, "conditions")),
        eligible=_eligible(_mapping(said, "eligible")),
        payer=_choice(Payer, said.get("payer", "merchant"), "payer"),
        basis=_choice(Basis, said.get("basis", "activity_price"), "basis"),
        priority=_whole(said.get("priority", 100), "priority"),
    )


_INSTANTS, _MINUTES = ("starts_at", "ends_at"), ("from_minute", "until_minute", "level")


def _conditions(said: Mapping[str, Any]) -> Conditions:
    _refuse_unknown(said, {each.name for each in fields(Conditions)}, "conditions")
    return Conditions(**{n: _condition(n, v, f"conditions.{n}") for n, v in said.items()})


def _condition(name: str, value: Any, at: str) -> Any:
    if name in _INSTANTS:
        return None if value is None else _instant(value, at)
    if name in _MINUTES:
        return _whole(value, at)
    if name in _SETS:
        return _texts(value, at)
    if name == "weekdays":
        days = value if isinstance(value, list | tuple) else [None]
        return frozenset(_whole(day, at) for day in days)
    if type(value) is not bool:
        raise Invalid(field=at, reason="must be true or false")
    return value


def _eligible(said: Mapping[str, Any]) -> Eligible:
    _refuse_unknown(said, {each.name for each in fields(Eligible)}, "eligible")
    return Eligible(**{name: _texts(values, f"eligible.{name}") for name, values in said.items()})


def _refuse_unknown(said: Mapping[str, Any], known: set[str], at: str) -> None:
    unknown = sorted(said.keys() - known)
    if unknown:
        raise Invalid(field=f"{at}.{unknown[0]}", reason="is not known here")


def _mapping(said: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = said.get(name, {})
    if not isinstance(found, Mapping):
        raise Invalid(field=name, reason="must be fields with values")
    return found


def _texts(value: Any, at: str) -> frozenset[str]:
    rows = value if isinstance(value, list | tuple) else [None]
    if len(rows) > NAMES_AT_MOST or not all(isinstance(row, str) for row in rows):
        raise Invalid(field=at, reason=f"takes 0 to {NAMES_AT_MOST} ids")
    return frozenset(rows)


def _whole(value: Any, at: str) -> int:
    if type(value) is not int:
        raise Invalid(field=at, reason="must be a whole number")
    return value


def _instant(value: Any, at: str) -> datetime:
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        raise Invalid(field=at, reason="is no instant") from None
    if found.tzinfo is None:
        raise Invalid(field=at, reason="needs a zone")
    return found


def _choice(kind: Any, value: Any, at: str) -> Any:
    try:
        return kind(value)
    except ValueError:
        choices = ", ".join(each.value for each in kind)
        raise Invalid(field=at, reason=f"must be one of {choices}") from None


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    return value.isoformat() if isinstance(value, datetime) else value
