import pytest

from groupbuy.domain.kernel import Invalid
from groupbuy.entrypoints.keys import KEY_BYTES, generated, master_keys, parse
from groupbuy.entrypoints.settings import check, load, shown, variable

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


def test_production_runs_on_what_is_real():
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
