"""Share texts: a sentence for each tone, the facts in it, as long as each channel takes."""

from collections.abc import Mapping
from enum import StrEnum

from attrs import evolve, frozen

from groupbuy.domain.kernel import Invalid
from groupbuy.domain.sharing.facts import Phase, ShareFacts, clauses
from groupbuy.domain.sharing.linting import check_text

_WIDE = 0x2E80
"""The first letter of Chinese scripts."""
TITLE_AT_LEAST = 6
"""Letters of a title that stay, whatever has to be left out."""


class Tone(StrEnum):
    """How a text speaks."""

    PLAIN = "plain"
    """The facts alone."""
    WARM = "warm"
    """One neighbour to others."""
    LIVELY = "lively"
    CLASSIC = "classic"
    """The sentence that shoppers know: 限时团购！超值商品等你来抢，点击链接即可参与！"""


class Channel(StrEnum):
    """Where a text goes."""

    CHAT_GROUP = "chat_group"
    MOMENTS = "moments"
    WEIBO = "weibo"
    OFFICIAL_ACCOUNT = "official_account"
    """公众号: an article takes no links of other sites but 阅读原文, or a code to scan."""
    DOUYIN = "douyin"
    """抖音: links in a text cannot be pressed; the picture carries a code to scan."""
    PLAIN = "plain"
    """To be pasted anywhere."""


@frozen
class Place:
    """What a channel takes."""

    limit: int
    """Letters of the whole text, as `letters_of` counts: what the channel shows in one piece, or
    less. Ours to choose."""
    pressable: bool = True
    """Whether a link in the text can be pressed; where not, the picture carries it as a code."""


PLACES: Mapping[Channel, Place] = {
    Channel.CHAT_GROUP: Place(300),
    Channel.MOMENTS: Place(200),
    Channel.WEIBO: Place(140),
    Channel.OFFICIAL_ACCOUNT: Place(120, pressable=False),
    Channel.DOUYIN: Place(100, pressable=False),
    Channel.PLAIN: Place(500),
}
"""By channel."""

_ZH: Mapping[Phase, Mapping[Tone, str]] = {
    Phase.SELLING: {
        Tone.PLAIN: "{title}：{facts}。",
        Tone.WARM: "各位邻居，{title}正在团购，{facts}。需要的来看看，不需要的请见谅。",
        Tone.LIVELY: "开团啦！{title}，{facts}，喜欢的一起来团！",
        Tone.CLASSIC: "限时团购！超值商品等你来抢，{act}即可参与！{title}，{facts}。",
    },
    Phase.COMING: {
        Tone.PLAIN: "{title}：{facts}。",
        Tone.WARM: "各位邻居，{title}就要开团了，{facts}。需要的可以先看看。",
        Tone.LIVELY: "预告！{title}，{facts}，喜欢的记好时间！",
        Tone.CLASSIC: "限时团购即将开始！超值商品等你来抢，{act}即可了解！{title}，{facts}。",
    },
    Phase.ON_SALE: {
        Tone.PLAIN: "{title}：{facts}。",
        Tone.WARM: "各位邻居，推荐一下{title}，{facts}。需要的来看看。",
        Tone.LIVELY: "看看这个！{title}，{facts}，喜欢的一起来！",
        Tone.CLASSIC: "超值商品等你来看，{act}即可了解！{title}，{facts}。",
    },
}
_EN: Mapping[Phase, Mapping[Tone, str]] = {
    Phase.SELLING: {
        Tone.PLAIN: "{title}: {facts}.",
        Tone.WARM: "Dear neighbours, we are buying {title} together: {facts}. Have a look.",
        Tone.LIVELY: "It has begun! {title}: {facts}. Who is in?",
        Tone.CLASSIC: "Group buy for a limited time! Good things are waiting: {act} to take part!"
        " {title}: {facts}.",
    },
    Phase.COMING: {
        Tone.PLAIN: "{title}: {facts}.",
        Tone.WARM: "Dear neighbours, we will buy {title} together: {facts}. Have a look.",
        Tone.LIVELY: "Coming up! {title}: {facts}. Mark the time!",
        Tone.CLASSIC: "A group buy is about to begin! Good things are waiting: {act} to see them!"
        " {title}: {facts}.",
    },
    Phase.ON_SALE: {
        Tone.PLAIN: "{title}: {facts}.",
        Tone.WARM: "Dear neighbours, this may be for you: {title}, {facts}.",
        Tone.LIVELY: "Look at this! {title}: {facts}.",
        Tone.CLASSIC: "Good things are waiting: {act} to see them! {title}: {facts}.",
    },
}
_ACTS = {(False, True): "点击链接", (False, False): "扫码"} | {
    (True, True): "open the link",
    (True, False): "scan the code",
}
"""What to do, by (English, whether a link can be pressed)."""


@frozen
class ShareCopy:
    """A text for one channel, ready to be pasted."""

    channel: Channel
    tone: Tone
    text: str
    """With the link, where it can be pressed."""
    sentence: str
    """Without it."""
    link: str
    letters: int
    """As `letters_of` counts."""


def letters_of(text: str) -> int:
    """Count letters as Weibo does: two of Latin script are one; rounded up."""
    return (sum(2 if ord(letter) >= _WIDE else 1 for letter in text) + 1) // 2


def write_copy(
    facts: ShareFacts, channel: Channel, tone: Tone, link: str, *, english: bool = False
) -> ShareCopy:
    """Write what somebody pastes into a channel; the title is shortened where it has to be.

    Raises Refused for a title that induces people to share, Invalid for a link that leaves no
    room for what has to be said.
    """
    place = PLACES[channel]
    title = check_text(" ".join(facts.title.split()))
    for length in range(len(title), min(TITLE_AT_LEAST, len(title)) - 1, -1):
        short = title if length == len(title) else title[: length - 1].rstrip() + "…"
        sentence = _sentence(evolve(facts, title=short), place, tone, english=english)
        text = f"{sentence} {link}" if place.pressable else sentence
        letters = letters_of(text)
        if letters <= place.limit:
            check_text(sentence)
            return ShareCopy(channel, tone, text, sentence, link, letters)
    raise Invalid(field="link", reason="is too long for this channel")


def _sentence(facts: ShareFacts, place: Place, tone: Tone, *, english: bool) -> str:
    template = (_EN if english else _ZH)[facts.phase][tone]
    told = (", " if english else "，").join(clauses(facts, english=english))
    act = _ACTS[english, place.pressable]
    return template.format(title=facts.title, facts=told, act=act)
