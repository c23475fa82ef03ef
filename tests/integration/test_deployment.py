"""What is handed to those who run it: image, compose file, roles, units. Each is tried as far as
a machine without a container engine allows."""

import configparser
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import yaml
from click import Context

from groupbuy.entrypoints.cli import main
from groupbuy.entrypoints.settings import names, variable
from tests.support.postgres import client_programs, postgres_cluster

ROOT = Path(__file__).parents[2]
UNITS = sorted((ROOT / "deploy" / "systemd").iterdir())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
VARIABLES = {variable(name) for name in names()} | {"GROUPBUY_CONFIG"}


def instructions(path):
    """The lines of a Containerfile, joined where they go on, as (word, rest)."""
    text = re.sub(r"\\\n", " ", path.read_text())
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [tuple(line.split(None, 1)) for line in lines]


def understood(args):
    """Parse a command of ours without running it."""
    command, context = main, Context(main)
    args = list(args)
    while True:
        name, found, args = command.resolve_command(context, args)
        context = Context(found, parent=context, info_name=name)
        command = found
        if not hasattr(command, "resolve_command"):
            command.parse_args(context, list(args))
            return command


@pytest.fixture(scope="module")
def image():
    return instructions(ROOT / "Containerfile")


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((ROOT / "compose.yaml").read_text())


@pytest.fixture
def start_shop(tmp_path):
    """Serve a fresh shop on a free port for as long as the block runs."""

    @contextmanager
    def begin():
        command = [sys.executable, "-m", "groupbuy.entrypoints", "serve", "--port", "0"]
        env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        with subprocess.Popen(
            command, cwd=tmp_path, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as process:
            try:
                yield json.loads(process.stdout.readline())["serve"]
            finally:
                process.kill()

    return begin


def test_the_image_copies_what_is_there_and_ignores_the_rest(image):
    copied = [shlex.split(rest)[:-1] for word, rest in image if word == "COPY"]
    sources = [source for each in copied for source in each]
    assert sources
    assert all((ROOT / source).exists() for source in sources)
    kept = [line[1:] for line in (ROOT / ".containerignore").read_text().split() if line[0] == "!"]
    assert {source.removeprefix("./") for source in sources} == set(kept)


def test_the_image_runs_our_program_as_nobody_special(image):
    said = dict(image)
    assert said["USER"].isdigit()
    assert int(said["USER"]) > 0
    assert said["ENTRYPOINT"] == '["groupbuy"]'
    assert understood(yaml.safe_load(said["CMD"])).name == "serve"
    assert said["STOPSIGNAL"] == "SIGTERM"


def test_the_image_sets_what_is_a_setting(image):
    said = next(rest for word, rest in image if word == "ENV")
    given = dict(pair.split("=", 1) for pair in shlex.split(said))
    ours = {name for name in given if name.startswith("GROUPBUY_")}
    assert ours <= VARIABLES
    assert dict(image)["EXPOSE"] == given["GROUPBUY_HTTP_PORT"]


def test_the_health_check_of_the_image_believes_a_shop_and_nothing_else(image, start_shop):
    health = dict(image)["HEALTHCHECK"]
    command = yaml.safe_load(health[health.index("CMD") + 3 :])
    command[0] = sys.executable

    def checked(port):
        return subprocess.run(
            command,
            env={**os.environ, "GROUPBUY_HTTP_PORT": str(port)},
            capture_output=True,
            check=False,
        ).returncode

    with start_shop() as url:
        port = urlsplit(url).port
        assert checked(port) == 0
    assert checked(port) != 0


def test_every_container_of_ours_runs_a_command_and_is_given_settings(compose):
    ours = {name: each for name, each in compose["services"].items() if name != "db"}
    assert set(ours) == {"schema", "web", "worker", "backup"}
    for service in ours.values():
        understood(service["command"])
        assert set(service["environment"]) <= VARIABLES


def test_every_secret_of_the_compose_file_is_asked_for_and_none_is_in_it(compose):
    text = (ROOT / "compose.yaml").read_text()
    asked = set(re.findall(r"\$\{([A-Z_]+)", text))
    example = (ROOT / "deploy" / "compose.env.example").read_text()
    assert asked == set(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE))
    obligatory = set(re.findall(r"\$\{([A-Z_]+):\?", text))
    assert asked - obligatory == {"GROUPBUY_PROVIDER_PAYMENTS"}
    mounted = compose["services"]["db"]["volumes"][1].split(":")[0]
    assert (ROOT / mounted).is_file()


def test_the_roles_are_what_a_shop_needs_and_no_more(tmp_path):
    """A fresh server: roles by the script, schema by its owner, then app and backup at work."""
    words = {f"GROUPBUY_{who}_PASSWORD": f"pw-{who}" for who in ("OWNER", "APP", "BACKUP")}
    with (
        postgres_cluster() as cluster,
        psycopg.connect(cluster.admin_url, autocommit=True) as admin,
    ):
        if not (client_programs() / "psql").exists() or os.environ.get("GROUPBUY_TEST_PG_DSN"):
            pytest.skip("a borrowed server has its own roles")
        admin.execute("DROP ROLE groupbuy_owner, groupbuy_app")
        admin.execute("CREATE DATABASE shop")
        place = urlsplit(cluster.admin_url).netloc.rpartition("@")[2]
        administrator = cluster.admin_url.rpartition("/")[0] + "/shop"
        script = ROOT / "deploy" / "roles.sql"
        done = subprocess.run(
            [client_programs() / "psql", "-X", "-q", "-d", administrator, "-f", script],
            env={**os.environ, **words},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        env = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(sys.path),
            "GROUPBUY_DATABASE_URL": f"postgresql://groupbuy_app:pw-APP@{place}/shop",
            "GROUPBUY_DATABASE_OWNER_URL": f"postgresql://groupbuy_owner:pw-OWNER@{place}/shop",
            "GROUPBUY_BACKUP_URL": f"postgresql://groupbuy_backup:pw-BACKUP@{place}/shop",
            "GROUPBUY_BACKUP_TOOLS": str(client_programs()),
        }
        for command in (
            ["db", "upgrade"],
            ["db", "check"],
            ["tenant", "add", "west"],
            ["backup", "b"],
        ):
            ran = subprocess.run(
                [sys.executable, "-m", "groupbuy.entrypoints", *command],
                cwd=tmp_path, env=env, capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert ran.returncode == 0, (command, ran.stderr)
        with (
            psycopg.connect(env["GROUPBUY_BACKUP_URL"]) as backup,
            pytest.raises(psycopg.errors.Error),
        ):
            backup.execute("DELETE FROM tenants")


def read_unit(path):
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str
    parser.read_string(path.read_text())
    return parser


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_a_unit_runs_a_command_of_ours_without_privileges(unit):
    service = read_unit(unit)["Service"]
    program, *args = shlex.split(service["ExecStart"])
    assert program == "/opt/groupbuy/bin/groupbuy"
    understood(args)
    assert service["User"] == "groupbuy"
    assert service["NoNewPrivileges"] == "yes"
    assert service["ProtectSystem"] == "strict"


@pytest.mark.parametrize(
    "unit", [unit for unit in UNITS if unit.suffix == ".timer"], ids=lambda unit: unit.name
)
def test_a_timer_starts_a_unit_that_is_there(unit):
    assert unit.with_suffix(".service") in SERVICES
    assert read_unit(unit)["Timer"]["OnCalendar"]


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd on this machine")
def test_systemd_understands_the_units(tmp_path):
    for unit in UNITS:
        text = unit.read_text().replace("/opt/groupbuy/bin/groupbuy", "/bin/true")
        (tmp_path / unit.name).write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *sorted(tmp_path.glob("*.*"))],
        capture_output=True,
        text=True,
        check=False,
    )
    ours = [line for line in done.stderr.splitlines() if "groupbuy" in line]
    assert [line for line in ours if "postgresql.service" not in line] == []
