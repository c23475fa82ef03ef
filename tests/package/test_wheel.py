"""The wheel as somebody else gets it: in an environment of its own, with nothing else asked for."""

import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RECIPES = [
    page
    for page in sorted((ROOT / "docs" / "embedding").glob("*.md"))
    if page.stem not in {"names", "stability"}
]
BARE = {"pip", "setuptools", "attrs", "groupbuy"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Build from a copy, so that nothing that lies about in the checkout gets in unseen."""
    home = tmp_path_factory.mktemp("wheel")
    source = home / "source"
    keep = ("src", "pyproject.toml", "README.md", "README.zh-CN.md", "CHANGELOG.md", "LICENSE")
    source.mkdir()
    for name in keep:
        origin = ROOT / name
        copy = shutil.copytree if origin.is_dir() else shutil.copy
        copy(origin, source / name)
    ran = run(
        sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", str(home), str(source)
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return next(home.glob("groupbuy-*.whl"))


@pytest.fixture(scope="module")
def programs(wheel, tmp_path_factory):
    """Install the wheel alone; return the folder of programs."""
    home = tmp_path_factory.mktemp("bare") / "env"
    venv.create(home, with_pip=True)
    ran = run(home / "bin" / "python", "-m", "pip", "install", "-q", "--no-input", str(wheel))
    assert ran.returncode == 0, ran.stderr
    return home / "bin"


def run(*command, **options):
    return subprocess.run(command, check=False, capture_output=True, text=True, **options)


def test_only_attrs_comes_along(programs):
    listed = run(programs / "python", "-m", "pip", "list", "--format", "freeze")
    names = {line.partition("==")[0].lower() for line in listed.stdout.splitlines()}
    assert {name.partition(" @")[0] for name in names} <= BARE
    assert {"attrs", "groupbuy"} <= {name.partition(" @")[0] for name in names}


def test_every_module_of_the_domain_imports(programs, tmp_path):
    program = """
import importlib, pkgutil, sys
import groupbuy.domain
names = [m.name for m in pkgutil.walk_packages(groupbuy.domain.__path__, "groupbuy.domain.")]
for name in names:
    module = importlib.import_module(name)
    for public in getattr(module, "__all__", ()):
        getattr(module, public)
print(len(names))
"""
    ran = run(programs / "python", "-W", "error", "-c", program, cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout) >= 5


def test_the_ports_can_be_implemented_without_the_extra(programs, tmp_path):
    program = """
import importlib, pkgutil
import groupbuy.application.ports as ports
for m in pkgutil.walk_packages(ports.__path__, "groupbuy.application.ports."):
    importlib.import_module(m.name)
"""
    ran = run(programs / "python", "-W", "error", "-c", program, cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr


def test_the_command_says_what_to_install(programs, tmp_path):
    ran = run(programs / "groupbuy", cwd=tmp_path)
    assert ran.returncode == 1
    assert ran.stdout == ""
    assert ran.stderr.count("\n") == 1
    assert 'pip install "groupbuy[server]"' in ran.stderr


def test_types_and_licence_are_in_the_wheel(wheel):
    listed = run(sys.executable, "-m", "zipfile", "-l", str(wheel)).stdout
    assert "groupbuy/py.typed" in listed
    assert "licenses/LICENSE" in listed
    assert "tests/" not in listed


def test_the_example_for_embedders_runs_on_the_wheel_alone(programs, tmp_path):
    example = shutil.copy(ROOT / "examples" / "embed.py", tmp_path)
    ran = run(programs / "python", "-W", "error", example, cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip()


@pytest.mark.parametrize("page", RECIPES, ids=lambda page: page.stem)
def test_a_recipe_runs_on_the_wheel_alone(programs, tmp_path, page):
    text = page.read_text(encoding="utf-8").partition("## Your own storage")[0]
    blocks = re.findall(r"^```(python|text)\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    recipe = tmp_path / "recipe.py"
    recipe.write_text("".join(body for kind, body in blocks if kind == "python"), "utf-8")
    ran = run(programs / "python", "-W", "error", str(recipe), cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == "".join(body for kind, body in blocks if kind == "text")


def test_the_wheel_brings_a_plugin_for_pytest(programs):
    program = "from importlib.metadata import entry_points as e; print(e(group='pytest11'))"
    assert "groupbuy.testing.plugin" in run(programs / "python", "-c", program).stdout
