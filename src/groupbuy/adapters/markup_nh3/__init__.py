"""Safe HTML with nh3, which parses as browsers do and writes anew what it allows."""

import re
from html.parser import HTMLParser

import nh3
from attrs import frozen

from groupbuy.domain.pictures import address_of, picture_id_in

_MARKS = {"b", "strong", "i", "em", "u", "s", "sub", "sup", "span", "br", "hr"}
_BLOCKS = {"p", "h2", "h3", "h4", "ul", "ol", "li", "blockquote"}
_TABLES = {"table", "thead", "tbody", "tfoot", "tr", "th", "td", "caption"}
TAGS = _MARKS | _BLOCKS | _TABLES | {"a", "img"}
"""Everything else loses its tag and keeps its text; scripts and styles lose both."""
ATTRIBUTES = {
    "a": {"href"},
    "img": {"src", "alt"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
_ENDS = _BLOCKS | {"tr", "br", "hr", "caption"}
_LINK = re.compile(r"(https://|/(?![/\\]))[^\s\x00-\x1f\\]*")
_SPAN = re.compile(r"[1-9]\d?")


@frozen
class Nh3Markup:
    """Markup; may be shared by threads."""

    def clean(self, html: str) -> str:
        """Return what may be shown."""
        return nh3.clean(
            html,
            tags=TAGS,
            attributes=ATTRIBUTES,
            attribute_filter=_attribute,
            clean_content_tags={"script", "style"},
            url_schemes={"https"},
            link_rel="nofollow noopener noreferrer",
            set_tag_attribute_values={"img": {"loading": "lazy"}},
            strip_comments=True,
        ).strip()

    def plain(self, html: str) -> str:
        """Return the text."""
        reader = _Text()
        reader.feed(html)
        reader.close()
        lines = (" ".join(line.split()) for line in "".join(reader.parts).split("\n"))
        return "\n".join(line for line in lines if line)


def _attribute(tag: str, name: str, value: str) -> str | None:
    """Return the value an attribute may have; None takes it away."""
    match tag, name:
        case "img", "src":
            # Only what lies here: nobody else shall learn who looks at our goods.
            picture = picture_id_in(value.strip())
            return address_of(picture) if picture else None
        case "a", "href":
            return value if _LINK.fullmatch(value) else None
        case _, "colspan" | "rowspan":
            return value if _SPAN.fullmatch(value) else None
        case _:
            return value


class _Text(HTMLParser):
    """Collects texts, and where lines end."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data.replace("\n", " "))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002  the parser's signature
        if tag in _ENDS:
            self.parts.append("\n")
        elif tag in {"td", "th"}:
            self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _ENDS:
            self.parts.append("\n")
