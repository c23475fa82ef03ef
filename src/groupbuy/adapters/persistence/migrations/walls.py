"""Walls inside the database: tenants apart, and what is written once stays as it is."""

from collections.abc import Iterator

from sqlalchemy import Connection, MetaData, Table

POLICY = "tenant_only"
GUARD = "refuse_change"
_OWN = "tenant_id = current_setting('groupbuy.tenant', true)"

MAKE_GUARD = f"""
CREATE FUNCTION {GUARD}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$
"""
DROP_GUARD = f"DROP FUNCTION {GUARD}()"


def tenant_wall(table: str) -> Iterator[str]:
    """Yield what makes PostgreSQL show and take rows of the named tenant only."""
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"
    yield f"CREATE POLICY {POLICY} ON {table} USING ({_OWN}) WITH CHECK ({_OWN})"


def append_only_wall(engine: str, table: str) -> Iterator[str]:
    """Yield the triggers that refuse every change and removal."""
    if engine == "postgresql":
        yield (
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {GUARD}()"
        )
        return
    for change in ("UPDATE", "DELETE"):
        yield (
            f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )


def grant_all(connection: Connection, metadata: MetaData, role: str) -> None:
    """Let a role work with the tables: read and add everywhere, change what may change.

    It may remove only what the product itself forgets after a while, and parts of what changes.
    """
    if connection.dialect.name != "postgresql":
        return
    known = connection.exec_driver_sql("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,))
    if known.first() is None:
        return
    to = connection.dialect.identifier_preparer.quote_identifier(role)
    schema = connection.exec_driver_sql("SELECT quote_ident(current_schema())").scalar_one()
    connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA {schema} TO {to}")
    connection.exec_driver_sql(f"GRANT SELECT ON alembic_version TO {to}")
    for table in metadata.tables.values():
        for statement in grants(table, to):
            connection.exec_driver_sql(statement)


def grants(table: Table, role: str) -> Iterator[str]:
    """Yield what hands a role, quoted where needed, its rights to a table."""
    rights = "SELECT, INSERT" if _once(table) else "SELECT, INSERT, UPDATE"
    rights += ", DELETE" if table.info["removable"] else ""
    yield f"REVOKE ALL ON {table.name} FROM {role}"
    yield f"GRANT {rights} ON {table.name} TO {role}"


def missing_walls(connection: Connection, metadata: MetaData) -> list[str]:
    """Return which tables lack their policy or their triggers."""
    if connection.dialect.name == "postgresql":
        safe = _names(
            connection,
            "SELECT c.relname FROM pg_class c JOIN pg_policy p ON p.polrelid = c.oid "
            "WHERE c.relrowsecurity AND c.relforcerowsecurity",
        )
        guarded = _names(
            connection,
            "SELECT c.relname FROM pg_class c JOIN pg_trigger t ON t.tgrelid = c.oid "
            "WHERE NOT t.tgisinternal",
        )
        # No trigger is possible there: that nothing is rewritten rests on the grants.
        guarded |= _distributed(connection)
    else:
        safe = set(metadata.tables)
        guarded = _names(connection, "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger'")
    tables = metadata.tables.values()
    return [
        *(f"{t.name}: no row-level security" for t in tables if _owned(t) and t.name not in safe),
        *(f"{t.name}: may be changed" for t in tables if _once(t) and t.name not in guarded),
    ]


def _distributed(connection: Connection) -> set[str]:
    known = "SELECT to_regclass('pg_dist_partition') IS NOT NULL"
    if not connection.exec_driver_sql(known).scalar_one():
        return set()
    return _names(connection, "SELECT logicalrelid::regclass::text FROM pg_dist_partition")


def _names(connection: Connection, text: str) -> set[str]:
    return {str(row[0]) for row in connection.exec_driver_sql(text)}


def _once(table: Table) -> bool:
    return bool(table.info["append_only"])


def _owned(table: Table) -> bool:
    return bool(table.info["tenant"])
