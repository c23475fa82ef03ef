"""`groupbuy import products` and `export products` on real databases."""

import csv
import json

import pytest

from groupbuy.application.catalogue.intake import Done, Verdict
from groupbuy.entrypoints.cli import catalogue_run
from tests.support.source import SRC

DEMO = SRC / "entrypoints" / "demo" / "catalogue.jsonl"


def write(tmp_path, name, *rows):
    path = tmp_path / name
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return str(path)


def row(number=1, **changes):
    sku = {"code": f"S{number}", "price": "39.90", "stock": 7}
    said = {"code": f"P{number}", "name": "脐橙", "category": ["水果"], "skus": [sku]}
    return {**said, **changes}


def test_a_real_catalogue_arrives_whole_and_again_changes_nothing(groupbuy, real_catalogue):
    first = groupbuy("import", "products", str(real_catalogue), "--yes", "--json")
    assert (first.code, first.counts) == (0, (239, 244, 239, 0, 0, 0))
    again = groupbuy("import", "products", str(real_catalogue), "--yes", "--json")
    assert (again.code, again.counts) == (0, (239, 244, 0, 0, 239, 0))
    assert first.document["sha256"] == again.document["sha256"]
    assert first.document["merchant"] == again.document["merchant"]


def test_a_real_catalogue_survives_both_forms(groupbuy, real_catalogue):
    groupbuy("import", "products", str(real_catalogue), "--yes")
    for form in ("csv", "jsonl"):
        out = groupbuy("export", "products", "--format", form, "--out", f"out.{form}")
        assert (out.code, out.out) == (0, "")
        again = groupbuy("import", "products", f"out.{form}", "--set-stock", "--yes", "--json")
        assert (again.code, again.counts) == (0, (239, 244, 0, 0, 239, 0))


def test_the_demonstrations_goods_are_all_good(groupbuy):
    run = groupbuy("import", "products", str(DEMO), "--yes", "--json")
    assert run.code == 0
    assert run.document["products"] >= 36
    assert run.document["rejected"] == 0
    exported = groupbuy("export", "products").out.splitlines()
    goods = [json.loads(line) for line in exported]
    watch = next(each for each in goods if each["name"].startswith("智能手表"))
    assert {sku["price"] for sku in watch["skus"]} == {"999.00"}
    assert all(sku["stock"] >= 200 for sku in watch["skus"])
    assert sum(each["category"][0] == "水果" for each in goods) >= 5


def test_a_shop_without_a_merchant_gets_one_and_is_told(groupbuy, tmp_path):
    run = groupbuy("import", "products", write(tmp_path, "a.jsonl", row()))
    assert run.code == 0
    assert "no merchant yet" in run.err
    assert "no merchant yet" not in groupbuy("import", "products", "a.jsonl").err


def test_goods_in_hand_are_set_only_on_request(groupbuy, tmp_path):
    groupbuy("import", "products", write(tmp_path, "a.jsonl", row()))
    counted = row(skus=[{"code": "S1", "price": "39.90", "stock": 50}])
    write(tmp_path, "b.jsonl", counted)
    assert groupbuy("import", "products", "b.jsonl", "--json").counts == (1, 1, 0, 0, 1, 0)
    run = groupbuy("import", "products", "b.jsonl", "--set-stock", "--json")
    assert run.counts == (1, 1, 0, 1, 0, 0)
    (line,) = groupbuy("export", "products").out.splitlines()
    assert json.loads(line)["skus"][0]["stock"] == 50


def test_rejected_rows_are_listed_and_the_rest_is_applied(groupbuy, tmp_path):
    bad = row(2, skus=[{"code": "S2", "price": "free"}])
    path = write(tmp_path, "a.jsonl", row(1), bad, row(3))
    run = groupbuy("import", "products", path, "--json")
    assert (run.code, run.counts) == (6, (2, 2, 2, 0, 0, 1))
    with (tmp_path / run.document["reject_file"]).open(encoding="utf-8") as file:
        (reject,) = csv.DictReader(file)
    assert (reject["row"], reject["column"], reject["code"]) == ("2", "skus.price", "P2")
    assert reject["reason"]


def test_the_list_of_rejects_goes_where_it_is_told_and_names_csv_columns(groupbuy, tmp_path):
    (tmp_path / "a.csv").write_text(
        "code,name,category,sku_code,price\n=P1,橙,水果,S1,free\n", encoding="utf-8"
    )
    run = groupbuy("import", "products", "a.csv", "--reject-file", "bad.csv", "--json")
    assert run.code == 1
    with (tmp_path / "bad.csv").open(encoding="utf-8") as file:
        (reject,) = csv.DictReader(file)
    assert (reject["row"], reject["column"], reject["code"]) == ("2", "price", "'=P1")


def test_a_dry_run_writes_nothing(groupbuy, tmp_path):
    path = write(tmp_path, "a.jsonl", row(1), row(2, name=""))
    before = set(tmp_path.iterdir())
    run = groupbuy("import", "products", path, "--dry-run", "--json")
    assert (run.code, run.counts) == (6, (1, 1, 1, 0, 0, 1))
    assert {p.name for p in set(tmp_path.iterdir()) - before} <= {
        "groupbuy.db",
        "groupbuy.db-shm",
        "groupbuy.db-wal",
        "groupbuy.keys",
    }
    assert groupbuy("export", "products").code == 3


def test_a_file_with_another_digest_is_refused(groupbuy, tmp_path):
    path = write(tmp_path, "a.jsonl", row())
    assert groupbuy("import", "products", path, "--sha256", "00").code == 2
    assert groupbuy("export", "products").code == 3


def test_a_header_that_cannot_be_read_is_a_usage_error(groupbuy, tmp_path):
    (tmp_path / "a.csv").write_text("colour\nred\n", encoding="utf-8")
    assert groupbuy("import", "products", "a.csv").code == 2


def test_an_unknown_merchant_is_not_found(groupbuy, tmp_path):
    path = write(tmp_path, "a.jsonl", row())
    assert groupbuy("import", "products", path).code == 0
    assert groupbuy("import", "products", path, "--merchant", "nobody").code == 3
    assert groupbuy("import", "products", path, "--merchant", "默认商户").code == 0
    assert groupbuy("export", "products", "--merchant", "nobody").code == 3


def test_a_limit_takes_only_the_first_rows(groupbuy, tmp_path):
    path = write(tmp_path, "a.jsonl", row(1), row(2), row(3))
    assert groupbuy("import", "products", path, "--limit", "2", "--json").counts[0] == 2
    run = groupbuy("export", "products", "--limit", "1", "--json")
    assert [item["code"] for item in run.document["items"]] == ["P1"]


# --- what may happen meanwhile ----------------------------------------------------------------


@pytest.fixture
def meanwhile(monkeypatch):
    """Let something happen around every stream of batches."""
    usual = catalogue_run.run_import

    def install(happening):
        def run_import(*args, dry_run, **how):
            return happening(usual(*args, dry_run=dry_run, **how), dry_run)

        monkeypatch.setattr(catalogue_run, "run_import", run_import)

    return install


def test_an_interrupted_import_says_how_to_go_on(groupbuy, tmp_path, meanwhile):
    def interrupt(batches, _dry_run):
        yield next(batches)
        raise KeyboardInterrupt

    path = write(tmp_path, "a.jsonl", *(row(n) for n in range(250)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalogue_run.sys, "argv", ["groupbuy", "import", "products", "a.jsonl"])
        meanwhile(interrupt)
        run = groupbuy("import", "products", path)
    assert run.code == 130
    assert "after 200 products; go on with: groupbuy import products a.jsonl" in run.err
    assert len(groupbuy("export", "products").out.splitlines()) == 200


def test_a_file_that_changes_while_it_is_read_is_a_conflict(groupbuy, tmp_path, meanwhile):
    path = write(tmp_path, "a.jsonl", row())

    def change(batches, _dry_run):
        yield from batches
        write(tmp_path, "a.jsonl", row(), row(2))

    meanwhile(change)
    assert groupbuy("import", "products", path).code == 5


def test_a_shop_that_differs_from_the_file_afterwards_is_a_finding(groupbuy, tmp_path, meanwhile):
    def edit(batches, dry_run):
        for batch in batches:
            yield [Done(o.row, Verdict.UPDATED) for o in batch] if dry_run else batch

    meanwhile(edit)
    run = groupbuy("import", "products", write(tmp_path, "a.jsonl", row()))
    assert run.code == 7
    assert "1 rows differ" in run.err
