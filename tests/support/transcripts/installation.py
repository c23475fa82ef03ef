"""Transcripts about the installation: settings, database, keys, shops, goods as files."""

import json
from pathlib import Path

from tests.support.darkroom import drawn
from tests.support.transcripts.stage import Stage

PRODUCT = (
    '{{"code": "PEACH", "name": "阳山水蜜桃", "category": ["水果"], "skus": '
    '[{{"code": "PEACH-5", "options": ["5 斤装"], "price": "39.90", "stock": 200}}]}}\n'
)


def database(stage: Stage) -> None:
    """`db …`, `config …`, `doctor`."""
    stage.run("config show", head=3)
    stage.run("config check", 7)
    stage.run("doctor", 7)
    stage.run("db current")
    stage.run("db check", 7)
    stage.run("db upgrade --dry-run")
    stage.run("db upgrade")
    stage.run("db upgrade --json")
    stage.run("db check")
    stage.run("doctor --json", head=6)
    stage.run("db distribute", 2)
    stage.file("pg.toml", '[groupbuy.database]\nurl = "postgresql://127.0.0.1:1/shop"\n')
    stage.run("db distribute --config pg.toml", head=2)
    stage.run("db distribute --run --config pg.toml", 8)
    stage.run("db partitions --from 2026-11 --months 1 --config pg.toml", head=2)
    stage.run("db downgrade", 2)
    stage.run("db downgrade --confirm groupbuy.db --dry-run")
    stage.run("db downgrade --confirm groupbuy.db")


def shops(stage: Stage) -> None:
    """`tenant …`, `keys rotate`, `reconcile run` without a provider."""
    stage.run("db upgrade")
    stage.run("tenant add north --name 北门店 --host north.example.com --dry-run")
    stage.run("tenant add north --name 北门店 --host north.example.com")
    stage.run("tenant add south --host north.example.com", 2)
    stage.run("tenant list")
    stage.run("tenant cells north 2")
    stage.run("tenant cells north 1", 2)
    stage.run("tenant cells nowhere 2", 3)
    stage.run("keys rotate", 2)
    stage.run("keys rotate --yes --dry-run")
    stage.run("keys rotate --yes")
    stage.say("渠道没有回应：可以重试", "the provider does not answer: try again")
    stage.run("reconcile run", 8)
    stage.run("-q order list --tenant north --json")


def products(stage: Stage) -> None:
    """`import products`, `export products`, and what programs read."""
    stage.run("db upgrade")
    stage.file("products.jsonl", PRODUCT + '{{"code": "ODD"}}\n')
    stage.run("import products products.jsonl --dry-run", 6)
    stage.run("import products products.jsonl", 6)
    stage.cat("products.jsonl.rejects.csv")
    stage.file("products.jsonl", PRODUCT)
    stage.run("import products products.jsonl --json")
    stage.run("import products products.jsonl --sha256 00", 2)
    stage.run("export products")
    stage.run("export products --merchant nobody", 3)
    stage.run("openapi export api.json")
    stage.run("completion bash", head=2)
    stage.run("completion tcsh", 2)
    stage.run("weather", 2)


def files(stage: Stage) -> None:
    """`import template|stock|categories|brands`, `export stock|categories|brands`."""
    stage.run("db upgrade")
    Path("products.jsonl").write_text(PRODUCT.format(), encoding="utf-8")
    stage.run("import products products.jsonl", head=3)
    stage.run("import template stock --out form.xlsx")
    stage.run("import template categories")
    stage.say("盘点：先预览，再导入", "counting: preview first, then import")
    stage.run("export stock")
    stage.file("count.csv", "sku_code,available,seen\nPEACH-5,180,200\nPEAR,3,\n")
    stage.run("import stock count.csv --dry-run", 6)
    stage.run("import stock count.csv --preview 0000000000000000", 5)
    stage.run("import stock count.csv", 6)
    stage.cat("count.csv.rejects.csv")
    stage.say("改好以后：没有要做的了", "once it is mended nothing is left to do")
    stage.file("count.csv", "sku_code,available,seen\nPEACH-5,180,200\n")
    stage.run("import stock count.csv --json")
    stage.run("import stock count.csv --sha256 00", 2)
    stage.file("tree.csv", "path,commission_bp\n水果/桃,800\n水果,500\n")
    stage.run("import categories tree.csv --dry-run")
    stage.run("import categories tree.csv")
    stage.run("export categories --format jsonl")
    stage.file("brands.csv", "name\n阳山\n")
    stage.run("import brands brands.csv --dry-run")
    stage.run("import brands brands.csv")
    stage.run("export brands --out brands.xlsx")


def shelf(stage: Stage) -> None:
    """`product …`, `category …`, `brand …`, `stock …`, `picture …`, `search …`."""
    stage.run("db upgrade")
    rows = [
        {
            "code": f"P{n}",
            "name": name,
            "category": ["水果", kind],
            "brand": brand,
            "skus": [{"code": f"S{n}", "price": price, "stock": 7, "low_stock": 5}],
        }
        for n, (name, kind, brand, price) in enumerate(
            [("阳山水蜜桃", "桃", "阳山", "39.90"), ("黄桃", "黄桃", "老阳山", "29.90")], 1
        )
    ]
    Path("goods.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    stage.run("import products goods.jsonl --actor cli:zhao", head=2)
    stage.run("search rebuild")
    stage.run("product search 桃 --sort price")
    stage.run("product rebuild-hot --yes --dry-run")
    stage.run("product rebuild-hot --yes")
    stage.run("product hot")
    stage.run("product list")
    stage.learn("peach", "product list", "items", 1, "id")
    stage.learn("sku", "product show {peach}", "variants", 0, "id")
    _products(stage)
    _names(stage)
    _stock(stage)
    Path("peach.jpg").write_bytes(drawn())
    stage.run("picture add peach.jpg --dry-run")
    stage.run("picture add peach.jpg")
    stage.run("picture sweep --dry-run")
    stage.run("picture sweep")


def _products(stage: Stage) -> None:
    stage.run("product show {peach}")
    stage.run("product move {peach} delist")
    stage.run("product schedule {peach} --list-at 2027-01-01 --dry-run")
    stage.run("product schedule {peach} --list-at 2027-01-01")
    stage.run("product move {peach} retire", 2)
    stage.run("product bulk --share-bp 9000 --state listed", 2)
    stage.run("product bulk --share-bp 9000 --state listed --dry-run")
    stage.learn("digest", "product bulk --share-bp 9000 --state listed --dry-run", "digest")
    stage.run("product bulk --share-bp 9000 --state listed --preview {digest} --reason festival")


def _names(stage: Stage) -> None:
    stage.run("category tree")
    stage.learn("yellow", "category tree", "items", 2, "id")
    stage.learn("round", "category tree", "items", 1, "id")
    stage.run("category move {yellow} --under {round} --dry-run")
    stage.run("category move {yellow} --under {round}")
    stage.run("category merge {yellow} {round} --reason 'the same fruit'", 2)
    stage.run("category merge {yellow} {round} --reason 'the same fruit' --yes")
    stage.run("brand list")
    stage.learn("old", "brand list", "items", 0, "id")
    stage.learn("brand", "brand list", "items", 1, "id")
    stage.run("brand rename {old} 阳山老牌 --dry-run")
    stage.run("brand rename {old} 阳山老牌")
    stage.run("brand merge {old} {brand} --reason 'one orchard' --yes")


def _stock(stage: Stage) -> None:
    stage.run("stock adjust --actor cli:zhao --reason 'bad fruit' -- {sku} -3")
    stage.run("stock adjust --actor cli:zhao --reason 'bad fruit' --dry-run -- {sku} -9", 1)
    stage.run("stock journal {sku}")
    stage.run("jobs run relay --reason 'do not wait'")
    stage.run("stock low")


def leaders(stage: Stage) -> None:
    """`import leaders`, `export leaders`: a leader opens an account first."""
    stage.run("db upgrade")
    account = "user create --phone 13800000004 --name 何秀兰 --no-input"
    stage.run(account, stdin="seven-quiet-rivers\n")
    stage.file(
        "leaders.csv",
        "leader,name,communities,commission_bp\n"
        "13800000004,何秀兰,阳光花园|东门,500\n13800000009,周建国,东门,\n",
    )
    stage.run("import leaders leaders.csv --dry-run", 6)
    stage.run("import leaders leaders.csv", 6)
    stage.run("export leaders --format jsonl")


def backups(stage: Stage) -> None:
    """`backup` and `restore`."""
    stage.run("db upgrade")
    stage.run("tenant add north --name 北门店 --host north.example.com")
    stage.run("backup", 2)
    stage.run("backup copies --dry-run")
    stage.run("backup copies", head=3)
    stage.things["copy"] = str(next(Path("copies").iterdir()))
    stage.run("restore copies", 1)
    stage.run("restore {copy} --dry-run", head=1)
    stage.run("restore {copy}", 1)
    stage.say("放回空的数据库", "put back into an empty database")
    stage.run("db downgrade --confirm groupbuy.db", head=1)
    stage.file("new.toml", '[groupbuy.database]\nurl = "sqlite:///new.db"\n')
    stage.run("restore {copy} --config new.toml")
    stage.run("tenant list --config new.toml")


FAMILIES = (database, shops, products, files, leaders, shelf, backups)
