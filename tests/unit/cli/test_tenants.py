"""Several shops in one installation, on a SQLite file."""

import pytest


def test_a_second_shop_is_set_up_with_people_of_its_own(real):
    made = real("tenant", "add", "west", "--name", "西门", "--host", "West.example", "--json")
    assert made.code == 0
    assert made.document == {
        "schema": "tenant.add/1",
        "id": "west",
        "name": "西门",
        "hosts": ["west.example"],
    }
    person = ("user", "create", "--phone", "13800000001", "--name", "何", "--no-input", "--json")
    for tenant in ("main", "west"):
        run = real(*person, "--tenant", tenant, stdin="four random words\n")
        assert run.code == 0, run.err
    listed = real("user", "list", "--tenant", "west", "--json").document["items"]
    assert [each["id"] for each in listed] == [run.document["id"]]


def test_a_shop_keeps_what_is_not_named_again(real):
    real("tenant", "add", "west", "--name", "西门", "--host", "west.example")
    assert real("tenant", "add", "west", "--host", "a.example", "--host", "b.example").code == 0
    assert real("tenant", "list", "--json").document["items"] == [
        {"id": "west", "name": "西门", "hosts": ["a.example", "b.example"]}
    ]


def test_a_host_leads_to_one_shop(real):
    real("tenant", "add", "west", "--host", "west.example")
    run = real("tenant", "add", "east", "--host", "west.example")
    assert (run.code, run.err) == (2, "groupbuy: host is wrong: west.example leads to west\n")
    assert len(real("tenant", "list", "--json").document["items"]) == 1


@pytest.mark.parametrize(
    "words",
    [("West",), ("",), ("west", "--host", "https://west.example"), ("west", "--host", "a:80")],
)
def test_a_shop_needs_a_plain_name_and_plain_hosts(real, words):
    assert real("tenant", "add", *words).code == 2


def test_a_rehearsal_sets_nothing_up(real):
    assert real("tenant", "add", "west", "--dry-run").code == 0
    assert real("tenant", "list", "--json").document["items"] == []


def test_a_shop_is_given_more_cells_and_never_fewer(real):
    real("tenant", "add", "west")
    raised = real("tenant", "cells", "west", "64", "--json")
    assert raised.code == 0, raised.err
    said = raised.document
    assert (said["cells"], said["before"]) == (64, 1)
    assert said["from"] is not None
    lowered = real("tenant", "cells", "west", "8")
    assert (lowered.code, lowered.err) == (
        2,
        "groupbuy: number is wrong: can only be raised, and is 64\n",
    )
    assert real("tenant", "cells", "west", "64", "--json").document["from"] == said["from"]


def test_a_rehearsal_gives_no_cells(real):
    assert real("tenant", "cells", "main", "2", "--dry-run").code == 0
    assert real("tenant", "list", "--json").document["items"] == []


@pytest.mark.parametrize("words", [("nobody", "2"), ("main", "0"), ("main", "4097")])
def test_cells_are_for_shops_that_exist_and_within_what_an_id_can_say(real, words):
    assert real("tenant", "cells", *words).code != 0
