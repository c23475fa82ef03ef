"""Walls inside the database: tenants apart, and what is written once stays as it is."""

from collections.abc import Iterator

from sqlalchemy import Connection, MetaData, Table

from groupbuy.adapters.persistence.migrations import finding

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

BOOKED = "journals"
"""Where what is dated into a closed period is refused."""
OPEN_ONLY = "journals_in_open_periods"
PERIOD_CLOSED = "GB001"
"""Our own SQLSTATE: to be tried again, with the clock read again."""
_CLOSED = "c.reopened_at IS NULL AND c.ends_at >"

# Once a statement, and the index holds no end that lies ahead: nothing is ever closed in advance.
MAKE_CLOSING = f"""
CREATE FUNCTION {OPEN_ONLY}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM (SELECT tenant_id, MIN(at) AS at FROM booked GROUP BY tenant_id) b
               JOIN closed_periods c ON c.tenant_id = b.tenant_id AND {_CLOSED} b.at) THEN
        RAISE EXCEPTION 'the period is closed' USING ERRCODE = '{PERIOD_CLOSED}';
    END IF;
    RETURN NULL;
END
$$
"""
DROP_CLOSING = f"DROP FUNCTION {OPEN_ONLY}()"


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


def closing_wall(engine: str) -> str:
    """Return the trigger that refuses journals of closed periods."""
    if engine == "postgresql":
        return (
            f"CREATE TRIGGER {OPEN_ONLY} AFTER INSERT ON {BOOKED} REFERENCING NEW TABLE AS booked "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {OPEN_ONLY}()"
        )
    return (
        f"CREATE TRIGGER {OPEN_ONLY} BEFORE INSERT ON {BOOKED} WHEN EXISTS (SELECT 1 "
        f"FROM closed_periods c WHERE c.tenant_id = NEW.tenant_id AND {_CLOSED} NEW.at) "
        "BEGIN SELECT RAISE(ABORT, 'the period is closed'); END"
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
    connection.exec_driver_sql(f"GRANT SELECT ON {finding.OWN} TO {to}")
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
    safe, triggers, unwalled = set(metadata.tables), _triggers(connection), set[str]()
    if connection.dialect.name == "postgresql":
        safe = _names(
            connection,
            "SELECT c.relname FROM pg_class c JOIN pg_policy p ON p.polrelid = c.oid "
            f"WHERE c.relrowsecurity AND (c.relforcerowsecurity OR c.relname = '{finding.TABLE}')",
        )
        # No trigger is possible there: that nothing is rewritten rests on the grants.
        unwalled = _distributed(connection)
    guarded = {table for table, name in triggers if name != OPEN_ONLY} | unwalled
    tables = metadata.tables.values()
    closing = (BOOKED, OPEN_ONLY) in triggers or BOOKED in unwalled
    return [
        *(f"{t.name}: no row-level security" for t in tables if _owned(t) and t.name not in safe),
        *(f"{t.name}: may be changed" for t in tables if _once(t) and t.name not in guarded),
        *(f"{name}: closed periods are open" for name in [BOOKED] if not closing),
        *finding.missing(connection),
    ]


def _triggers(connection: Connection) -> set[tuple[str, str]]:
    """Return (table, trigger) of every trigger of ours."""
    known = "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'"
    if connection.dialect.name == "postgresql":
        known = (
            "SELECT c.relname, t.tgname FROM pg_class c JOIN pg_trigger t ON t.tgrelid = c.oid "
            "WHERE NOT t.tgisinternal"
        )
    return {(str(table), str(name)) for table, name in connection.exec_driver_sql(known)}


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
