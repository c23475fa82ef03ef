"""What pytest does more where `groupbuy` is installed: it knows the contracts of its ports.

Whoever tests an adapter inherits a contract. At the end of a run pytest then says which promises
were kept, and which were not tried at all: overridden, skipped, deselected. `--groupbuy-whole`
(or `groupbuy_whole = true` in the ini file) makes such a run fail. `pytest --groupbuy-contracts`
lists every contract with its promises and runs nothing.
"""

import importlib
import inspect
import pkgutil
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

HOME = "groupbuy.testing"
_CONTRACT, _OVERRIDDEN = "groupbuy_contract", "groupbuy_overridden"
"""Names of user properties, which reach the main process from the workers of pytest-xdist too."""

_MODULES = [name for _, name, _ in pkgutil.iter_modules(importlib.import_module(HOME).__path__)]
# Values are shown in failures of promises as in failures of one's own tests.
pytest.register_assert_rewrite(*(f"{HOME}.{name}" for name in _MODULES if name != "plugin"))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the two options."""
    options = parser.getgroup("groupbuy", "contracts of groupbuy's ports")
    options.addoption(
        "--groupbuy-contracts", action="store_true", help="list the contracts and run nothing"
    )
    options.addoption(
        "--groupbuy-whole",
        action="store_true",
        help="fail when a promise of an inherited contract was overridden, skipped or left out",
    )
    parser.addini("groupbuy_whole", "as --groupbuy-whole", type="bool", default=False)


def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """List the contracts, if that was asked for."""
    if not config.getoption("--groupbuy-contracts"):
        return None
    sys.stdout.write("".join(map(_described, contracts())))
    return 0


def pytest_configure(config: pytest.Config) -> None:
    """Keep account of one run."""
    config.pluginmanager.register(Account(config), "groupbuy-contracts")


def pytest_itemcollected(item: pytest.Item) -> None:
    """Note which contract a test is a promise of, and whether it still is that promise."""
    owner, name = getattr(item, "cls", None), str(getattr(item, "originalname", ""))
    contract = contract_of(owner, name) if owner is not None and name else None
    if contract is None:
        return
    promises = promises_of(contract)
    item.user_properties.append((_CONTRACT, f"{contract.__name__}/{len(promises)}"))
    if getattr(owner, name) is not promises[name]:
        item.user_properties.append((_OVERRIDDEN, name))


def contracts() -> Iterator[type]:
    """Return every contract there is, by name. Those of storages need `groupbuy[server]`."""
    found = dict[str, type]()
    for name in _MODULES:
        with suppress(ImportError):
            module = importlib.import_module(f"{HOME}.{name}")
            found |= {
                key: each
                for key, each in vars(module).items()
                if inspect.isclass(each) and _is_contract(each)
            }
    yield from (found[name] for name in sorted(found))


def promises_of(contract: type) -> dict[str, object]:
    """Return the tests of a contract, by name."""
    return {name: getattr(contract, name) for name in dir(contract) if name.startswith("test_")}


def contract_of(owner: type, name: str) -> type | None:
    """Return the contract whose promise a test of this name is, the nearest one; None for none."""
    kin = (each for each in owner.__mro__[1:] if _is_contract(each) and hasattr(each, name))
    return next(kin, None)


def _is_contract(each: type) -> bool:
    return each.__module__.startswith(f"{HOME}.") and each.__name__.endswith("Contract")


def _described(contract: type) -> str:
    promises = promises_of(contract)
    about = (inspect.getdoc(contract) or "").splitlines()[:1]
    lines = [f"{contract.__module__}.{contract.__name__}: {len(promises)} promises"]
    lines += [f"    {line}" for line in about]
    lines += [f"  - {name.removeprefix('test_').replace('_', ' ')}" for name in promises]
    return "\n".join([*lines, ""])


class Account:
    """Which promises of which contracts were kept in a run."""

    def __init__(self, config: pytest.Config) -> None:
        """Start with nothing seen."""
        self._whole = config.getoption("--groupbuy-whole") or config.getini("groupbuy_whole")
        self._promised: dict[tuple[str, str], int] = {}
        self._kept: dict[tuple[str, str], set[str]] = {}
        self._not: dict[tuple[str, str], dict[str, str]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note how a promise ended."""
        properties: dict[str, Any] = dict(report.user_properties)
        if _CONTRACT not in properties or (report.when != "call" and report.passed):
            return
        contract, _, promised = str(properties[_CONTRACT]).rpartition("/")
        test_class, _, test = report.nodeid.rpartition("::")
        name, who = test.partition("[")[0], (contract, test_class)
        self._promised[who] = int(promised)
        why = "overridden" if _OVERRIDDEN in properties else report.outcome
        if why == "passed":
            self._kept.setdefault(who, set()).add(name)
        else:
            self._not.setdefault(who, {})[name] = why

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Fail a run that left promises out, if it was asked to be whole."""
        if self._whole and exitstatus == 0 and any(map(self._left_out, self._promised)):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say which contracts are kept, and what of them was not tried."""
        if not self._promised or terminalreporter.config.option.verbose < 0:
            return
        terminalreporter.section("contracts of groupbuy")
        for who in sorted(self._promised):
            contract, test_class = who
            kept = len(self._kept_by(who))
            line = f"{test_class}: {kept} of {self._promised[who]} promises of {contract} kept"
            terminalreporter.line("; ".join([line, *self._left_out(who)]))

    def _kept_by(self, who: tuple[str, str]) -> set[str]:
        return self._kept.get(who, set()) - self._not.get(who, {}).keys()

    def _left_out(self, who: tuple[str, str]) -> list[str]:
        troubles = self._not.get(who, {})
        said = [f"{name} {why}" for name, why in sorted(troubles.items())]
        unseen = self._promised[who] - len(self._kept_by(who)) - len(troubles)
        return [*said, *([f"{unseen} not run"] if unseen else [])]
