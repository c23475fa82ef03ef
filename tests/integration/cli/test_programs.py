"""The programs that run until they are stopped, as real processes."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from contextlib import contextmanager

import pytest

PATIENCE = 60
"""Seconds after which a program that hangs fails its test."""
PROGRAM = "import sys; from groupbuy.entrypoints.console import main; sys.exit(main())"


def environment(variables):
    return {**os.environ, "PYTHONPATH": ":".join(sys.path), "LC_ALL": "C.UTF-8", **variables}


@pytest.fixture
def run(tmp_path):
    """Run a program that ends by itself."""

    def begin(*args, **variables):
        return subprocess.run(
            [sys.executable, "-c", PROGRAM, *args],
            cwd=tmp_path,
            env=environment(variables),
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )

    return begin


@pytest.fixture
def start(tmp_path):
    """Start a program in an empty folder; give its process and its first line of JSON."""

    @contextmanager
    def begin(*args, **variables):
        with subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *args],
            cwd=tmp_path,
            env=environment(variables),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                line = process.stdout.readline()
                assert line, process.stderr.read()
                yield process, json.loads(line)
            finally:
                process.kill()

    return begin


def stopped(process, number=signal.SIGTERM):
    """Ask a program to stop; return its exit code."""
    process.send_signal(number)
    return process.wait(PATIENCE)


def live(url):
    with urllib.request.urlopen(f"{url}/health/live", timeout=PATIENCE) as answer:
        return answer.status


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda n: n.name)
def test_a_fresh_folder_is_served_on_a_free_port_until_told_to_stop(start, number):
    with start("serve", "--port", "0") as (process, said):
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", said["serve"])
        assert live(said["serve"]) == 200
        assert stopped(process, number) == 0


def test_a_sqlite_file_is_served_by_one_process_only(run):
    done = run("serve", "--workers", "2", "--port", "0")
    assert done.returncode == 2
    assert "a SQLite file is served by one process" in done.stderr


def test_a_port_in_use_is_said_in_one_line(start, run):
    with start("serve", "--port", "0") as (_, said):
        port = said["serve"].rpartition(":")[2]
        done = run("serve", "--port", port)
    assert done.returncode == 2
    assert done.stderr == f"groupbuy: http.port is wrong: cannot listen on 127.0.0.1:{port}\n"


def test_several_processes_serve_one_postgres_with_the_worker_beside_them(start, pg_database):
    variables = {
        "GROUPBUY_DATABASE_URL": pg_database.app_url,
        "GROUPBUY_DATABASE_OWNER_URL": pg_database.owner_url,
        "GROUPBUY_DATABASE_THREADS": "2",
    }
    serve = ("serve", "--port", "0", "--workers", "2", "--worker")
    with start(*serve, **variables) as (process, said):
        assert {live(said["serve"]) for _ in range(8)} == {200}
        assert stopped(process) == 0


def test_a_worker_says_when_it_is_ready_and_stops_when_told(start):
    with start("worker") as (process, said):
        assert said == {"worker": "ready"}
        assert stopped(process) == 0


def test_the_sandbox_says_where_it_listens(start):
    with start("sandbox", "--port", "0") as (process, said):
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", said["sandbox"])
        stopped(process)


def test_a_postgres_that_was_never_set_up_is_said_in_one_line(run, pg_cluster):
    with pg_cluster.database() as empty:
        done = run("order", "list", GROUPBUY_DATABASE_URL=empty.app_url)
    assert done.returncode == 8
    assert done.stderr.splitlines()[-1] == (
        "groupbuy: database schema (groupbuy db upgrade) did not answer; this may be repeated"
    )
