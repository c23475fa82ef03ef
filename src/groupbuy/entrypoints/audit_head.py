"""The head of the audit chain, put where a writer of the database cannot reach it."""

import json
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from groupbuy.application.audit_chain import AuditSeal
from groupbuy.entrypoints.bootstrap import App

_log = structlog.get_logger("audit")


def export_head(app: App, tenant: str, head: AuditSeal | None) -> int:
    """Log the head and, if a folder is set, write it into a file of this day; return how many.

    A file that is there stays as it is: what was exported once is never written again.
    """
    if head is None:
        return 0
    _log.info("audit.head", tenant=tenant, number=head.id, hash=head.hash)
    if app.settings.audit.head_folder:
        folder = Path(app.settings.audit.head_folder)
        folder.mkdir(parents=True, exist_ok=True)
        day = app.kit.clock.now().astimezone(ZoneInfo(app.kit.policy.zone)).date()
        said = {"tenant": tenant, "head": f"{head.id}@{head.hash}", "last": head.last}
        target = folder / f"audit-head-{tenant}-{day.isoformat()}.json"
        if not target.exists():
            target.write_text(json.dumps(said) + "\n", encoding="utf-8")
    return 1
