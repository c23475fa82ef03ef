"""Transcripts about segments and pushes."""

from typing import Any

from groupbuy.application import reporting
from tests.support.transcripts.stage import Stage


def segment(stage: Stage) -> None:
    """`segment list|show|preview|create|edit|remove`."""
    shop: Any = stage.shop
    reporting.feed(shop.desk, shop.begin.__self__, shop.tenant)
    stage.things |= {
        "any": '{"orders_at_least": 1}',
        "wrong": '{"colour": "red"}',
        "best": '{"all": [{"value": [4, 5]}, {"not": {"bought_within_days": 7}}]}',
    }
    stage.run("segment list")
    stage.run("segment preview --who '{any}'")
    stage.run("segment preview --who '{wrong}'", 2)
    stage.run("segment preview --who red", 2)
    stage.run("segment create --name 大客户 --who '{best}' --dry-run")
    stage.run("segment create --name 大客户 --who '{best}'")
    stage.learn("segment", "segment list", "items", 0, "id")
    stage.run("segment show {segment}")
    stage.run("segment show seg_none", 3)
    stage.run("segment edit {segment} --name 买过的人 --who '{any}'")
    stage.run("segment list --json")
    stage.run("segment remove {segment}")
    stage.run("segment show {segment}", 3)


def push(stage: Stage) -> None:
    """`push list|write|preview|send|cancel|report`."""
    shop: Any = stage.shop
    reporting.feed(shop.desk, shop.begin.__self__, shop.tenant)
    stage.things["any"] = '{"orders_at_least": 1}'
    stage.learn("segment", "segment create --name 买过的人 --who '{any}'", "items", 0, "id")
    shop.work_off()
    stage.things |= {"words": "--body '{subject}' --title-en New --body-en '{subject}'"}
    stage.run("push list")
    stage.run("push write {segment} {running} --title 上新 {words}")
    stage.learn("push", "push list", "items", 0, "id")
    stage.run("push write {segment} cmp_none --title 上新 {words}", 3)
    stage.run("push write {segment} {running} --title 转发有礼 {words}", 1)
    stage.run("push preview {push}")
    stage.learn("digest", "push preview {push}", "digest")
    stage.run("push send {push} 000000000000 --yes", 5)
    stage.run("push send {push} {digest}", 2)
    stage.run("push send {push} {digest} --yes")
    shop.work_off()
    stage.run("push report {push}")
    stage.run("push cancel {push}", 5)


FAMILIES = (segment, push)
