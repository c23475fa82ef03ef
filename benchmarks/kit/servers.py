"""Web processes of a benchmark: one port each, so that the clients are dealt out evenly."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from attrs import frozen

ROOT = Path(__file__).parents[2]
_TRIES = 400
_PAUSE = 0.05
_END_SECONDS = 15
_SERVE = "from groupbuy.entrypoints.console import main; main()"


@frozen
class Servers:
    """Running web processes."""

    ports: list[int]
    pids: list[int]

    def counted(self) -> dict[str, float]:
        """Return the numbers of all their /metrics pages, summed by name."""
        found: dict[str, float] = {}
        for port in self.ports:
            for line in _page(f"http://127.0.0.1:{port}/metrics").splitlines():
                name, _, value = line.rpartition(" ")
                if name.startswith("groupbuy_") and "{" not in name:
                    found[name] = found.get(name, 0.0) + float(value)
        return found


@contextmanager
def product(count: int, env: Mapping[str, str], logs: Path) -> Iterator[Servers]:
    """Run the product as an operator would: `groupbuy serve`, so many times."""
    commands, ports = [], [_free_port() for _ in range(count)]
    for port in ports:
        serve = ["serve", "--host", "127.0.0.1", "--port", str(port), "--no-worker"]
        commands.append([sys.executable, "-c", _SERVE, *serve])
    with _running(commands, ports, env, logs, "/health/ready") as servers:
        yield servers


@contextmanager
def asgi(
    target: str, count: int, env: Mapping[str, str], logs: Path, alive: str, *, factory: bool
) -> Iterator[Servers]:
    """Run an ASGI application of ours under uvicorn, as the product does it."""
    commands, ports = [], [_free_port() for _ in range(count)]
    for port in ports:
        options = ["--port", str(port), "--no-access-log", "--log-level", "warning"]
        options += ["--factory"] if factory else []
        commands.append([sys.executable, "-m", "uvicorn", target, *options])
    with _running(commands, ports, env, logs, alive) as servers:
        yield servers


@contextmanager
def _running(
    commands: Sequence[Sequence[str]],
    ports: list[int],
    env: Mapping[str, str],
    logs: Path,
    alive: str,
) -> Iterator[Servers]:
    path = os.pathsep.join([str(ROOT), str(ROOT / "src")])
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("GROUPBUY_")}
    with ExitStack() as stack:
        started = []
        for command, port in zip(commands, ports, strict=True):
            log = stack.enter_context((logs / f"web-{port}.log").open("wb"))
            process = subprocess.Popen(
                command,
                cwd=logs,
                env={**inherited, **env, "PYTHONPATH": path},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
            stack.callback(_end, process)
            started.append(process)
        for process, port in zip(started, ports, strict=True):
            _await(process, f"http://127.0.0.1:{port}{alive}", logs / f"web-{port}.log")
        yield Servers(ports, [process.pid for process in started])


def _await(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    for _ in range(_TRIES):
        if process.poll() is not None:
            break
        try:
            _page(url)
        except OSError:
            time.sleep(_PAUSE)
        else:
            return
    raise RuntimeError(f"a web process did not start: {log.read_text()[-2000:]}")


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _page(url: str) -> str:
    with urllib.request.urlopen(url, timeout=5) as answer:
        body: bytes = answer.read()
    return body.decode()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
