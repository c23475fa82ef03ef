"""Runs commands: on a shop in memory, or on the real thing with a SQLite file."""

import json
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from groupbuy.entrypoints.cli import main
from groupbuy.entrypoints.cli.shell import Shell
from groupbuy.entrypoints.settings import Settings
from tests.support.shop import TENANT, Shop


class Run:
    """What one run said and how it ended."""

    def __init__(self, result):
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        self.code = result.exit_code
        self.out = result.stdout
        self.err = result.stderr

    @property
    def document(self):
        return json.loads(self.out)


class PlainPasswords:
    """Hashes nothing."""

    def hash(self, password):
        return f"hash of {password}"

    def verify(self, hashed, password):
        return hashed == self.hash(password)


@pytest.fixture
def english(monkeypatch):
    """A terminal that speaks English, whatever machine this is."""
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


@pytest.fixture
def shop():
    return Shop()


@pytest.fixture
def groupbuy(shop, english):
    """Run a command on the shop in memory."""

    def run(*args, stdin=None):
        app = SimpleNamespace(
            database=shop.begin.__self__,
            desk=shop.desk,
            kit=shop.kit,
            relay=shop.relay,
            passwords=PlainPasswords(),
            close=lambda: None,
        )
        shell = Shell(app=app, settings=Settings(), tenant=TENANT, actor="usr_operator")
        return Run(CliRunner().invoke(main, args, obj=shell, input=stdin))

    return run


@pytest.fixture
def real(tmp_path, monkeypatch, english):
    """Run a command as a person would, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GROUPBUY_PROVIDER_BASE_URL", "http://127.0.0.1:1")

    def run(*args, stdin=None):
        return Run(CliRunner().invoke(main, args, input=stdin, prog_name="groupbuy"))

    return run
