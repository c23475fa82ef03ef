import json
from types import SimpleNamespace

from groupbuy.application import auditing
from groupbuy.entrypoints.audit_head import export_head
from groupbuy.entrypoints.settings import load
from tests.support.shop import TENANT


def act(shop):
    shop.desk.run(shop.system(), lambda w: w.audit("user.role_granted", "usr_1", "joins"))
    shop.clock.forward(hours=1)


def test_the_audit_is_sealed_verified_and_its_head_shown(groupbuy, shop):
    assert groupbuy("audit", "head", "--json").document["head"] is None
    act(shop)
    assert groupbuy("audit", "seal", "--json").document["sealed"] == 1
    head = groupbuy("audit", "head", "--json").document["head"]
    run = groupbuy("audit", "verify", "--head", head, "--json")
    assert run.code == 0
    assert (run.document["ok"], run.document["seals"], run.document["rows"]) == (True, 1, 1)


def test_a_verification_that_finds_something_ends_with_7_and_names_the_seal(groupbuy, shop):
    act(shop)
    groupbuy("audit", "seal")
    run = groupbuy("audit", "verify", "--head", "1@else")
    assert run.code == 7
    assert run.out == "head_differs\t000000000001\t000000000001\n"


def test_the_audit_is_listed(groupbuy, shop):
    act(shop)
    (item,) = groupbuy("audit", "list", "--subject", "usr_1", "--json").document["items"]
    assert (item["action"], item["reason"]) == ("user.role_granted", "joins")
    assert groupbuy("audit", "list", "--by", "nobody", "--json").document["items"] == []
    assert groupbuy("audit", "list", "--to", "2026-11-01", "--json").document["items"] == []


def test_a_head_is_written_once_a_day_and_never_again(shop, tmp_path):
    settings = load(overrides={"audit": {"head_folder": str(tmp_path / "heads")}})
    app = SimpleNamespace(settings=settings, kit=shop.kit)
    assert export_head(app, TENANT, None) == 0
    for _ in range(2):
        act(shop)
        auditing.seal_due(shop.desk, shop.begin.__self__, TENANT)
        export_head(app, TENANT, auditing.head_of(shop.desk, shop.system()))
    (written,) = (tmp_path / "heads").iterdir()
    assert written.name == "audit-head-main-2026-11-02.json"
    assert json.loads(written.read_text())["head"].startswith("000000000001@")
