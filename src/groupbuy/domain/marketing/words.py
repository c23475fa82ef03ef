"""How amounts, shares and refusals are said, in Chinese and in English."""

from collections.abc import Mapping

from attrs import frozen

_SIGNS = {"CNY": "¥", "USD": "$", "EUR": "€"}


def money(minor: int, currency: str = "CNY") -> str:
    """Write an amount as people do: ¥20, ¥19.90."""
    whole, rest = divmod(minor, 100)
    sign = _SIGNS.get(currency, f"{currency} ")
    return f"{sign}{whole}" if not rest else f"{sign}{whole}.{rest:02d}"


def tenths(share_bp: int) -> str:
    """Write a share of a price as 折: 8500 is 8.5."""
    return _decimal(share_bp, 1000, 3)


def percent(share_bp: int) -> str:
    """Write a share as per cent: 8550 is 85.5."""
    return _decimal(share_bp, 100, 2)


def _decimal(value: int, unit: int, digits: int) -> str:
    whole, rest = divmod(value, unit)
    return f"{whole}.{rest:0{digits}d}".rstrip("0").rstrip(".")


REASONS: Mapping[str, tuple[str, str]] = {
    "amount_not_reached": ("还差 {missing}", "{missing} more are needed"),
    "count_not_reached": ("还差 {count} 件", "{count} more units are needed"),
    "bundle_incomplete": ("还没凑齐一组", "the bundle is not complete"),
    "no_such_goods": ("没有适用的商品", "nothing in the basket qualifies"),
    "nothing_to_take_off": ("没有可减的金额", "there is nothing left to take off"),
    "not_cheaper": ("不比现价便宜", "it is not cheaper than the price there is"),
    "another_is_better": ("另一项更优惠", "another one saves more"),
    "another_comes_first": ("另一项优先", "another one comes first"),
    "not_begun": ("还没开始", "it has not begun"),
    "over": ("已经结束", "it is over"),
    "not_at_this_hour": ("不在活动时段", "not at this hour"),
    "not_on_this_day": ("今天不适用", "not on this day of the week"),
    "level_too_low": ("会员等级不够", "the membership level is too low"),
    "not_in_segment": ("不是活动对象", "it is for other shoppers"),
    "not_in_community": ("不是本社群的活动", "it is for another community"),
    "not_first_order": ("仅限首单", "it is for a first order"),
    "other_channel": ("不适用于当前渠道", "it is for another channel"),
    "other_payment": ("不适用于当前支付方式", "it is for another way of paying"),
    "coupons_not_allowed": ("本活动不能用券", "this campaign takes no coupons"),
    "gift_is_gone": ("赠品已送完", "the gifts have run out"),
}
"""Why a promotion does not apply, as the basket says it."""


@frozen
class Unmet:
    """Why something does not apply, and what is missing."""

    code: str
    missing: int = 0
    """Minor units, or units where the code counts."""

    def text(self, *, english: bool = False, currency: str = "CNY") -> str:
        """Say it to a shopper."""
        words = REASONS[self.code][english]
        return words.format(missing=money(self.missing, currency), count=self.missing)
