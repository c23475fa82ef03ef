"""Transcripts about points."""

from groupbuy.domain.points import (
    Doubt,
    InvitationMove,
    InvitationRules,
    PointLot,
    PointLotState,
    PointMove,
    PointSource,
    PointWhy,
    fresh_invitation,
)
from tests.support.transcripts.seed import NOVEMBER, OCTOBER
from tests.support.transcripts.stage import Stage


def points(stage: Stage) -> None:
    """`points show|journal`."""
    shop = stage.shop
    owner = stage.things["owner"] = shop.user().id
    lot = PointLot(
        id=f"{shop.ids.new('ord')}/points",
        owner_id=owner,
        source=PointSource.PURCHASE,
        subject="ord_1",
        worth=1,
        created_at=OCTOBER,
        earned=79,
        state=PointLotState.POSTED,
        posted_at=OCTOBER,
        expires_at=NOVEMBER.replace(year=2027),
    )
    new = shop.ids.new
    shop.store(
        lot,
        PointMove(new("ptm"), owner, lot.id, PointWhy.GRANTED, OCTOBER, pending=79),
        PointMove(new("ptm"), owner, lot.id, PointWhy.POSTED, NOVEMBER, points=79, pending=-79),
    )
    stage.run("points show {owner}")
    stage.run("points show {owner} --json")
    stage.run("points journal {owner}")
    stage.run("points journal {owner} --limit 1 --json")
    stage.say("没有积分的人，不存在的人", "somebody without points, nobody")
    stage.things["poor"] = shop.user().id
    stage.run("points show {poor}")
    stage.run("points journal {poor}")
    stage.run("points show usr_none", 3)


def invitation(stage: Stage) -> None:
    """`invitation list|approve|refuse`."""
    shop, order = stage.shop, stage.things["first"]
    rules, inviter = InvitationRules(), shop.user().id
    for name in ("odd", "odder"):
        invited = stage.things[name] = shop.user().id
        made = fresh_invitation(inviter, invited, rules, NOVEMBER)
        earned = made.earned_by(order, "mark", Doubt.LINKED)
        shop.store(earned.move(InvitationMove.HOLD, NOVEMBER)[0])
    stage.run("invitation list")
    stage.run("invitation list --json")
    stage.run("invitation approve {odd} --reason 'two neighbours'")
    stage.run("invitation approve {odd} --reason 'again'", 3)
    stage.run("invitation refuse {odder} --reason 'one flat, nine phones' --dry-run")
    stage.run("invitation refuse {odder} --reason 'one flat, nine phones'")
    stage.run("invitation list --state refused")


FAMILIES = (points, invitation)
