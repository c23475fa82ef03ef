import pytest

from groupbuy.domain.kernel import Invalid
from groupbuy.entrypoints import findings
from groupbuy.entrypoints.bootstrap import build
from groupbuy.entrypoints.findings import check
from groupbuy.entrypoints.keys import KEY_BYTES, generated, master_keys, parse
from groupbuy.entrypoints.settings import load, shown, variable

LONG = "s" * 40


@pytest.fixture(autouse=True)
def _nothing_from_outside(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GROUPBUY_CONFIG", raising=False)
    monkeypatch.delenv("GROUPBUY_TEST_PG_DSN", raising=False)


def production(**more):
    return {
        "environment": "production",
        "keys": {"master": generated("k1")},
        "provider": {
            "payments": "real",
            "payouts": "real",
            "carriers": "real",
            "secret": LONG,
        },
        "policy": {"provider": "real"},
        "http": {"public_url": "https://shop.example"},
        **more,
    }


def fatal(settings):
    return {finding.name for finding in check(settings) if finding.fatal}


def test_the_environment_wins_over_the_file_and_the_caller_over_both(monkeypatch, tmp_path):
    file = tmp_path / "shop.toml"
    file.write_text(
        '[groupbuy.http]\nport = 1\nhost = "0.0.0.0"\n[groupbuy.log]\nlevel = "error"\n'
    )
    monkeypatch.setenv("GROUPBUY_HTTP_PORT", "2")
    monkeypatch.setenv("GROUPBUY_LOG_LEVEL", "debug")
    settings = load(str(file), {"http": {"port": 3}})
    assert (settings.http.host, settings.http.port, settings.log.level) == ("0.0.0.0", 3, "debug")


def test_a_file_that_is_named_must_exist():
    with pytest.raises(Invalid, match="no such file"):
        load("nowhere.toml")


def test_what_people_may_say_is_a_setting_like_any_other(monkeypatch):
    monkeypatch.setenv("GROUPBUY_POLICY_COMMUNITY_REVIEWS_ARE_MODERATED", "before")
    monkeypatch.setenv("GROUPBUY_POLICY_COMMUNITY_BANNED_PHRASES", "刷单,好评返现")
    rules = load("", {"policy": {"community": {"prior_mean": 4}}}).policy.community
    assert (rules.reviews_are_moderated, rules.phrases) == ("before", ("刷单", "好评返现"))
    found = {each.name for each in check(load("", {"policy": {"community": {"prior_mean": 4}}}))}
    assert "policy.community.prior_mean" in found
    with pytest.raises(Invalid):
        load("", {"policy": {"community": {"reviews_are_moderated": "never"}}})


def test_a_setting_that_is_misspelt_in_the_file_is_refused(tmp_path):
    file = tmp_path / "shop.toml"
    file.write_text("[groupbuy.http]\nprot = 1\n")
    with pytest.raises(Invalid):
        load(str(file))


def test_a_value_that_does_not_fit_is_named_without_being_repeated(monkeypatch):
    monkeypatch.setenv("GROUPBUY_HTTP_PORT", "hunter2")
    with pytest.raises(Invalid) as refusal:
        load()
    assert "http.port" in refusal.value.reason
    assert "hunter2" not in str(refusal.value)


def test_an_unknown_name_in_the_environment_is_a_finding(monkeypatch):
    monkeypatch.setenv("GROUPBUY_HTTP_PROT", "1")
    assert [f.name for f in check(load()) if f.name.startswith("GROUPBUY")] == [
        "GROUPBUY_HTTP_PROT"
    ]


def test_every_setting_has_the_variable_it_says(monkeypatch):
    monkeypatch.setenv(variable("policy.helper_bp"), "77")
    assert load().policy.helper_bp == 77


def test_secrets_are_never_shown():
    settings = load(
        overrides={
            "keys": {"master": "k:hunter2"},
            "provider": {"secret": "hunter2"},
            "database": {"url": "postgresql://app:hunter2@db.example/shop"},
        }
    )
    assert "hunter2" not in str(shown(settings))
    assert "hunter2" not in repr(settings.keys) + repr(settings.provider)


def test_development_needs_nothing():
    assert fatal(load()) == set()


def test_production_runs_on_what_is_real(monkeypatch):
    monkeypatch.setattr(findings, "installed", lambda _: {"real", "folder"})
    assert fatal(load(overrides=production())) == set()


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"keys": {}}, "keys.master"),
        ({"clock_file": "now"}, "clock_file"),
        ({"http": {}}, "http.public_url"),
        ({"provider": {"secret": LONG}}, "provider.payments"),
    ],
)
def test_production_refuses_what_is_only_for_development(change, name):
    assert name in fatal(load(overrides=production(**change)))


def test_production_refuses_a_development_key():
    settings = load(overrides=production(keys={"master": generated()}))
    with pytest.raises(Invalid, match="development"):
        master_keys(settings)


def test_a_development_key_is_made_once_beside_the_database(tmp_path):
    settings = load(overrides={"database": {"url": f"sqlite:///{tmp_path / 'shop.db'}"}})
    first = master_keys(settings)
    assert master_keys(settings) == first
    assert [len(key) for key in first.values()] == [KEY_BYTES]
    assert (tmp_path / "shop.keys").stat().st_mode & 0o077 == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["shop.keys"]


def test_keys_keep_their_order_and_bad_ones_are_not_repeated():
    assert list(parse(f"{generated('new')},{generated('old')}")) == ["new", "old"]
    for text in ("", "k:hunter2", "k:aHVudGVyMg=="):
        with pytest.raises(Invalid) as refusal:
            parse(text)
        assert "hunter2" not in str(refusal.value)
        assert "aHVudGVyMg" not in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("database.url", "mysql://app@db/shop"),
        ("database.url", "shop.db"),
        ("database.url", "sqlite://"),
        ("database.url", "sqlite:///:memory:"),
        ("database.url", "postgresql://app@db:port/shop"),
        ("database.owner_url", "mysql://app@db/shop"),
        ("database.direct_url", "db"),
        ("policy.zone", "Asia/Nowhere"),
        ("policy.zone", ""),
        ("policy.zone", "../etc/passwd"),
        ("policy.currency", "CNX"),
        ("policy.currency", "cny"),
        ("policy.default_commission_bp", 10_001),
        ("policy.helper_bp", -1),
        ("policy.default_fee_bp", 20_000),
        ("policy.correction_hours", 0),
        ("policy.session_idle_hours", 0),
        ("policy.session_absolute_days", -1),
        ("policy.max_attempts", 0),
        ("policy.closing_alert_minutes", 0),
        ("policy.withdrawals.minimum", 0),
        ("policy.withdrawals.per_tenant_day", -5),
        ("policy.provider", "stripe"),
        ("provider.payments", "sandbox,nobody"),
        ("provider.payouts", "nobody"),
        ("provider.carriers", "nobody"),
        ("notify.channels", "pigeon"),
        ("keys.master", "k1:not base64"),
        ("keys.master", "k1"),
        ("keys.file", "nowhere.keys"),
        ("http.default_tenant", ""),
        ("http.default_tenant", "Main Shop"),
        ("http.public_url", "shop.example"),
        ("http.public_url", "https://"),
        ("provider.base_url", "127.0.0.1:8010"),
        ("provider.base_url", "http://127.0.0.1:x"),
        ("provider.base_url", ""),
        ("log.level", "loud"),
    ],
)
def test_what_nobody_can_run_with_is_found_and_refused(name, value, tmp_path):
    *tables, last = name.split(".")
    overrides = {last: value}
    for table in reversed(tables):
        overrides = {table: overrides}
    settings = load(overrides=overrides)
    assert name in fatal(settings)
    with pytest.raises(Invalid):
        build(settings)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "url", ["sqlite:///a.db", "sqlite:////var/a.db", "postgresql://u@h:5432/d", "postgresql:///d"]
)
def test_a_database_we_know_is_no_finding(url):
    assert fatal(load(overrides={"database": {"url": url}})) == set()


def test_pictures_need_a_folder_that_everybody_finds_or_a_bucket_with_its_key():
    postgres = {"url": "postgresql://shop@db/shop"}
    assert "pictures.folder" in fatal(load(overrides={**production(), "database": postgres}))
    named = {"folder": "pictures"}
    found = fatal(load(overrides={**production(), "database": postgres, "pictures": named}))
    assert "pictures.folder" not in found
    bare = load(overrides={"pictures": {"store": "s3", "bucket": "No Bucket"}})
    assert fatal(bare) == {"pictures.endpoint", "pictures.bucket", "pictures.secret_key"}
    keyed = {"access_key": "a", "secret_key": "b", "endpoint": "https://s3.example.com"}
    assert fatal(load(overrides={"pictures": {"store": "s3", **keyed}})) == set()
    assert fatal(load(overrides={"pictures": {"store": "folder,s3"}})) == {"pictures.store"}
