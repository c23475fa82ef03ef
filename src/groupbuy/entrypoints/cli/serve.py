"""`groupbuy serve`, `worker` and `sandbox`: the programs that run until they are stopped."""

import json

import click
from attrs import evolve

from groupbuy.entrypoints.cli.shell import Shell, pass_shell, shared


def _say(**facts: str) -> None:
    """Write one line of JSON on stdout at once, for whoever started this program."""
    click.echo(json.dumps(facts))


@click.command()
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65_535), help="0 takes a free one.")
@click.option("--workers", type=click.IntRange(1, 64), help="Processes.")
@click.option(
    "--worker/--no-worker",
    default=None,
    help="Do due work beside the web; by default with a SQLite file only.",
)
@shared
@pass_shell
def serve(
    shell: Shell, host: str | None, port: int | None, workers: int | None, worker: bool | None
) -> None:
    """Serve the web; one line of JSON says where, once connections are taken."""
    from groupbuy.entrypoints.server import serve as run

    settings = shell.settings
    http = evolve(
        settings.http,
        host=host or settings.http.host,
        port=settings.http.port if port is None else port,
        workers=workers or settings.http.workers,
    )
    beside = settings.sqlite_path is not None if worker is None else worker
    run(
        evolve(settings, http=http),
        config=shell.config,
        worker=beside,
        announce=lambda url: _say(serve=url),
    )


@click.command()
@shared
@pass_shell
def worker(shell: Shell) -> None:
    """Do what is due in the background until stopped; any number of these may run."""
    from groupbuy.entrypoints.worker import run

    run(shell.app, ready=lambda: _say(worker="ready"))


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="This machine only.")
@click.option("--port", type=click.IntRange(0, 65_535), default=8010, show_default=True)
@click.option(
    "--journal",
    type=click.Path(dir_okay=False),
    default="sandbox.db",
    show_default=True,
    help="File of its journal: the truth about its money.",
)
@click.option(
    "--refund-limits/--no-refund-limits",
    default=True,
    help="Refuse refunds beyond the limits in the settings, or take them all.",
)
@click.option(
    "--fee-bp",
    type=click.IntRange(0, 1_000),
    default=0,
    show_default=True,
    help="Basis points it keeps of every payment, as its bill then says.",
)
@shared
@pass_shell
def sandbox(
    shell: Shell, host: str, port: int, journal: str, *, refund_limits: bool, fee_bp: int
) -> None:
    """Run the pretend payment provider and carrier, for development and demonstrations.

    It signs with the secret of the settings; one line of JSON says where it listens.
    """
    from groupbuy.domain.payments import RefundLimits
    from groupbuy.entrypoints.bootstrap import clock_of, limits_of
    from groupbuy.entrypoints.sandbox import run

    settings = shell.settings
    secret = settings.provider.secret.get_secret_value()
    # It calls back to this machine and to where the shop says it is reached, nowhere else.
    shop = {"shop": settings.base_url}
    limits = limits_of(settings) if refund_limits else RefundLimits()
    run(host, port, journal, secret, clock_of(settings), shop, limits, fee_bp)
