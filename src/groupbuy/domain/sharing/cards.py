"""What stands on a picture to share: only what stays true while it is passed around."""

from collections.abc import Iterator

from attrs import frozen

from groupbuy.domain.sharing.facts import Phase, ShareFacts, money_text
from groupbuy.domain.sharing.linting import check_text


@frozen
class CardWords:
    """The words of a picture, and the text for those who cannot see it."""

    title: str
    price: str
    facts: tuple[str, ...]
    scan: str
    site: str
    alt: str


def card_words(facts: ShareFacts, link: str, *, english: bool = False) -> CardWords:
    """Return the words of a picture; how many are missing is not among them, it would grow old.

    Raises Refused for a title that induces people to share.
    """
    title = check_text(" ".join(facts.title.split()))
    price = money_text(facts.price)
    lines = tuple(_in_english(facts) if english else _in_chinese(facts))
    if english:
        price = f"from {price}" if facts.dearer else price
        alt = f"{title}: {', '.join((price, *lines))}. The code opens {link}"
        scan, site = "Scan to have a look", "Group buying"
    else:
        price = f"{price} 起" if facts.dearer else price
        alt = f"{title}：{'，'.join((price, *lines))}。图中二维码打开 {link}"
        scan, site = "扫码看看", "社群团购"
    return CardWords(title, price, lines, scan, site, alt)


def _in_chinese(facts: ShareFacts) -> Iterator[str]:
    if facts.alone:
        yield f"单买 {money_text(facts.alone)}"
    if facts.at is not None:
        at = f"{facts.at.month} 月 {facts.at.day} 日 {facts.at:%H:%M}"
        yield f"{at} 开团" if facts.phase is Phase.COMING else f"{at} 截止"
    if facts.quorum:
        yield "不成团，全额退款"


def _in_english(facts: ShareFacts) -> Iterator[str]:
    if facts.alone:
        yield f"{money_text(facts.alone)} alone"
    if facts.at is not None:
        at = f"{facts.at:%Y-%m-%d %H:%M}"
        yield f"begins {at}" if facts.phase is Phase.COMING else f"ends {at}"
    if facts.quorum:
        yield "no group: all money back"
