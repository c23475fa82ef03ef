"""What no share text says: rewards for sharing, pressure, lotteries, superlatives.

Platforms take pages down that pay people for passing them on, whether in money, points or luck;
advertising law forbids superlatives nobody can prove. So a text is looked at before anybody gets
it, the title that a merchant wrote included. Nothing here is a reward: sharing never is.
"""

import re
import unicodedata
from collections.abc import Iterator
from enum import StrEnum

from attrs import frozen

from groupbuy.domain.kernel import Refused


class Inducement(StrEnum):
    """Why a text is refused."""

    REWARD = "reward"
    """Something is promised for sharing, forwarding, liking, following or inviting."""
    HELP = "help"
    """Friends are asked to cut a price, to collect likes, to bring people."""
    CHANCE = "chance"
    """A lottery, or money in red envelopes."""
    PRESSURE = "pressure"
    """Whoever does not pass it on shall feel bad."""
    SUPERLATIVE = "superlative"
    """A claim that advertising law forbids."""


@frozen
class Refusal:
    """One thing a text must not say."""

    why: Inducement
    phrase: str
    """The letters it was seen in, folded."""


PHRASES: tuple[tuple[Inducement, tuple[str, ...]], ...] = (
    (
        Inducement.REWARD,
        (
            *("分享有礼", "分享有奖", "转发有礼", "转发有奖", "邀请有礼", "邀请有奖"),
            *("分享即送", "转发即送", "分享领", "转发领", "分享得", "转发得", "分享赚", "转发赚"),
            *("关注领", "关注送", "转发免费", "分享免费", "分享返现", "转发返现", "分享解锁"),
        ),
    ),
    (
        Inducement.HELP,
        (
            *("助力", "砍一刀", "砍价", "帮我砍", "帮忙砍", "帮砍", "集赞", "求赞", "求点赞"),
            *("帮我点", "帮忙点一下", "拉人头", "拉新", "拉满", "helpmecut", "collectlikes"),
        ),
    ),
    (
        Inducement.CHANCE,
        (
            *("抽奖", "中奖", "开奖", "大奖", "拼手气", "红包", "锦鲤", "刮刮卡", "幸运用户"),
            *("luckydraw", "redpacket", "redenvelope", "jackpot", "sweepstake"),
        ),
    ),
    (
        Inducement.PRESSURE,
        (
            *("不转不是", "不转就", "不转后悔", "速转", "求转", "必转", "转疯了", "疯转", "快转发"),
            *("转发到群", "转发到三个群", "转发给好友", "转给好友", "扩散", "forwardthistoall"),
        ),
    ),
    (
        Inducement.SUPERLATIVE,
        (
            *("国家级", "世界级", "最高级", "最佳", "全网最低", "史上最低", "最低价", "绝无仅有"),
            *("全国第一", "全网第一", "销量第一", "第一品牌", "顶级", "极品", "百分百有效"),
            *("lowestpriceever", "bestintheworld", "number1", "no1brand"),
        ),
    ),
)
"""Found whatever stands between their letters: spaces, signs, invisible ones."""

_ACT = "分享|转发|转给|转到|发到群|发群|发朋友圈|点赞|邀请|拉好友|关注"
_GAIN = "奖|红包|返现|现金|积分|优惠券|立减|礼品|礼物|赠|免单|免费|佣金|领取|可领|得到|赚|返利"
_ACT_EN = r"\b(?:share|shares|sharing|forward|repost|like|follow|invite|tag)\b"
_GAIN_EN = (
    r"\b(?:win|earn|rewards?|cash(?:back)?|coupons?|points?|gifts?|free|prizes?|bonus|unlock)\b"
)
_NEAR = 12
"""Letters between an act and what it is said to gain, in Chinese."""
_PAIRS: tuple[re.Pattern[str], ...] = (
    re.compile(rf"(?:{_ACT}).{{0,{_NEAR}}}?(?:{_GAIN})"),
    re.compile(rf"(?:{_GAIN}).{{0,{_NEAR}}}?(?:{_ACT})"),
)
_PAIRS_EN: tuple[re.Pattern[str], ...] = (
    re.compile(rf"{_ACT_EN}.{{0,60}}?{_GAIN_EN}"),
    re.compile(rf"{_GAIN_EN}.{{0,60}}?{_ACT_EN}"),
)
_SENTENCE = re.compile(r"[。！？!?;；\n]+|\.(?=\s|$)")
_SIMPLE = str.maketrans(
    "發轉領獎贊讚積優贈獲點關請賺現禮紅價級網歷無銷開運氣擴後給費國紙",
    "发转领奖赞赞积优赠获点关请赚现礼红价级网历无销开运气扩后给费国纸",
)
"""The traditional characters that those phrases are also written in."""


def refusals(text: str) -> tuple[Refusal, ...]:
    """Return everything a share text must not say, each phrase once; nothing for a good one.

    Widths, cases, traditional characters and what stands between letters make no difference.
    """
    return tuple(dict.fromkeys(_found(text)))


def check_text(text: str) -> str:
    """Return a text that induces nobody. Raises Refused with the phrase it was refused for."""
    for refusal in refusals(text):
        raise Refused(rule="share_text_induces_nobody", about=refusal.phrase)
    return text


def _found(text: str) -> Iterator[Refusal]:
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_SIMPLE)
    packed = _packed(folded)
    for why, phrases in PHRASES:
        yield from (Refusal(why, phrase) for phrase in phrases if phrase in packed)
    for sentence in _SENTENCE.split(folded):
        plain = _packed(sentence)
        for pattern in _PAIRS:
            yield from (Refusal(Inducement.REWARD, each[0]) for each in pattern.finditer(plain))
        spoken = " ".join(sentence.split())
        for pattern in _PAIRS_EN:
            yield from (Refusal(Inducement.REWARD, each[0]) for each in pattern.finditer(spoken))


def _packed(text: str) -> str:
    return "".join(letter for letter in text if letter.isalnum())
