"""Transcripts about points."""

from groupbuy.domain.points import PointLot, PointLotState, PointMove, PointSource, PointWhy
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


FAMILIES = (points,)
