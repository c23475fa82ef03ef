"""`groupbuy tenant`: the shops that share an installation."""

import re

import click

from groupbuy.domain.kernel import CELLS, Invalid, NotFound
from groupbuy.entrypoints.cli.output import Column
from groupbuy.entrypoints.cli.shell import Shell, changing, pass_shell, shared

_TENANT = (
    Column("id", "编号", "id"),
    Column("name", "名称", "name"),
    Column("hosts", "域名", "hosts"),
)
_CELLS = (
    Column("id", "编号", "id"),
    Column("cells", "单元数", "cells", right=True),
    Column("before", "之前", "before", right=True),
    Column("from", "生效时间", "used from"),
)
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")


@click.group()
def tenant() -> None:
    """Set up and list the shops of this installation."""


@tenant.command("list")
@shared
@pass_shell
def list_tenants(shell: Shell) -> None:
    """List the shops and the host names that lead to them.

    The default tenant of the settings answers to every other host, listed or not.
    """
    items: list[dict[str, object]] = [
        {"id": each.id, "name": each.name, "hosts": each.hosts}
        for each in shell.app.database.tenants()
    ]
    shell.out.table("tenant.list/1", _TENANT, items)


@tenant.command()
@click.argument("tenant_id")
@click.option("--name", default="", help="What people call it.")
@click.option("--host", "hosts", multiple=True, help="Host name of its requests; may be repeated.")
@changing
@shared
@pass_shell
def add(shell: Shell, tenant_id: str, name: str, hosts: tuple[str, ...]) -> None:
    """Set up a shop, or change the name and hosts of the one with this id.

    Its people, goods and money never meet those of another shop. Servers notice within a minute.
    """
    from attrs import evolve

    from groupbuy.application.ports.tenancy import Tenant

    if not _ID.fullmatch(tenant_id):
        raise Invalid(field="tenant_id", reason="1 to 40 of a-z, 0-9, _ and -")
    named = tuple(host.lower().rstrip(".") for host in hosts)
    known = {each.id: each for each in shell.app.database.tenants()}
    _check_hosts(named, {h: t.id for t in known.values() for h in t.hosts if t.id != tenant_id})
    before = known.get(tenant_id, Tenant(tenant_id))
    after = evolve(before, name=name or before.name, hosts=named or before.hosts)
    shell.noting_dry_run()
    if not shell.dry_run:
        shell.app.database.put_tenant(after)
    shell.out.record(
        "tenant.add/1", _TENANT, {"id": after.id, "name": after.name, "hosts": after.hosts}
    )


@tenant.command()
@click.argument("tenant_id")
@click.argument("number", type=click.IntRange(1, CELLS))
@changing
@shared
@pass_shell
def cells(shell: Shell, tenant_id: str, number: int) -> None:
    """Spread the new campaigns of a shop over NUMBER cells; for a distributed engine.

    What exists stays where it is. The number can only be raised. Two minutes later, when every
    process looks into the new cells, new campaigns begin to go there.
    """
    from attrs import evolve

    from groupbuy.application.ports.tenancy import NOTICED_WITHIN, Tenant

    known = {each.id: each for each in shell.app.database.tenants()}
    if tenant_id not in known and tenant_id != shell.settings.http.default_tenant:
        raise NotFound(kind="tenant", key=tenant_id)
    before = known.get(tenant_id, Tenant(tenant_id))
    if number < before.cells:
        raise Invalid(field="number", reason=f"can only be raised, and is {before.cells}")
    after = before
    if number > before.cells:
        after = evolve(before, cells=number, cells_since=shell.app.kit.clock.now())
    shell.noting_dry_run()
    if not shell.dry_run:
        shell.app.database.put_tenant(after)
    since = after.cells_since and after.cells_since + NOTICED_WITHIN
    said = {"id": after.id, "cells": after.cells, "before": before.cells, "from": since}
    shell.out.record("tenant.cells/1", _CELLS, said)


def _check_hosts(hosts: tuple[str, ...], taken: dict[str, str]) -> None:
    for host in hosts:
        if not _HOST.fullmatch(host):
            raise Invalid(field="host", reason=f"{host} is no host name, without scheme and port")
        if host in taken:
            raise Invalid(field="host", reason=f"{host} leads to {taken[host]}")
