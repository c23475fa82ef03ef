"""`groupbuy openapi`: the machine-readable description of the HTTP API."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from groupbuy.entrypoints.cli.shell import Shell, pass_shell, shared


@click.group()
def openapi() -> None:
    """Export the description of the HTTP API."""


@openapi.command()
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@shared
@pass_shell
def export(shell: Shell, file: Path | None) -> None:
    """Write OpenAPI 3.1 as JSON to FILE, or to stdout; the shop's own database is left alone."""
    text = json.dumps(_schema(), ensure_ascii=False, indent=2, sort_keys=True)
    if file is None:
        click.echo(text)
        return
    file.write_text(text + "\n", encoding="utf-8")
    shell.out.note(f"已写入 {file}", f"written to {file}")


def _schema() -> dict[str, object]:
    """Describe the API of an empty shop that lives only for this."""
    from groupbuy.entrypoints import logging
    from groupbuy.entrypoints.bootstrap import build
    from groupbuy.entrypoints.http import create_api
    from groupbuy.entrypoints.settings import DatabaseSettings, Settings

    logging.configure(json=False, level="error")
    with TemporaryDirectory() as folder:
        app = build(Settings(database=DatabaseSettings(url=f"sqlite:///{folder}/empty.db")))
        try:
            return create_api(app).openapi_schema.to_schema()
        finally:
            app.close()
