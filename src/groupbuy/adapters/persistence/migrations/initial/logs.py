"""Tables of the first revision: logs."""

from groupbuy.adapters.persistence.migrations.tools import index, instant, integer, table, text


def create() -> None:
    """Create the tables of this part (logs)."""
    _notices()
    _events()
    _tasks()
    _job_runs()
    _audit()
    _audit_seals()


def _notices() -> None:
    table(
        "notices",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("user_id"),
        text("kind"),
        text("subject"),
        instant("at"),
        text("facts"),
        instant("read_at", null=True),
        integer("version"),
        key=("tenant_id", "cell", "id"),
    )
    index("ix_notices_tenant_id_user_id_at_id", "notices", ["tenant_id", "user_id", "at", "id"])
    index("ix_notices_unread", "notices", ["tenant_id", "user_id", "id"], where="read_at IS NULL")


def _events() -> None:
    table(
        "events",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        instant("at"),
        text("name"),
        text("subject"),
        text("data"),
        key=("tenant_id", "cell", "id"),
    )
    index("ix_events_tenant_id_subject_id", "events", ["tenant_id", "subject", "id"])


def _tasks() -> None:
    table(
        "tasks",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("topic"),
        text("subject"),
        instant("due_at"),
        text("data"),
        text("state"),
        integer("attempts"),
        instant("claimed_until", null=True),
        text("token"),
        text("last_error"),
        instant("created_at", null=True),
        instant("done_at", null=True),
        integer("version"),
        key=("tenant_id", "cell", "id"),
    )
    index("ix_tasks_due", "tasks", ["tenant_id", "due_at", "id"], where="state = 'pending'")
    index("ix_tasks_parked", "tasks", ["tenant_id", "due_at", "id"], where="state = 'parked'")


def _job_runs() -> None:
    table(
        "job_runs",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        instant("began_at", null=True),
        instant("ended_at", null=True),
        text("by"),
        integer("handled"),
        text("error"),
        instant("claimed_until", null=True),
        text("token"),
        integer("version"),
        key=("tenant_id", "cell", "id"),
    )


def _audit() -> None:
    table(
        "audit",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        instant("at"),
        text("actor"),
        text("action"),
        text("subject"),
        text("reason"),
        text("channel"),
        text("request_id"),
        text("facts"),
        key=("tenant_id", "cell", "id"),
    )
    index("ix_audit_tenant_id_at_id", "audit", ["tenant_id", "at", "id"])
    index("ix_audit_tenant_id_subject_at", "audit", ["tenant_id", "subject", "at"])


def _audit_seals() -> None:
    table(
        "audit_seals",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("first"),
        text("last"),
        integer("count"),
        text("previous"),
        text("hash"),
        instant("sealed_at"),
        text("marks"),
        key=("tenant_id", "cell", "id"),
    )
