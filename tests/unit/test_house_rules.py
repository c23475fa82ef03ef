"""Rules of this house that no off-the-shelf linter knows; CONTRIBUTING.md explains them."""

import ast
import importlib
import pkgutil
import re
from itertools import product

import pytest

import groupbuy.application
from groupbuy.domain.kernel import DomainError, IllegalMove
from tests.support import diagrams
from tests.support.source import ROOT, SRC, dotted, imports, modules, place, tree

QUIET_STDLIB = {
    "__future__",
    "abc",
    "bisect",
    "collections",
    "datetime",
    "enum",
    "functools",
    "hashlib",
    "heapq",
    "itertools",
    "json",
    "operator",
    "re",
    "string",
    "types",
    "typing",
    "unicodedata",
}
"""All of the standard library the domain may use: it reads no clock, file, socket or chance."""

COMMITTERS = {"adapters/persistence/unit_of_work.py"}
WALL = {
    "date.today",
    "datetime.now",
    "datetime.today",
    "datetime.utcnow",
    "time.time",
    "time.time_ns",
    "uuid.uuid1",
    "uuid.uuid4",
    "uuid4",
}
TEXTS = {".py", ".html", ".css", ".js", ".json", ".toml", ".sql", ".md", ".txt", ".mako", ".ini"}


def found(files, wanted):
    """List `file:line` of every node that is wanted."""
    return [
        f"{place(path)}:{node.lineno}"
        for path in files
        for node in ast.walk(tree(path))
        if wanted(node)
    ]


# --- the domain ------------------------------------------------------------------------------


def test_the_domain_imports_only_attrs_itself_and_the_quiet_standard_library():
    allowed = QUIET_STDLIB | {"attrs"}
    strangers = [
        f"{place(path)}:{line} {name}"
        for path in modules("domain")
        for name, line in imports(path)
        if name.partition(".")[0] not in allowed and not name.startswith("groupbuy.domain")
    ]
    assert strangers == []


def test_there_is_no_float_in_the_domain():
    def is_float(node):
        return (isinstance(node, ast.Name) and node.id == "float") or (
            isinstance(node, ast.Constant) and isinstance(node.value, float)
        )

    assert found(modules("domain"), is_float) == []


def test_nothing_in_the_domain_divides_into_a_float():
    def divides(node):
        return isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div)

    assert found(modules("domain"), divides) == []


# --- the whole package -----------------------------------------------------------------------


def test_every_folder_is_a_package_that_the_import_contracts_can_see():
    unseen = {
        place(folder)
        for path in modules()
        for folder in path.parents
        if folder.is_relative_to(SRC) and not (folder / "__init__.py").exists()
    }
    assert {folder for folder in unseen if "migrations/versions" not in folder} == set()


def test_no_file_outgrows_its_page():
    long = {
        path.relative_to(ROOT).as_posix(): lines
        for path in [*modules(), *sorted((ROOT / "tests").rglob("*.py"))]
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert long == {}


def test_commit_happens_in_one_file_of_an_adapter():
    def commits(node):
        return isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] == "commit"

    elsewhere = [
        hit
        for hit in found(modules(), commits)
        if hit.partition(":")[0] not in COMMITTERS and not hit.startswith("adapters/memory/")
    ]
    assert elsewhere == []


def test_only_bootstrap_reads_the_wall_clock_and_makes_chance():
    def reads(node):
        if not isinstance(node, ast.Attribute | ast.Name):
            return False
        name = dotted(node)
        return any(name == wall or name.endswith("." + wall) for wall in WALL)

    readers = found(modules(), reads)
    readers += [
        f"{place(path)}:{line}"
        for path in modules()
        for name, line in imports(path)
        if name == "random"
    ]
    assert [hit for hit in readers if not hit.startswith("entrypoints/bootstrap")] == []


def test_nothing_inside_the_edge_is_asynchronous():
    def waits(node):
        return isinstance(node, ast.AsyncFunctionDef | ast.Await)

    hits = found(modules(), waits)
    assert [hit for hit in hits if not hit.startswith("entrypoints/")] == []


def test_everything_public_says_what_it_means():
    silent = [
        f"{place(path)}:{getattr(node, 'lineno', 1)} {getattr(node, 'name', 'module')}"
        for path in modules()
        for node in public(tree(path))
        if ast.get_docstring(node) is None
    ]
    assert silent == []


def public(module):
    yield module
    inside = [module]
    while inside:
        for node in inside.pop().body:
            named = isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            if not named or node.name.startswith("_") or is_overload(node):
                continue
            yield node
            if isinstance(node, ast.ClassDef):
                inside.append(node)


def is_overload(node):
    return any(dotted(d).rpartition(".")[2] == "overload" for d in node.decorator_list)


def test_a_port_has_at_most_six_methods():
    wide = {
        node.name: len(methods)
        for path in modules("application/ports")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ClassDef)
        and any(dotted(base).startswith("Protocol") for base in map(unsubscripted, node.bases))
        and len(methods := [n for n in node.body if isinstance(n, ast.FunctionDef)]) > 6
    }
    assert wide == {}


def unsubscripted(base):
    return base.value if isinstance(base, ast.Subscript) else base


@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        ("an unfinished note", r"\b(TODO|FIXME|XXX|HACK)\b"),
        ("a path of somebody's machine", r"[\"'](/(home|root|work|Users|opt|mnt|tmp)(/|[\"']))"),
        (
            "a package registry",
            r"\b(pypi\.org|pythonhosted\.org|npmjs\.(com|org)|jsdelivr\.net|unpkg\.com|cdnjs\.)",
        ),
    ],
)
def test_the_source_holds_nothing_that_belongs_elsewhere(what, pattern):
    hits = [
        f"{what}: {place(path)}:{number}"
        for path in sorted(SRC.rglob("*"))
        if path.suffix in TEXTS
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(pattern, line)
    ]
    assert hits == []


# --- errors ----------------------------------------------------------------------------------


def error_leaves():
    for _ in diagrams.domain_modules():
        pass
    for module in pkgutil.walk_packages(groupbuy.application.__path__, "groupbuy.application."):
        importlib.import_module(module.name)

    def leaves(kind):
        below = kind.__subclasses__()
        return {kind} if not below else set().union(*map(leaves, below))

    # attrs builds a slotted class anew: the first one lives on in __subclasses__ for a while.
    return {kind for kind in leaves(DomainError) if is_ours(kind)}


def is_ours(kind):
    module = importlib.import_module(kind.__module__)
    return kind.__module__.startswith("groupbuy.") and vars(module).get(kind.__name__) is kind


def test_every_error_has_a_code_of_its_own():
    codes = {}
    for kind in error_leaves():
        codes.setdefault(kind.code, []).append(kind.__qualname__)
    assert {code: kinds for code, kinds in codes.items() if len(kinds) > 1} == {}
    assert DomainError.code not in codes


@pytest.mark.parametrize(
    ("module", "table"),
    [
        ("groupbuy.entrypoints.http.problems", "STATUS"),
        ("groupbuy.entrypoints.cli.exit_codes", "EXIT_CODES"),
    ],
)
def test_every_error_has_an_answer_at_every_door(module, table):
    known = getattr(importlib.import_module(module), table)
    assert [
        kind.__name__
        for kind in error_leaves()
        if not any(base in known for base in kind.__mro__ if base is not DomainError)
    ] == []


# --- state machines --------------------------------------------------------------------------

MACHINES = diagrams.machines()


@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES)
def test_every_move_absent_from_the_table_is_refused(machine):
    moves = {move for edge in machine.edges for move in type(edge.move)}
    absent = [
        (state, move)
        for state, move in product(type(machine.initial), sorted(moves))
        if not machine.allows(state, move)
    ]
    for state, move in absent:
        with pytest.raises(IllegalMove) as refusal:
            machine.fire(state, move, None)
        assert refusal.value.facts == {
            "machine": machine.name,
            "state": state.value,
            "move": move.value,
        }


@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES)
def test_every_move_a_machine_knows_is_used_somewhere(machine):
    moves = {move for edge in machine.edges for move in type(edge.move)}
    assert moves == {edge.move for edge in machine.edges}


def test_the_pictures_in_the_docs_are_the_tables_in_the_code():
    wanted = diagrams.pages()
    kept = {
        path.name: path.read_text(encoding="utf-8")
        for path in diagrams.FOLDER.iterdir()
        if path.name == "index.md" or path.suffix == ".mmd"
    }
    assert kept == wanted, "draw them again: nox -s states"


# --- what the documents say ------------------------------------------------------------------


def test_the_documents_name_only_what_exists():
    pages = [ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs" / "adr").glob("*.md"))]
    named = {
        (page.name, name)
        for page in pages
        for name in re.findall(r"`((?:src|tests|docs)/[\w./-]+)`", page.read_text(encoding="utf-8"))
    }
    assert len(named) > 10
    assert {
        (page, name)
        for page, name in named
        if not (ROOT / name).exists() and not (ROOT / f"{name}.py").exists()
    } == set()


def test_the_readmes_name_the_same_commands():
    def commands(name):
        text = (ROOT / name).read_text(encoding="utf-8")
        return re.findall(r"```(?:console|sh)\n(.*?)```", text, flags=re.DOTALL)

    assert commands("README.md") == commands("README.zh-CN.md")
    assert (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()[-1] in "\n".join(
        commands("README.md")
    )


# --- the web ---------------------------------------------------------------------------------


def handlers_of_the_web():
    verbs = {"get", "post", "put", "patch", "delete"}
    for path in modules("entrypoints/http"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and any(
                isinstance(each, ast.Call) and dotted(each.func) in verbs
                for each in node.decorator_list
            ):
                yield path, node


def test_a_handler_asks_one_thing_and_renders_it():
    """Ten statements apart from its docstring: more belongs into a use case."""

    def statements(node):
        return sum(isinstance(each, ast.stmt) for part in node.body for each in ast.walk(part)) - 1

    long = [
        f"{place(path)}:{node.lineno} {node.name}"
        for path, node in handlers_of_the_web()
        if statements(node) > 10
    ]
    assert long == []


def test_every_change_goes_through_its_key_or_says_that_it_looks_at_none():
    def words(node):
        return {each.attr for each in ast.walk(node) if isinstance(each, ast.Attribute)}

    keyed = {"once", "once_in_steps", "claim", "answer"}
    wrong = []
    for path, node in handlers_of_the_web():
        verb = next(each for each in node.decorator_list if isinstance(each, ast.Call))
        if dotted(verb.func) == "get" or "callbacks" in path.name:
            continue
        opt = ast.unparse(next(word.value for word in verb.keywords if word.arg == "opt"))
        keyless = "keyless" in opt or "LOOK" in opt
        if bool(words(node) & keyed) == keyless:
            wrong.append(f"{place(path)}:{node.lineno} {node.name}")
    assert wrong == []
