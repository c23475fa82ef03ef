import builtins
import subprocess
import sys

import pytest

from groupbuy.entrypoints import console
from tests.support.source import imports, modules, place


@pytest.fixture
def without(monkeypatch):
    """Make an import fail as if that package were not installed."""
    real = builtins.__import__

    def forget(*packages):
        def guarded(name, *args):
            if name == "groupbuy.entrypoints.cli":
                raise ModuleNotFoundError(f"No module named {packages[0]!r}", name=packages[0])
            return real(name, *args)

        monkeypatch.setattr(builtins, "__import__", guarded)

    return forget


def test_without_the_extra_one_line_says_what_to_install(without, capsys):
    without("click")
    assert console.main() == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == 'groupbuy needs click: pip install "groupbuy[server]"\n'


def test_a_missing_part_of_a_package_of_the_extra_counts_as_missing(without, capsys):
    without("litestar.openapi")
    assert console.main() == 1
    assert "litestar" in capsys.readouterr().err


def test_a_defect_of_our_own_is_not_hidden_behind_the_advice(without):
    without("groupbuy.domain.nonsense")
    with pytest.raises(ModuleNotFoundError):
        console.main()


def test_the_guard_knows_every_package_that_the_source_imports():
    known = console.SERVER_PACKAGES | sys.stdlib_module_names | {"attrs", "groupbuy"}
    unknown = {
        f"{place(path)}:{line} {name}"
        for path in modules()
        for name, line in imports(path)
        if name.partition(".")[0] not in known and not place(path).startswith("testing")
    }
    assert unknown == set()


def test_the_package_itself_is_the_command():
    said = subprocess.run(
        [sys.executable, "-m", "groupbuy", "--version"], capture_output=True, text=True, check=True
    )
    assert "version" in said.stdout
