"""The page behind a link to share: what it is, for people and for the previews of platforms.

No script, nothing from elsewhere, every text escaped. A form takes people on, so that robots that
only look are not counted as people who came.
"""

from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from html import escape
from urllib.parse import urlsplit

from attrs import frozen

from groupbuy.application.ports.share_card import HEIGHT, WIDTH
from groupbuy.application.sharing import Landing
from groupbuy.domain.kernel import Refused
from groupbuy.domain.sharing import card_words, clauses

_STYLE = (
    "body{font:17px/1.6 system-ui,'PingFang SC','Microsoft YaHei',sans-serif;color:#1c1917;"
    "background:#fafaf9;max-width:28rem;margin:0 auto;padding:1.5rem}"
    "h1{font-size:1.5rem;line-height:1.3}li{margin:.3rem 0}ul{padding-left:1.2rem}"
    "button{font:inherit;font-weight:600;width:100%;min-height:3rem;border:0;border-radius:.75rem;"
    "background:#b91c1c;color:#fff}button:focus-visible{outline:3px solid #1c1917}"
    "img{width:100%;height:auto;border-radius:.75rem}small{color:#57534e}"
)
POLICY = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(_STYLE.encode()).digest()).decode()}'"
    "; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""What a browser may do with the page: show it in its own style, and send its one form to us."""


@frozen
class PageText:
    """What a landing page says in one language."""

    over: str
    site: str
    join: str
    look: str
    note: str
    comma: str
    locale: str
    file: str
    """Of the picture."""


_ZH = PageText(
    over="已经结束，可以看看别的团购",
    site="社群团购",
    join="去看看，我要参团",
    look="去看看",
    note="分享只作统计，不会影响价格，也没有奖励。",
    comma="，",
    locale="zh_CN",
    file="card.jpg",
)
_EN = PageText(
    over="It is over; there may be others",
    site="Community group buying",
    join="Have a look and join",
    look="Have a look",
    note="Shares are counted. They change no price, and nobody is paid for them.",
    comma=", ",
    locale="en",
    file="card.en.jpg",
)


def landing_page(landing: Landing, address: str, *, english: bool) -> str:
    """Return the page; `address` is its own, and its picture lies below it."""
    said = _EN if english else _ZH
    told = clauses(landing.facts, english=english) if landing.facts else (said.over,)
    title, lang = escape(landing.title), "en" if english else "zh-CN"
    facts = "".join(f"<li>{escape(each)}</li>" for each in told)
    alt = _alt(landing, address, english=english)
    picture = f"{address}/{said.file}" if alt else ""
    # By its path alone: browsers take pictures from where the page itself came from.
    shown = (
        f'<p><img src="{escape(urlsplit(picture).path)}" alt="{escape(alt)}" '
        f'width="{WIDTH}" height="{HEIGHT}"></p>'
    )
    tags = "".join(_tags(landing.title, told, address, (picture, alt), said))
    action = said.look if landing.facts is None else said.join
    return (
        f'<!doctype html><html lang="{lang}" prefix="og: https://ogp.me/ns#"><head>'
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{title}</title>{tags}"
        f"<style>{_STYLE}</style></head><body><main><h1>{title}</h1><ul>{facts}</ul>"
        f'<form method="post" action="{escape(urlsplit(address).path)}">'
        f"<button>{action}</button></form>{shown if picture else ''}"
        f"<p><small>{said.note}</small></p></main></body></html>"
    )


def _alt(landing: Landing, address: str, *, english: bool) -> str:
    """Return what is on the picture; nothing where there is none.

    There is none of what is over, and none with a title that would induce people to share.
    """
    if landing.facts is None:
        return ""
    try:
        return card_words(landing.facts, address, english=english).alt
    except Refused:
        return ""


def _tags(
    title: str, told: tuple[str, ...], address: str, picture: tuple[str, str], said: PageText
) -> Iterator[str]:
    """Yield what previews read."""
    about = said.comma.join(told)
    yield f'<meta name="description" content="{escape(about)}">'
    properties = {
        "og:title": title,
        "og:type": "website",
        "og:url": address,
        "og:description": about,
        "og:site_name": said.site,
        "og:locale": said.locale,
        "og:image": picture[0],
        "og:image:alt": picture[1],
        "og:image:width": str(WIDTH) if picture[0] else "",
        "og:image:height": str(HEIGHT) if picture[0] else "",
    }
    for name, content in properties.items():
        if content:
            yield f'<meta property="{name}" content="{escape(content)}">'
