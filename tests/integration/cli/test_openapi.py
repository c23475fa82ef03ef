import json

from click.testing import CliRunner

from groupbuy.entrypoints.cli import main


def test_the_description_of_the_api_is_exported_without_touching_a_shop(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["openapi", "export"])
    assert done.exit_code == 0, done.stderr
    schema = json.loads(done.stdout)
    assert schema["openapi"].startswith("3.1")
    assert any(path.startswith("/api/v1/shop/") for path in schema["paths"])
    assert list(tmp_path.iterdir()) == []


def test_the_same_description_is_written_to_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["openapi", "export", "api.json"])
    assert done.exit_code == 0, done.stderr
    assert done.stdout == ""
    printed = CliRunner().invoke(main, ["openapi", "export"]).stdout
    assert (tmp_path / "api.json").read_text(encoding="utf-8") == printed
