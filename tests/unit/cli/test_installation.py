"""config, db and doctor on a SQLite file, word for word."""

import json
import socket

import pytest

NO_DATABASE = """\
check	result	message
settings	warning	keys.master a development key lies beside the database
settings	warning	provider.payments the sandbox moves no real money
settings	warning	provider.payouts the sandbox moves no real money
settings	warning	provider.carriers the sandbox moves no real money
settings	warning	provider.secret is shorter than 32 characters
settings	warning	http.public_url is not https, so cookies are not secure
disk	ok	writable, with room
provider	warning	127.0.0.1:1 does not answer
backup	warning	backup.folder is not set
database	failure	there is no groupbuy.db yet; run groupbuy db upgrade
"""


def health(run):
    return {each["check"]: each["health"] for each in run.document["items"]}


def test_the_settings_are_shown_with_their_variables_and_without_secrets(real, monkeypatch):
    monkeypatch.setenv("GROUPBUY_DATABASE_URL", "postgresql://app:hunter2@127.0.0.1/shop")
    monkeypatch.setenv("GROUPBUY_PROVIDER_SECRET", "hunter3")
    run = real("config", "show")
    assert run.code == 0
    assert "database.url\tpostgresql://app:***@127.0.0.1/shop\tGROUPBUY_DATABASE_URL\n" in run.out
    assert "hunter" not in run.out


def test_the_settings_of_a_developer_are_found_wanting(real):
    run = real("config", "check")
    assert run.code == 7
    assert run.out.startswith("setting\tfatal\tmessage\nkeys.master\t–\ta development key")
    assert run.err == "6 found, 0 of them fatal\n"


def test_production_refuses_what_development_allows(real, monkeypatch):
    monkeypatch.setenv("GROUPBUY_ENVIRONMENT", "production")
    run = real("config", "check", "--json")
    assert run.code == 7
    assert run.document["schema"] == "config.check/1"
    assert {each["fatal"] for each in run.document["items"]} == {True}


def test_a_setting_that_does_not_exist_is_found(real, monkeypatch):
    monkeypatch.setenv("GROUPBUY_HTTP_PROT", "80")
    assert "GROUPBUY_HTTP_PROT\t–\tno setting has this name\n" in real("config", "check").out


def test_a_settings_file_that_is_not_there_is_a_usage_error(real):
    run = real("--config", "nowhere.toml", "config", "show")
    assert run.code == 2
    assert run.err == "groupbuy: settings is wrong: no such file: nowhere.toml\n"


def test_a_settings_file_is_read(real, tmp_path):
    (tmp_path / "shop.toml").write_text("[groupbuy.http]\nport = 8123\n")
    assert "http.port\t8123\t" in real("config", "show", "--config", "shop.toml").out


def test_a_database_is_set_up_once(real, tmp_path):
    before = real("db", "current")
    assert (before.code, before.out) == (
        0,
        "database  sqlite:///groupbuy.db\nrevision  –\n",
    )
    assert list(tmp_path.iterdir()) == []
    first = real("db", "upgrade", "--json")
    assert first.code == 0
    assert first.document["before"] == ""
    again = real("db", "upgrade", "--json")
    assert again.document["before"] == again.document["revision"] == first.document["revision"]


def test_a_rehearsed_upgrade_writes_nothing(real):
    run = real("db", "upgrade", "--dry-run")
    assert run.code == 0
    assert run.err == "dry run: nothing is written\n"
    assert real("db", "current", "--json").document["revision"] == ""


def test_a_database_that_was_never_set_up_does_not_fit(real, tmp_path):
    run = real("db", "check")
    assert run.code == 7
    assert run.out == "difference\nthere is no database\n"
    assert run.err == "run groupbuy db upgrade first\n"
    assert list(tmp_path.iterdir()) == []


def test_a_fresh_database_fits_this_version(real):
    real("db", "upgrade")
    run = real("db", "check")
    assert (run.code, run.out, run.err) == (0, "difference\n", "the database fits this version\n")


def test_nothing_is_removed_before_its_name_is_typed(real):
    real("db", "upgrade")
    for typed in ([], ["--yes"], ["--confirm", "other.db"]):
        run = real("db", "downgrade", *typed)
        assert run.code == 2
        assert "this deletes everything in the database: --confirm groupbuy.db" in run.err
    assert real("db", "current", "--json").document["revision"]


def test_a_database_whose_name_was_typed_is_emptied(real):
    real("db", "upgrade")
    run = real("db", "downgrade", "--confirm", "groupbuy.db", "--json")
    assert run.code == 0
    assert run.document["revision"] == ""


def test_a_database_that_does_not_answer_may_be_tried_again(real, monkeypatch):
    monkeypatch.setenv("GROUPBUY_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    run = real("db", "current")
    assert run.code == 8
    assert run.err == "groupbuy: database did not answer; this may be repeated\n"


def test_the_doctor_finds_that_there_is_no_database_and_makes_none(real, tmp_path):
    run = real("doctor")
    assert run.code == 7
    assert run.out == NO_DATABASE
    assert run.err == "1 failed\n"
    assert list(tmp_path.iterdir()) == []


def test_the_doctor_is_content_with_a_fresh_shop(real):
    real("db", "upgrade")
    run = real("doctor", "--json")
    assert run.code == 0
    assert run.document["schema"] == "doctor/1"
    assert run.document["failed"] == 0
    assert health(run) == {
        "settings": "warning",
        "disk": "ok",
        "provider": "warning",
        "backup": "warning",
        "schema": "ok",
        "clock": "ok",
        "outbox": "ok",
        "books": "ok",
        "pictures": "ok",
        "share_font": "ok",
    }


def test_the_doctor_sees_a_provider_that_answers(real, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        monkeypatch.setenv("GROUPBUY_PROVIDER_BASE_URL", f"http://127.0.0.1:{port}")
        assert health(real("doctor", "--json"))["provider"] == "ok"


def test_the_doctor_refuses_development_settings_in_production(real, monkeypatch):
    real("db", "upgrade")
    monkeypatch.setenv("GROUPBUY_ENVIRONMENT", "production")
    run = real("doctor", "--json")
    assert run.code == 7
    assert health(run)["settings"] == "failure"
    assert health(run)["database"] == "failure"


def test_the_doctor_survives_a_database_that_does_not_answer(real, monkeypatch):
    monkeypatch.setenv("GROUPBUY_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    run = real("doctor", "--json")
    assert run.code == 7
    assert health(run)["database"] == "failure"


def test_work_that_waits_is_listed_on_a_real_database(real):
    real("db", "upgrade")
    run = real("outbox", "list", "--json")
    assert run.code == 0
    assert run.document == {"schema": "outbox.list/1", "items": []}


@pytest.mark.parametrize("job", ["relay", "settlement"])
def test_a_job_runs_on_a_real_database(real, job):
    real("db", "upgrade")
    run = real("jobs", "run", job, "--reason", "to see", "--json")
    assert run.code == 0
    said = json.loads(run.out)
    assert said.pop("began_at") <= said.pop("ended_at")
    assert said == {"schema": "jobs.run/2", "name": job, "tenant": "main", "handled": 0}
    (listed,) = [
        each for each in real("jobs", "list", "--json").document["items"] if each["name"] == job
    ]
    assert (listed["by"], listed["handled"], listed["running"]) == (
        real("audit", "list", "--subject", job, "--json").document["items"][0]["actor"],
        0,
        False,
    )


def test_a_job_is_tried_without_doing_it(real):
    real("db", "upgrade")
    run = real("jobs", "run", "housekeeping", "--reason", "to see", "--dry-run")
    assert (run.code, "dry run: nothing is written" in run.err) == (0, True)
    never = [each["last_at"] for each in real("jobs", "list", "--json").document["items"]]
    assert set(never) == {None}


def test_a_job_nobody_knows_is_not_found(real):
    run = real("jobs", "run", "laundry", "--reason", "x")
    assert run.code == 3
    assert run.err == "groupbuy: no such job: laundry\n"


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (("campaign", "list"), 2),
        (("db", "current"), 2),
        (("db", "check"), 2),
        (("db", "upgrade"), 2),
        (("user", "list"), 2),
        (("config", "check"), 7),
        (("doctor",), 7),
    ],
)
def test_a_database_nobody_knows_is_refused_before_anything_is_made(
    real, monkeypatch, tmp_path, command, code
):
    monkeypatch.setenv("GROUPBUY_DATABASE_URL", "mysql://app:hunter2@127.0.0.1/shop")
    run = real(*command)
    assert run.code == code, run.err
    assert "must read sqlite:///file" in run.out + run.err
    assert "hunter2" not in run.out + run.err
    assert list(tmp_path.iterdir()) == []


def test_the_doctor_finds_a_bucket_that_does_not_answer(real, monkeypatch):
    real("db", "upgrade")
    said = {"STORE": "s3", "ENDPOINT": "http://127.0.0.1:9", "ACCESS_KEY": "a", "SECRET_KEY": "b"}
    for name, value in said.items():
        monkeypatch.setenv(f"GROUPBUY_PICTURES_{name}", value)
    assert health(real("doctor", "--json"))["pictures"] == "failure"
