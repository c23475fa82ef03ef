"""The pytest plugin tells whoever tests an adapter which promises were kept."""

import subprocess
import sys
from importlib.metadata import entry_points

import pytest

from groupbuy.testing import plugin
from tests.support.source import ROOT, SRC

KEEPS = """
import pytest
from groupbuy.testing.notifier import NotifierContract


class Mine:
    def __init__(self):
        self.told = {}

    def send(self, tenant, messages):
        for message in messages:
            self.told.setdefault((tenant, message.key))


class TestMine(NotifierContract):
    @pytest.fixture
    def notifier(self):
        return Mine()

    @pytest.fixture
    def told(self, notifier):
        return lambda: list(notifier.told)
"""
WEAKENS = (
    KEEPS
    + """
    def {promise}(self):
        "Easier this way."
"""
)


@pytest.fixture
def ran(tmp_path):
    """Run pytest on a module in a process of its own; return its exit code and what it said."""
    named = [each.value for each in entry_points(group="pytest11")]
    by_hand = [] if plugin.__name__ in named else ["-p", plugin.__name__]

    def run(text, *options):
        (tmp_path / "test_mine.py").write_text(text, encoding="utf-8")
        command = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *by_hand, *options)
        done = subprocess.run(
            command,
            cwd=tmp_path,
            env={"PYTHONPATH": str(SRC.parent), "PATH": ""},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    return run


def test_a_contract_that_is_kept_is_said_to_be(ran):
    promised = len(plugin.promises_of(plugin.contract_of(notifier(), first())))
    code, said = ran(KEEPS, "--groupbuy-whole")
    assert code == 0, said
    assert f"{promised} of {promised} promises of NotifierContract kept\n" in said


def test_a_promise_that_is_overridden_is_told_and_fails_a_run_that_must_be_whole(ran):
    text = WEAKENS.replace("{promise}", first())
    code, said = ran(text)
    assert code == 0
    assert f"{first()} overridden" in said
    assert ran(text, "--groupbuy-whole")[0] == 1


def test_a_promise_that_is_not_run_is_told(ran):
    code, said = ran(KEEPS, "--groupbuy-whole", "--deselect", f"test_mine.py::TestMine::{first()}")
    assert (code, "1 not run" in said) == (1, True), said


def test_workers_of_xdist_are_counted_together(ran):
    code, said = ran(KEEPS, "-n", "2", "--groupbuy-whole")
    assert code == 0, said
    assert "promises of NotifierContract kept\n" in said


def test_every_contract_is_listed_and_nothing_runs(ran):
    code, said = ran("def test_no(): assert False", "--groupbuy-contracts")
    assert code == 0, said
    for name in ("PaymentGatewayContract", "PayoutContract", "CarrierContract", "RaceContract"):
        assert f".{name}: " in said
    assert first().removeprefix("test_").replace("_", " ") in said


def test_whoever_installs_the_package_has_the_plugin():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'[project.entry-points."pytest11"]\ngroupbuy = "{plugin.__name__}"' in text


def notifier():
    return type("TestMine", (next(c for c in plugin.contracts() if "Notifier" in c.__name__),), {})


def first():
    return next(iter(plugin.promises_of(notifier())))
