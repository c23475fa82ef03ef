"""What is true of something to share at an instant, and the clauses that say it."""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum

from attrs import frozen

from groupbuy.domain.kernel import Money

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_SIGNS = {"CNY": "¥"}


class Phase(StrEnum):
    """What somebody who opens the link can do."""

    COMING = "coming"
    """Wait until it begins."""
    SELLING = "selling"
    """Join."""
    ON_SALE = "on_sale"
    """Look: no campaign sells it at the moment."""


class Counted(StrEnum):
    """What is missing to a group."""

    BUYERS = "buyers"
    UNITS = "units"
    AMOUNT = "amount"
    """Minor units of money."""


@frozen
class ShareFacts:
    """Everything a share text may say, as it was counted at one instant."""

    subject: str
    """The campaign's or the product's id."""
    title: str
    price: Money
    """The lowest a unit costs now."""
    phase: Phase
    dearer: bool = False
    """Some of what is offered costs more."""
    alone: Money | None = None
    """What the same unit costs without the group, where that is more."""
    joined: int = 0
    """People who have paid."""
    missing: int = 0
    """To the group, in what it counts; 0 once it has formed."""
    counted: Counted = Counted.BUYERS
    team: int = 0
    """People of a team, where buyers open teams of their own; 0 where all are one group."""
    seconds: int | None = None
    """Until it begins, or until it ends; None for what has no end."""
    at: datetime | None = None
    """That instant, on the clock of the campaign."""
    quorum: bool = False
    """Whether it needs so many to form; if they do not come everybody gets their money back."""
    picture_id: str = ""
    """A picture of the goods, one of ours; empty if there is none."""


def money_text(money: Money) -> str:
    """Write money with two decimals: ¥39.90."""
    whole, part = divmod(money.minor, 100)
    return f"{_SIGNS.get(money.currency, money.currency + ' ')}{whole}.{part:02d}"


def clauses(facts: ShareFacts, *, english: bool) -> tuple[str, ...]:
    """Say price, what is missing and how much time is left, each in a clause of its own."""
    return tuple(_in_english(facts) if english else _in_chinese(facts))


def _in_chinese(facts: ShareFacts) -> Iterator[str]:
    name = "售价" if facts.phase is Phase.ON_SALE else "团购价"
    alone = f"（单买 {money_text(facts.alone)}）" if facts.alone else ""
    yield f"{name} {money_text(facts.price)}{' 起' if facts.dearer else ''}{alone}"
    if facts.phase is Phase.SELLING:
        yield _state_zh(facts)
    if facts.seconds is not None:
        spell = _spell(facts.seconds, ("天", "小时", "分钟"))
        if facts.phase is Phase.COMING:
            yield f"{spell}后开团" if spell else "马上开团"
        else:
            yield f"还剩 {spell}" if spell else "马上截止"


def _in_english(facts: ShareFacts) -> Iterator[str]:
    name = "" if facts.phase is Phase.ON_SALE else " in the group"
    alone = f" ({money_text(facts.alone)} alone)" if facts.alone else ""
    yield f"{'from ' if facts.dearer else ''}{money_text(facts.price)}{name}{alone}"
    if facts.phase is Phase.SELLING:
        yield _state_en(facts)
    if facts.seconds is not None:
        spell = _spell(facts.seconds, ("d", "h", "min"))
        if facts.phase is Phase.COMING:
            yield f"begins in {spell}" if spell else "begins now"
        else:
            yield f"{spell} left" if spell else "ends now"


def _state_zh(facts: ShareFacts) -> str:
    if facts.team:
        return f"{facts.team} 人成团"
    if facts.missing:
        unit = {Counted.BUYERS: " 人", Counted.UNITS: " 件", Counted.AMOUNT: ""}[facts.counted]
        return f"还差 {_amount(facts)}{unit}成团"
    if not facts.joined:
        return "刚刚开团"
    return f"{'已成团，' if facts.quorum else ''}{facts.joined} 人已参团"


def _state_en(facts: ShareFacts) -> str:
    if facts.team:
        return f"teams of {facts.team}"
    if facts.missing:
        unit = {Counted.BUYERS: "buyer", Counted.UNITS: "unit", Counted.AMOUNT: ""}[facts.counted]
        more = f" more {unit}{'s' if facts.missing != 1 else ''}" if unit else " more"
        return f"{_amount(facts)}{more} needed"
    if not facts.joined:
        return "just opened"
    return f"{'formed, ' if facts.quorum else ''}{facts.joined} joined"


def _amount(facts: ShareFacts) -> str:
    if facts.counted is Counted.AMOUNT:
        return money_text(Money(facts.missing, facts.price.currency))
    return str(facts.missing)


def _spell(seconds: int, units: tuple[str, str, str]) -> str:
    """Write the two largest units, rounded down; nothing below a minute."""
    days, hours, minutes = seconds // _DAY, seconds % _DAY // _HOUR, seconds % _HOUR // _MINUTE
    counts = (days, hours, minutes)
    first = next((place for place, count in enumerate(counts) if count), None)
    if first is None:
        return ""
    parts = zip(counts[first : first + 2], units[first : first + 2], strict=True)
    return " ".join(f"{count} {unit}" for count, unit in parts if count)
