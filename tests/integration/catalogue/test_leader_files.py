"""Files of leaders: people who have an account are trusted, and nobody's number goes out."""

import csv

import pytest

PEOPLE = ("13800000004", "13800000005", "13800000006")


@pytest.fixture
def people(groupbuy):
    """Three accounts, by phone number."""
    made = {}
    for phone in PEOPLE:
        account = ("user", "create", "--phone", phone, "--name", f"邻居{phone[-1]}", "--no-input")
        run = groupbuy(*account, "--json", stdin="seven-quiet-rivers\n")
        assert run.code == 0, run.err
        made[phone] = run.document["id"]
    return made


def written(tmp_path, *rows):
    path = tmp_path / "leaders.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [("leader", "name", "communities", "contact", "commission_bp"), *rows]
        )
    return path.name


def counts(run):
    return tuple(run.document[name] for name in ("created", "updated", "unchanged", "rejected"))


def leaders(groupbuy):
    return {each["name"]: each for each in groupbuy("leader", "list", "--json").document["items"]}


def test_people_with_an_account_become_leaders_and_nobody_else_does(groupbuy, people, tmp_path):
    rows = [
        ("13800000004", "何秀兰", r"阳光花园|东门\|西门", "微信 hexl", "500"),
        ("+86 138-0000-0005", "周建国", "东门", "", ""),
        ("13800000099", "陌生人", "东门", "", ""),
        ("13800000006", "", "东门", "", ""),
        ("not a number", "某人", "东门", "", ""),
    ]
    first = groupbuy("import", "leaders", written(tmp_path, *rows), "--dry-run", "--json")
    assert (first.code, counts(first), leaders(groupbuy)) == (6, (2, 0, 0, 3), {})
    run = groupbuy("import", "leaders", "leaders.csv", "--json")
    assert (run.code, counts(run), run.document["verified"]) == (6, (2, 0, 0, 3), True)
    proofs = {proof["what"]: proof["shop"] for proof in run.document["proofs"]}
    assert (proofs["rows"], proofs["sum of leaders"]) == (2, 2)
    found = leaders(groupbuy)
    assert {name: each["state"] for name, each in found.items()} == {
        "何秀兰": "approved",
        "周建国": "approved",
    }
    assert found["何秀兰"]["communities"] == ["阳光花园", "东门|西门"]
    assert (found["何秀兰"]["commission_bp"], found["周建国"]["commission_bp"]) == (500, None)
    users = groupbuy("user", "list", "--phone", "13800000004", "--json").document["items"]
    assert users[0]["roles"] == ["leader", "shopper"]
    assert "they have to register first" in run.err
    assert "name must have 1 to 40 visible letters" in run.err
    assert counts(groupbuy("import", "leaders", "leaders.csv", "--json")) == (0, 0, 2, 3)


def test_an_export_holds_nothing_to_reach_people_by_and_comes_back(groupbuy, people, tmp_path):
    rows = [("13800000004", "何秀兰", "阳光花园", "微信 hexl", "500")]
    assert groupbuy("import", "leaders", written(tmp_path, *rows)).code == 0
    assert groupbuy("export", "leaders", "--out", "out.csv").code == 0
    text = (tmp_path / "out.csv").read_text("utf-8-sig")
    assert "何秀兰" in text
    assert "1380000" not in text
    assert "hexl" not in text
    assert counts(groupbuy("import", "leaders", "out.csv", "--json")) == (0, 0, 1, 0)
    key = leaders(groupbuy)["何秀兰"]["id"]
    more = written(tmp_path, (key, "", "", "微信 new", "none"), ("13800000004", "", "", "", "1"))
    run = groupbuy("import", "leaders", more, "--json")
    assert (counts(run), run.document["verified"]) == ((0, 1, 0, 1), True)
    assert "is in row 2 already" in run.err
    assert leaders(groupbuy)["何秀兰"]["commission_bp"] is None
    audit = groupbuy("audit", "list", "--json").document["items"]
    assert {each["action"] for each in audit} >= {"commission_rate.leader", "leaders.import"}


def test_who_was_suspended_is_left_to_a_person(groupbuy, people, tmp_path):
    name = written(tmp_path, ("13800000004", "何秀兰", "阳光花园", "", "500"))
    assert groupbuy("import", "leaders", name).code == 0
    key = leaders(groupbuy)["何秀兰"]["id"]
    assert groupbuy("leader", "suspend", key, "--reason", "投诉", "--yes").code == 0
    run = groupbuy("import", "leaders", name, "--lang", "zh")
    assert run.code == 1
    assert "请先用 groupbuy leader 处理" in run.err
    wrong = written(
        tmp_path, ("ldr_none", "", "", "", ""), ("13800000005", "周", "东门", "", "9999")
    )
    run = groupbuy("import", "leaders", wrong)
    assert run.code == 1
    assert "is no leader here" in run.err
    assert "must be a whole number from 0 to 3000" in run.err
