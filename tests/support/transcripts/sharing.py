"""Transcripts about sharing."""

from groupbuy.application import sharing
from groupbuy.domain.campaigns import Campaign
from groupbuy.domain.membership import Role
from groupbuy.domain.sharing import Channel, ShareLink, VisitStep
from tests.support.transcripts.stage import Stage


def share(stage: Stage) -> None:
    """`share copy|picture|check|funnel|roll`."""
    stage.run("share copy {running}")
    stage.run("share copy {running} --channel moments --tone warm --json")
    stage.run("share copy {oranges} --tone lively --channel weibo")
    stage.run("share copy cmp_none", 3)
    stage.run("share copy {watches}", 1)
    stage.run("share picture {running} --out card.jpg")
    stage.run("share picture {watches} --out card.jpg", 3)
    stage.run("share check 限时团购！超值商品等你来抢，点击链接即可参与！")
    stage.run("share check '分享到三个群，免费领一箱'", 7)
    stage.run("share check 'Share with friends and win a coupon' --json", 7)
    stage.say("两个人分享，一个人买", "two people share, one buys")
    _shared(stage)
    stage.run("share funnel {running}")
    stage.run("share funnel {running} --json")
    stage.run("share funnel {running} --csv shares.csv")
    stage.cat("shares.csv")
    stage.run("share funnel {watches}")
    stage.run("share roll {running}")
    stage.run("share roll {oranges} --json")
    stage.run("share roll cmp_none", 3)


def _shared(stage: Stage) -> None:
    shop, running = stage.shop, stage.things["running"]
    wish = sharing.ShareWish(running, "https://tuan.example.com", channels=(Channel.MOMENTS,))
    links = []
    for initial in "陈李":
        who = shop.caller(shop.user(initial=initial).id, Role.SHOPPER)
        told = shop.desk.run(who, lambda work: sharing.share(work, wish))
        links.append(shop.get(ShareLink, told.copies[0].link.rpartition("/")[2]))
    nobody = shop.caller("")
    for number in range(3):
        said = (links[0], VisitStep.SHOWN, f"v{number}", "10.0.0.1")
        sharing.count_visit(shop.desk, nobody, *said)
    sharing.count_visit(shop.desk, nobody, links[0], VisitStep.CLICKED, "v1", "10.0.0.1")
    campaign = shop.get(Campaign, running)
    buyer = shop.caller(shop.user(initial="周").id, Role.SHOPPER)
    shop.pay(shop.join(campaign, buyer, units=2, share_id=links[0].id))
    shop.work_off()


FAMILIES = (share,)
