"""`groupbuy share`: texts to pass on, a look at one's own, and what came of links."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
from attrs import asdict

from groupbuy.entrypoints.cli.output import Column
from groupbuy.entrypoints.cli.shell import Shell, pass_shell, shared

if TYPE_CHECKING:
    from groupbuy.application.sharing import NamedRow
    from groupbuy.domain.sharing import ShareCopy

_CHANNELS = ("chat_group", "moments", "weibo", "official_account", "douyin", "plain")
_TONES = ("plain", "warm", "lively", "classic")
_COPY = (
    Column("channel", "渠道", "channel"),
    Column("letters", "字数", "letters", right=True),
    Column("limit", "上限", "limit", right=True),
    Column("text", "文案", "text"),
)
_FUNNEL = (
    Column("sharer_id", "分享人编号", "sharer id"),
    Column("sharer", "分享人", "sharer"),
    Column("channel", "渠道", "channel"),
    Column("shown", "展示", "shown", right=True),
    Column("clicked", "点击", "clicked", right=True),
    Column("registered", "注册", "registered", right=True),
    Column("joined", "参团", "joined", right=True),
    Column("paid", "支付", "paid", right=True),
)
_PICTURE = (
    Column("file", "文件", "file"),
    Column("link", "链接", "link"),
    Column("alt", "说明", "alt"),
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
@click.argument("subject")
@click.option(
    "--out",
    "path",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The JPEG file.",
)
@shared
@pass_shell
def picture(shell: Shell, subject: str, path: Path) -> None:
    """Draw the picture of a campaign or a product, with a code that opens its plain link."""
    from groupbuy.application import sharing
    from groupbuy.entrypoints.http.cards import picture_of

    base, english = shell.settings.base_url, shell.out.lang == "en"
    draft = shell.read(lambda work: sharing.draft_card(work, subject, base, english=english))
    made = shell.app.cards.draw(draft.card(picture_of(shell.app, shell.whose, draft)))
    path.write_bytes(made.data)
    data = {
        "file": path.name,
        "width": made.width,
        "height": made.height,
        "link": draft.link,
        "alt": draft.words.alt,
    }
    shell.out.record("share.picture/1", _PICTURE, data)


@share.command()
@click.argument("subject")
@click.option("--csv", "path", type=click.Path(dir_okay=False, path_type=Path), help="To a file.")
@shared
@pass_shell
def funnel(shell: Shell, subject: str, path: Path | None) -> None:
    """Count what came of sharing a campaign or a product, by sharer and channel."""
    from groupbuy.application import sharing
    from groupbuy.entrypoints.funnel_files import funnel_csv

    found = shell.report(lambda work: sharing.funnel(work, subject))
    if path is not None:
        path.write_bytes(funnel_csv(found, shell.out.lang))
        shell.out.note(f"已写入 {path}", f"written to {path}")
        return
    items = [_row(each) for each in found.rows]
    total = asdict(found.total)
    if not shell.out.json:
        items.append({"sharer": shell.out.words("合计", "total"), **total})
        shell.out.table("share.funnel/1", _FUNNEL, items)
        return
    head = {"subject": subject, "counted_at": found.counted_at, "total": total}
    shell.out.table("share.funnel/1", _FUNNEL, items, **head)


@share.command()
@click.argument("campaign_id")
@shared
@pass_shell
def roll(shell: Shell, campaign_id: str) -> None:
    """Write who takes part in a campaign, masked, with how much: paid orders only."""
    from groupbuy.application import sharing

    base, english = shell.settings.base_url, shell.out.lang == "en"
    found = shell.read(lambda work: sharing.roll_of(work, campaign_id, base, english=english))
    data = {"campaign_id": campaign_id, "orders": found.orders, "text": found.text}
    shell.out.show("share.roll/1", data, found.text.splitlines)


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


def _row(found: "NamedRow") -> dict[str, object]:
    row = found.row
    who = {"sharer_id": row.sharer_id, "sharer": found.sharer, "channel": row.channel}
    return {**who, **asdict(row.steps)}


def _copy(found: "ShareCopy") -> dict[str, object]:
    from groupbuy.domain.sharing import PLACES

    return {
        "channel": found.channel,
        "letters": found.letters,
        "limit": PLACES[found.channel].limit,
        "text": found.text,
        "link": found.link,
    }
