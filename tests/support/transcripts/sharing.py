"""Transcripts about sharing."""

from tests.support.transcripts.stage import Stage


def share(stage: Stage) -> None:
    """`share copy|check`."""
    stage.run("share copy {running}")
    stage.run("share copy {running} --channel moments --tone warm --json")
    stage.run("share copy {oranges} --tone lively --channel weibo")
    stage.run("share copy cmp_none", 3)
    stage.run("share copy {watches}", 1)
    stage.run("share check 限时团购！超值商品等你来抢，点击链接即可参与！")
    stage.run("share check '分享到三个群，免费领一箱'", 7)
    stage.run("share check 'Share with friends and win a coupon' --json", 7)


FAMILIES = (share,)
