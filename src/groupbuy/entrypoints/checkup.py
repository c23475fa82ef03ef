"""Looks at a whole installation and says what is wrong with it, without changing anything."""

import os
import shutil
import socket
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from attrs import frozen

from groupbuy.application import ledger_reports, outbox
from groupbuy.application.ports import LoggedEvent, Query
from groupbuy.application.write_path import Caller
from groupbuy.domain.kernel import DomainError
from groupbuy.entrypoints.findings import check
from groupbuy.entrypoints.settings import Settings

if TYPE_CHECKING:
    from groupbuy.entrypoints.bootstrap import App

LATE_AFTER = timedelta(minutes=5)
"""How long a due effect may wait before somebody should know."""
SKEW_ALLOWED = timedelta(seconds=5)
"""How far processes' clocks may differ."""
BACKUP_OLD_AFTER = timedelta(hours=26)
"""A backup a day, and two hours for it to be late."""
ROOM_BYTES = 200_000_000
"""Free disk space below which the shop is in danger."""
CONNECT_SECONDS = 2


class Health(StrEnum):
    """How one thing is."""

    OK = "ok"
    WARNING = "warning"
    """Right for development, or worth knowing."""
    FAILURE = "failure"


@frozen
class Found:
    """What was looked at, and how it is."""

    name: str
    health: Health
    zh: str
    en: str


def of_settings(settings: Settings) -> Iterator[Found]:
    """Look at the settings alone: keys, provider, names of the environment."""
    found = check(settings)
    for each in found:
        health = Health.FAILURE if each.fatal else Health.WARNING
        yield Found(
            "settings", health, f"{each.name}：{each.message}", f"{each.name} {each.message}"
        )
    if not found:
        yield Found("settings", Health.OK, "没有问题", "nothing to say")


def of_machine(settings: Settings) -> Iterator[Found]:
    """Look at the disk and at the way to the provider."""
    beside = settings.sqlite_path
    folder = Path(gettempdir()) if beside is None else beside.absolute().parent
    free = shutil.disk_usage(folder).free if folder.is_dir() else 0
    if not os.access(folder, os.W_OK):
        yield Found("disk", Health.FAILURE, f"{folder} 不可写", f"{folder} cannot be written to")
    elif free < ROOM_BYTES:
        left = free // 1_000_000
        yield Found("disk", Health.FAILURE, f"只剩 {left} MB", f"only {left} MB are left")
    else:
        yield Found("disk", Health.OK, "可写，空间足够", "writable, with room")
    yield _provider(settings)


def of_backups(
    settings: Settings, now: datetime, newest: Callable[[Path], datetime | None]
) -> Found:
    """Look at the age of the newest backup; `newest` finds it in a folder."""
    if not settings.backup.folder:
        health = Health.FAILURE if settings.production else Health.WARNING
        return Found("backup", health, "没有设置 backup.folder", "backup.folder is not set")
    return _said("backup", lambda: _backup(now, newest(Path(settings.backup.folder))))


def of_shop(app: "App", tenant: str, schema: Callable[[], list[str]]) -> Iterator[Found]:
    """Look at the database: reachable, current, its clock, its outbox. `schema` lists differences.

    What cannot be looked at is a failure of its own; the others are still looked at.
    """
    differences = _said("schema", lambda: _schema(schema()))
    yield differences
    if differences.health is Health.FAILURE:
        return
    yield _said("clock", lambda: _clock(app, tenant))
    yield _said("outbox", lambda: _outbox(app, tenant))
    yield _said("books", lambda: _books(app, tenant))
    yield _said("pictures", lambda: _pictures(app, tenant))
    yield _font(app)


def missing(what: str) -> Found:
    """Return the finding that there is no database, or nothing in it, yet."""
    return Found(
        "database",
        Health.FAILURE,
        f"还没有 {what}，请运行 groupbuy db upgrade",
        f"there is no {what} yet; run groupbuy db upgrade",
    )


def broken(name: str, why: str) -> Found:
    """Return the finding that something cannot even be looked at."""
    return Found(name, Health.FAILURE, why, why)


def _said(name: str, look: Callable[[], Found]) -> Found:
    try:
        return look()
    except DomainError as error:
        return broken(name, str(error))


def _backup(now: datetime, made_at: datetime | None) -> Found:
    if made_at is None:
        return Found("backup", Health.FAILURE, "还没有备份", "there is none yet: groupbuy backup")
    hours = int((now - made_at).total_seconds() // 3600)
    if now - made_at > BACKUP_OLD_AFTER:
        zh, en = f"最近的备份在 {hours} 小时前", f"the newest is {hours} hours old"
        return Found("backup", Health.FAILURE, zh, en)
    return Found("backup", Health.OK, f"{hours} 小时前", f"{hours} hours ago")


def _pictures(app: "App", tenant: str) -> Found:
    """A listing shows that the storage answers, that the bucket is there and the key fits."""
    app.pictures.store.listed(f"{tenant}/", limit=1)
    return Found("pictures", Health.OK, "图片存储可读", "the storage answers")


def _font(app: "App") -> Found:
    """Without letters no picture can be drawn that is shared."""
    lacking = app.cards.findings()
    if lacking:
        zh = f"分享图片的字体不能用（{lacking[0]}），请设置 share.font"
        return Found("share_font", Health.FAILURE, zh, f"{lacking[0]}; set share.font")
    return Found("share_font", Health.OK, "分享图片的字体可用", "pictures to share can be written")


def _schema(differences: list[str]) -> Found:
    if differences:
        return Found(
            "schema",
            Health.FAILURE,
            f"{len(differences)} 处不一致，见 groupbuy db check",
            f"{len(differences)} differences; see groupbuy db check",
        )
    return Found("schema", Health.OK, "与本版本一致", "fits this version")


def _clock(app: "App", tenant: str) -> Found:
    """A clock behind what has already happened would sort new facts before old ones."""
    newest = Query().sorted("-id").page(1)
    caller = Caller.system(tenant, channel="cli")
    last = app.desk.read(caller, lambda work: work.of(LoggedEvent).select(newest))
    ahead = last[0].at - app.kit.clock.now() if last else timedelta(0)
    if ahead > SKEW_ALLOWED:
        seconds = int(ahead.total_seconds())
        return Found(
            "clock",
            Health.FAILURE,
            f"时钟比最后一个事件慢 {seconds} 秒",
            f"the clock is {seconds} s behind the last event",
        )
    return Found("clock", Health.OK, "没有倒退", "has not gone back")


def _outbox(app: "App", tenant: str) -> Found:
    caller = Caller.system(tenant, channel="cli")
    left = app.desk.read(caller, outbox.backlog)
    now = app.kit.clock.now()
    late = now - left.oldest_due_at if left.oldest_due_at else timedelta(0)
    if left.parked or late > LATE_AFTER:
        minutes = int(late.total_seconds() // 60)
        return Found(
            "outbox",
            Health.FAILURE,
            f"{left.parked} 个需要人工处理，最早的已等待 {minutes} 分钟",
            f"{left.parked} parked; the oldest has waited {minutes} min",
        )
    return Found("outbox", Health.OK, "没有积压", "no backlog")


def _books(app: "App", tenant: str) -> Found:
    caller = Caller.system(tenant, channel="cli")
    found = ledger_reports.verify(ledger_reports.books(app.database, caller))
    if found:
        first = found[0]
        return Found(
            "books",
            Health.FAILURE,
            f"{len(found)} 处不平，如 {first.check} {first.subject}；见 groupbuy ledger verify",
            f"{len(found)} off, such as {first.check} {first.subject}; see groupbuy ledger verify",
        )
    return Found("books", Health.OK, "平衡", "balance")


def _provider(settings: Settings) -> Found:
    where = urlsplit(settings.provider.base_url)
    port = where.port or (443 if where.scheme == "https" else 80)
    try:
        socket.create_connection((where.hostname or "", port), timeout=CONNECT_SECONDS).close()
    except OSError:
        health = Health.FAILURE if settings.production else Health.WARNING
        return Found(
            "provider",
            health,
            f"{where.netloc} 没有响应",
            f"{where.netloc} does not answer",
        )
    return Found("provider", Health.OK, f"{where.netloc} 有响应", f"{where.netloc} answers")
