"""Every check a change must pass: `nox`; one of them: `nox -s types`.

All sessions share one environment (.nox/house): on a clean machine installing is most of the work.
It is filled again only when `pyproject.toml` or the Python changes.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import nox

nox.options.sessions = [
    "lint", "types", "shape", "unit", "integration", "crash", "docs", "package", "demo", "compat",
]  # fmt: skip
nox.options.error_on_missing_interpreters = False
nox.options.stop_on_first_error = False

ROOT = Path(__file__).parent
NOX = ROOT / ".nox"
HOUSE = NOX / "house"
# Test processes: more than the machine has cores only makes them wait for each other.
TWO_AT_A_TIME = ("-n", "2", "--dist", "loadfile")


def _filled(session: nox.Session, home: Path, python: str, *groups: str) -> Path:
    """Return the folder of programs of an environment, created and filled if need be."""
    project = (ROOT / "pyproject.toml").read_bytes()
    wanted = hashlib.sha256(project + python.encode() + " ".join(groups).encode()).hexdigest()
    mark = home / "filled"
    programs = home / Path(sysconfig.get_path("scripts")).name
    if not mark.exists() or mark.read_text() != wanted:
        shutil.rmtree(home, ignore_errors=True)
        session.run(python, "-m", "venv", str(home), external=True, silent=True)
        listed = nox.project.dependency_groups(
            nox.project.load_toml(ROOT / "pyproject.toml"), *groups
        )
        install = ("-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-input")
        session.run(
            str(programs / "python"), *install, "-e", f"{ROOT}[server]", *listed,
            external=True, silent=True,
        )  # fmt: skip
        mark.write_text(wanted)
    return programs


def _python(version: str) -> str | None:
    """Find a Python; a version manager may leave a name behind that runs nothing."""
    found = shutil.which(f"python{version}")
    if found is None:
        return None
    tried = subprocess.run([found, "-c", ""], capture_output=True, check=False)  # noqa: S603
    return None if tried.returncode else found


def _run(session: nox.Session, *command: str, last_line: bool = False, aloud: bool = False) -> None:
    """Run a program of the shared environment: silent when all is well, complete when not."""
    programs = _filled(session, HOUSE, sys.executable, "test", "lint", "docs")
    # Warnings of tools about a foreign environment would be noise on every run.
    env = {"VIRTUAL_ENV": str(HOUSE), "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    said = session.run(
        str(programs / command[0]), *command[1:], env=env, external=True, silent=not aloud
    )  # fmt: skip
    if last_line and isinstance(said, str) and said.strip():
        session.log(said.strip().splitlines()[-1].strip("= "))


@nox.session(python=False)
def lint(session: nox.Session) -> None:
    """Format and lint."""
    _run(session, "ruff", "format", "--check", ".")
    _run(session, "ruff", "check", ".")


@nox.session(python=False)
def types(session: nox.Session) -> None:
    """Check types, strictly."""
    _run(session, "mypy", last_line=True)


@nox.session(python=False)
def shape(session: nox.Session) -> None:
    """Check import directions and declared dependencies."""
    _run(session, "lint-imports", "--no-logo", last_line=True)
    _run(session, "deptry", "src")


@nox.session(python=False)
def unit(session: nox.Session) -> None:
    """Run the fast tests."""
    where = session.posargs or ["tests/unit"]
    _run(session, "pytest", "-q", *TWO_AT_A_TIME, *where, last_line=True)


@nox.session(python=False)
def integration(session: nox.Session) -> None:
    """Run the tests that touch a database, a server or a process; and the simulation."""
    homes = [
        f"tests/{name}"
        for name in ("integration", "simulation")
        if (ROOT / "tests" / name).exists()
    ]
    _run(session, "pytest", "-q", *TWO_AT_A_TIME, *(session.posargs or homes), last_line=True)


@nox.session(python=False)
def crash(session: nox.Session) -> None:
    """Kill web and workers at every failpoint while people buy; then count the money."""
    _run(session, "python", "-m", "tests.support.crash", *session.posargs, last_line=True)


@nox.session(python=False)
def docs(session: nox.Session) -> None:
    """Build the documentation, warnings being errors; see that it loads nothing from outside."""
    built = NOX / "docs"
    _run(session, "sphinx-build", "-W", "--keep-going", "-q", "-b", "html", "docs", str(built))
    _run(session, "python", "-m", "tests.support.offline", str(built))
    _run(session, "towncrier", "build", "--draft", "--version", "0.0.0")


@nox.session(python=False)
def package(session: nox.Session) -> None:
    """Build the wheel and try it in an environment of its own, without and with nothing else."""
    _run(session, "pytest", "-q", "tests/package", *session.posargs, last_line=True)


@nox.session(python=False)
def demo(session: nox.Session) -> None:
    """Run the product's own demonstration from beginning to end."""
    _run(session, "groupbuy", "demo", *session.posargs, last_line=True)


@nox.session(python=False)
@nox.parametrize("version", ["3.12", "3.13"])
def compat(session: nox.Session, version: str) -> None:
    """Run the fast tests on the newer Pythons this machine has."""
    python = _python(version)
    if python is None:
        session.skip(f"no Python {version} on this machine")
    programs = _filled(session, NOX / f"house-{version}", python, "test")
    session.run(
        str(programs / "pytest"), "-q", *TWO_AT_A_TIME, "tests/unit", external=True, silent=True
    )


@nox.session(python=False)
def bench(session: nox.Session) -> None:
    """Measure (not a gate): every program in benchmarks/, or those that are named."""
    _run(session, "python", "benchmarks/run.py", *session.posargs, aloud=True)


@nox.session(python=False)
def states(session: nox.Session) -> None:
    """Write the pages drawn from the code again: state machines, postings, settings, errors."""
    for drawn in ("diagrams", "postings", "pages"):
        _run(session, "python", "-m", f"tests.support.{drawn}")
