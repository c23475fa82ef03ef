"""`groupbuy tenant`: the shops that share an installation."""

import re

import click

from groupbuy.domain.kernel import Invalid
from groupbuy.entrypoints.cli.output import Column
from groupbuy.entrypoints.cli.shell import Shell, changing, pass_shell, shared

_TENANT = (
    Column("id", "编号", "id"),
    Column("name", "名称", "name"),
    Column("hosts", "域名", "hosts"),
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


def _check_hosts(hosts: tuple[str, ...], taken: dict[str, str]) -> None:
    for host in hosts:
        if not _HOST.fullmatch(host):
            raise Invalid(field="host", reason=f"{host} is no host name, without scheme and port")
        if host in taken:
            raise Invalid(field="host", reason=f"{host} leads to {taken[host]}")
