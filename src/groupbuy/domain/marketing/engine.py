"""Pricing a basket layer by layer; every fen taken off names its layer, its rule and its line.

The order is that of Chinese shop practice: the price of a unit (group, special, trial: the lowest
wins, alone), what the basket takes off, one coupon, points, freight. Each layer works on what the
layers before have left; no line and no basket falls below zero.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from attrs import evolve, frozen

from groupbuy.domain.kernel import BASIS_POINTS, Invalid
from groupbuy.domain.marketing.basket import Good, Occasion, Standing, spread
from groupbuy.domain.marketing.kinds import Gift, Layer, Saving
from groupbuy.domain.marketing.promotion import Basis, Payer, Promotion
from groupbuy.domain.marketing.words import Unmet


class Choice(StrEnum):
    """How the promotions of one layer go together."""

    BEST = "best"
    """One: that which saves the buyer most; then by priority, then by id."""
    PRIORITY = "priority"
    """One: the first by priority, then by id."""
    STACK = "stack"
    """All, one after another by priority, each on what the one before has left."""


@frozen
class Points:
    """Points somebody wants to pay with."""

    held: int
    """How many of them may be spent."""
    worth: int
    """Minor units of one point."""
    most_bp: int = BASIS_POINTS
    """The largest part of what is left for goods that points may pay."""


@frozen
class Wanted:
    """Everything pricing looks at beside the goods."""

    occasion: Occasion
    activity: str
    """What grants the group price, such as `campaign:cmp_…`."""
    promotions: tuple[Promotion, ...] = ()
    coupons: tuple[Promotion, ...] = ()
    """The buyer's coupons that are good for something; one of them at most is used."""
    coupon: str | None = None
    """Use this one, by id, or none with an empty text; None chooses the best."""
    coupons_allowed: bool = True
    points: Points | None = None
    freight: int = 0
    choices: Mapping[Layer, Choice] = {}
    """How the layers `threshold` and `gift` choose: one, the best, unless told otherwise."""
    gone: frozenset[str] = frozenset()
    """Rules whose gifts, budget or uses have run out."""


@frozen
class Reduction:
    """So much less on one line (None: on the freight), and why."""

    line_no: int | None
    layer: Layer
    rule: str
    amount: int
    payer: str
    """`merchant`, `platform`, `leader`, or `points`."""


@frozen
class Given:
    """A gift, and what gave it."""

    rule: str
    gift: Gift


@frozen
class Skipped:
    """A promotion that does not apply, and why not."""

    rule: str
    why: Unmet


@frozen
class Priced:
    """What a basket costs, and why every fen of it does or does not."""

    nets: Mapping[int, int]
    """By line number, what is left to pay for it."""
    freight: int
    reductions: tuple[Reduction, ...]
    gifts: tuple[Given, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    points_spent: int = 0

    @property
    def payable(self) -> int:
        """All that is to be paid."""
        return sum(self.nets.values()) + self.freight

    def used(self, layer: Layer) -> tuple[str, ...]:
        """Return the rules of a layer that took something off, each once."""
        return tuple(dict.fromkeys(each.rule for each in self.reductions if each.layer is layer))


def price(goods: Sequence[Good], wanted: Wanted) -> Priced:
    """Price a basket. Raises Invalid for one that is empty or names a line twice."""
    if not goods:
        raise Invalid(field="lines", reason="nothing is ordered")
    if len({good.line_no for good in goods}) != len(goods):
        raise Invalid(field="lines", reason="a line stands twice")
    pricing = _Pricing(wanted)
    standings = pricing.activity(goods)
    standings = pricing.promotions(standings, Layer.THRESHOLD)
    standings = pricing.one_coupon(standings)
    standings = pricing.pay_with_points(standings)
    pricing.promotions(standings, Layer.GIFT)
    return Priced(
        nets={each.good.line_no: each.net for each in standings},
        freight=pricing.freight,
        reductions=tuple(pricing.reductions),
        gifts=tuple(pricing.gifts),
        skipped=tuple(pricing.skipped),
        points_spent=pricing.points_spent,
    )


class _Pricing:
    """One basket on its way through the layers."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted, self.freight = wanted, wanted.freight
        self.reductions: list[Reduction] = []
        self.gifts: list[Given] = []
        self.skipped: list[Skipped] = []
        self.points_spent = 0

    def activity(self, goods: Sequence[Good]) -> tuple[Standing, ...]:
        """Give every line the lowest price there is for it, and say what of it is whose gift."""
        rules = [
            each for each in _in_order(self.wanted.promotions) if self._may(each, Layer.ACTIVITY)
        ]
        won = set[str]()
        standings = []
        for good in goods:
            group = good.price * good.units
            self._note(good.line_no, Layer.ACTIVITY, self.wanted.activity,
                       good.original * good.units - group, Payer.MERCHANT)  # fmt: skip
            best, net = None, group
            for rule in rules:
                total = rule.terms.line_total(good) if rule.eligible.includes(good) else None
                if total is not None and total < net:
                    best, net = rule, total
            if best is not None:
                won.add(best.rule)
                self._note(good.line_no, Layer.ACTIVITY, best.rule, group - net, best.payer)
            standings.append(Standing(good, net, net))
        self._skip((each for each in rules if each.rule not in won), Unmet("not_cheaper"))
        return tuple(standings)

    def promotions(self, standings: tuple[Standing, ...], layer: Layer) -> tuple[Standing, ...]:
        """Take off what one promotion of a layer gives, or all of them, as the layer chooses."""
        rules = [each for each in _in_order(self.wanted.promotions) if self._may(each, layer)]
        choice = self.wanted.choices.get(layer, Choice.BEST)
        if choice is Choice.STACK:
            for rule in rules:
                found = self._found(rule, standings)
                if found is not None:
                    standings = self._taken(rule, found, standings)
            return standings
        found_by = {each.id: found for each in rules if (found := self._found(each, standings))}
        giving = [each for each in rules if each.id in found_by]
        if not giving:
            return standings
        best = giving[0] if choice is Choice.PRIORITY else _best(giving, found_by)
        late = "another_comes_first" if choice is Choice.PRIORITY else "another_is_better"
        self._skip((each for each in giving if each is not best), Unmet(late))
        return self._taken(best, found_by[best.id], standings)

    def one_coupon(self, standings: tuple[Standing, ...]) -> tuple[Standing, ...]:
        """Use the coupon that is named, or the one that saves most."""
        coupons = _in_order(self.wanted.coupons)
        if not self.wanted.coupons_allowed:
            self._skip(coupons, Unmet("coupons_not_allowed"))
            return standings
        asked = self.wanted.coupon
        if asked is not None:
            coupons = [each for each in coupons if each.id == asked]
        found_by = {
            each.id: found
            for each in coupons
            if self._may(each, Layer.COUPON) and (found := self._found(each, standings))
        }
        giving = [each for each in coupons if each.id in found_by]
        if not giving:
            return standings
        best = _best(giving, found_by)
        self._skip((each for each in giving if each is not best), Unmet("another_is_better"))
        return self._taken(best, found_by[best.id], standings)

    def pay_with_points(self, standings: tuple[Standing, ...]) -> tuple[Standing, ...]:
        """Pay with points: whole ones, and no more than is left and the shop allows."""
        points = self.wanted.points
        if points is None or points.worth < 1:
            return standings
        left = sum(each.net for each in standings) * points.most_bp // BASIS_POINTS
        self.points_spent = max(0, min(points.held, left // points.worth))
        parts = spread(self.points_spent * points.worth, standings)
        for each, part in zip(standings, parts, strict=True):
            self._note(each.good.line_no, Layer.POINTS, "points", part, "points")
        return tuple(each.less(part) for each, part in zip(standings, parts, strict=True))

    def _may(self, rule: Promotion, layer: Layer) -> bool:
        """Tell whether a promotion of that layer applies at all; say why it does not."""
        if rule.layer is not layer:
            return False
        unmet = rule.conditions.unmet(self.wanted.occasion)
        if unmet is None and rule.rule in self.wanted.gone:
            unmet = Unmet("gift_is_gone" if layer is Layer.GIFT else "nothing_to_take_off")
        if unmet is not None:
            self.skipped.append(Skipped(rule.rule, unmet))
        return unmet is None

    def _found(self, rule: Promotion, standings: Sequence[Standing]) -> Saving | None:
        """Return what a promotion gives, a part for every good; None if it gives nothing."""
        mine = rule.eligible.among(standings)
        if not mine:
            self.skipped.append(Skipped(rule.rule, Unmet("no_such_goods")))
            return None
        if rule.basis is Basis.REMAINING:
            mine = tuple(evolve(each, basis=each.net) for each in mine)
        saving: Saving | Unmet = rule.terms.saving(mine, self.freight)
        if isinstance(saving, Unmet):
            self.skipped.append(Skipped(rule.rule, saving))
            return None
        if not saving.total and not saving.gifts:
            self.skipped.append(Skipped(rule.rule, Unmet("nothing_to_take_off")))
            return None
        by_line = {each.good.line_no: part for each, part in zip(mine, saving.parts, strict=True)}
        return evolve(saving, parts=tuple(by_line.get(e.good.line_no, 0) for e in standings))

    def _taken(
        self, rule: Promotion, saving: Saving, standings: Sequence[Standing]
    ) -> tuple[Standing, ...]:
        for each, part in zip(standings, saving.parts, strict=True):
            self._note(each.good.line_no, rule.layer, rule.rule, part, rule.payer)
        self._note(None, rule.layer, rule.rule, saving.freight, rule.payer)
        self.freight -= saving.freight
        self.gifts += [Given(rule.rule, gift) for gift in saving.gifts]
        return tuple(e.less(part) for e, part in zip(standings, saving.parts, strict=True))

    def _note(self, line_no: int | None, layer: Layer, rule: str, amount: int, payer: str) -> None:
        if amount:
            self.reductions.append(Reduction(line_no, layer, rule, amount, str(payer)))

    def _skip(self, rules: Iterable[Promotion], why: Unmet) -> None:
        self.skipped += [Skipped(each.rule, why) for each in rules]


def _in_order(promotions: Iterable[Promotion]) -> list[Promotion]:
    return sorted(promotions, key=lambda each: (each.priority, each.id))


def _best(giving: Sequence[Promotion], found: Mapping[str, Saving]) -> Promotion:
    """Return the one that saves most; a gift counts what it is worth."""

    def benefit(each: Promotion) -> int:
        saving = found[each.id]
        return saving.total + sum(gift.value for gift in saving.gifts)

    return min(giving, key=lambda each: (-benefit(each), each.priority, each.id))
