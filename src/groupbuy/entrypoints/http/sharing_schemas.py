"""What shares look like over HTTP."""

from urllib.parse import urlencode

import msgspec

from groupbuy.application.sharing import Told
from groupbuy.domain.sharing import PLACES, Channel, ShareCopy, ShareFacts, Tone, card_words
from groupbuy.entrypoints.http.cards import FILES
from groupbuy.entrypoints.http.texts import Text

WEIBO = "https://service.weibo.com/share/share.php"
"""Where a browser is sent to post on Weibo."""
_FILES = {english: name for name, english in FILES.items()}
HOW = {
    Channel.CHAT_GROUP: Text("粘贴到群里", "Paste it into the chat"),
    Channel.MOMENTS: Text("配上图片发朋友圈", "Post it with the picture"),
    Channel.WEIBO: Text("打开微博发布页", "Open the page of Weibo that posts it"),
    Channel.OFFICIAL_ACCOUNT: Text(
        "文字和图片放进文章，链接填到“阅读原文”",
        "Put text and picture into the article, and the link behind “read more”",
    ),
    Channel.DOUYIN: Text(
        "文字做标题，图片放进画面：简介里的链接不能点",
        "Text is the title, the picture goes into the film: links cannot be pressed there",
    ),
    Channel.PLAIN: Text("粘贴到任何地方", "Paste it anywhere"),
}
"""What to do with a text, by channel."""


class ShareIn(msgspec.Struct, forbid_unknown_fields=True):
    """Where one wants to share, and how it shall sound."""

    channel: Channel | None = None
    """Left out: a text for every channel."""
    tone: Tone = Tone.CLASSIC


class ShareCopyOut(msgspec.Struct, frozen=True, kw_only=True):
    """A text for one channel, ready to be pasted."""

    channel: str
    text: str
    """With the link, where a link can be pressed there."""
    link: str
    letters: int
    """Two letters of Latin script count as one."""
    limit: int
    how: str
    """What to do with it, in a sentence."""
    picture: str
    """The address of a picture with a code that opens the link."""
    picture_alt: str
    """What is on it, for those who cannot see it."""
    opens: str = ""
    """An address that opens the channel with the text; only Weibo has one."""


class ShareCopiesOut(msgspec.Struct, frozen=True, kw_only=True):
    """Texts about one campaign or product. Sharing is never rewarded, and no text says so."""

    subject: str
    tone: str
    language: str
    copies: list[ShareCopyOut]


def copies_out(told: Told, tone: str, language: str) -> ShareCopiesOut:
    """Render texts to share."""
    copies = [_copy_out(told.facts, each, language) for each in told.copies]
    return ShareCopiesOut(subject=told.facts.subject, tone=tone, language=language, copies=copies)


def _copy_out(facts: ShareFacts, found: ShareCopy, language: str) -> ShareCopyOut:
    english = language == "en"
    picture = f"{found.link}/{_FILES[english]}"
    opens = ""
    if found.channel is Channel.WEIBO:
        said = {"url": found.link, "title": found.sentence, "pic": picture}
        opens = f"{WEIBO}?{urlencode(said)}"
    return ShareCopyOut(
        channel=found.channel.value,
        text=found.text,
        link=found.link,
        letters=found.letters,
        limit=PLACES[found.channel].limit,
        how=HOW[found.channel].in_(language),
        picture=picture,
        picture_alt=card_words(facts, found.link, english=english).alt,
        opens=opens,
    )
