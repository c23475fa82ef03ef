"""`groupbuy share`: texts to pass on, a look at one's own, and what came of links."""

from typing import TYPE_CHECKING

import click

from groupbuy.entrypoints.cli.output import Column
from groupbuy.entrypoints.cli.shell import Shell, pass_shell, shared

if TYPE_CHECKING:
    from groupbuy.domain.sharing import ShareCopy

_CHANNELS = ("chat_group", "moments", "weibo", "official_account", "douyin", "plain")
_TONES = ("plain", "warm", "lively", "classic")
_COPY = (
    Column("channel", "渠道", "channel"),
    Column("letters", "字数", "letters", right=True),
    Column("limit", "上限", "limit", right=True),
    Column("text", "文案", "text"),
)
_REFUSAL = (
    Column("why", "原因", "why"),
    Column("phrase", "字样", "phrase"),
)


@click.group()
def share() -> None:
    """Write texts to pass on, check one's own; sharing is never rewarded."""


@share.command("copy")
@click.argument("subject")
@click.option("--channel", type=click.Choice(_CHANNELS), help="[default: every channel]")
@click.option("--tone", type=click.Choice(_TONES), default="classic", show_default=True)
@shared
@pass_shell
def copy_texts(shell: Shell, subject: str, channel: str | None, tone: str) -> None:
    """Write what to paste about a campaign or a product, as it stands at this moment."""
    from groupbuy.application import sharing
    from groupbuy.domain.sharing import Channel, Tone

    wish = sharing.ShareWish(
        subject=subject,
        base_url=shell.settings.base_url,
        tone=Tone(tone),
        channels=(Channel(channel),) if channel else tuple(Channel),
        english=shell.out.lang == "en",
    )
    told = shell.read(lambda work: sharing.share_texts(work, wish))
    items = [_copy(each) for each in told.copies]
    shell.out.table("share.copy/1", _COPY, items, subject=subject, tone=tone)


@share.command()
@click.argument("text")
@shared
@pass_shell
def check(shell: Shell, text: str) -> None:
    """Look at a text of one's own; 7 if it induces people to share."""
    from groupbuy.domain.sharing import refusals
    from groupbuy.entrypoints.cli.exit_codes import Exit

    found = refusals(text)
    items = [{"why": each.why, "phrase": each.phrase} for each in found]
    shell.out.table("share.check/1", _REFUSAL, items)
    if found:
        shell.leave(Exit.FINDINGS)
    shell.out.note("可以分享", "it may be shared")


def _copy(found: "ShareCopy") -> dict[str, object]:
    from groupbuy.domain.sharing import PLACES

    return {
        "channel": found.channel,
        "letters": found.letters,
        "limit": PLACES[found.channel].limit,
        "text": found.text,
        "link": found.link,
    }
