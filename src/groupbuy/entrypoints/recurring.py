"""What recurs: a table of jobs, for the worker and for whoever does one by hand."""

from collections.abc import Callable

from attrs import frozen

from groupbuy.application import (
    auditing,
    campaigns,
    catalogue,
    discovery,
    pictures,
    reporting,
    segments,
)
from groupbuy.application.commission import apply_ladders, settle_due
from groupbuy.application.write_path import Caller
from groupbuy.entrypoints.audit_head import export_head
from groupbuy.entrypoints.bootstrap import App
from groupbuy.entrypoints.reconciling import reconcile_due


@frozen
class Job:
    """Something that recurs. `run` does what is due for one tenant and returns how much it did."""

    name: str
    zh: str
    en: str
    run: Callable[[App, str], int]
    hourly: bool = False
    """Looked at again each hour of the day: what it needs may come late."""
    daily: bool = True
    """Done once a local day; otherwise over and over."""


def _relay(app: App, tenant: str) -> int:
    """Handle due effects until there are none."""
    done = 0
    while handled := app.relay.tick(tenant):
        done += handled
    return done


def _ladder(app: App, tenant: str) -> int:
    """Bring the bonus of every month that is over to what its sales deserve."""
    return len(apply_ladders(app.desk, Caller.system(tenant)))


def _settlement(app: App, tenant: str) -> int:
    """Settle the last period that is over, for every leader not settled yet."""
    return len(settle_due(app.desk, tenant).settled)


def _searching(app: App, tenant: str) -> int:
    """Look at every product's search entry, and count anew what was sold."""
    return catalogue.rebuild_search(app.desk, Caller.system(tenant)).changed


def _segments(app: App, tenant: str) -> int:
    """Find out who belongs to every segment now."""
    return segments.count_due(app.desk, tenant)


def _housekeeping(app: App, tenant: str) -> int:
    """Forget keys, finished tasks, ended sessions and counters that have served their time."""
    return sum(app.database.forget(tenant, app.kit.clock.now()).values())


def _pictures(app: App, tenant: str) -> int:
    """Remove files of pictures that nobody knows any more."""
    return pictures.sweep(app.desk, app.pictures.store, tenant)


def _reconciliation(app: App, tenant: str) -> int:
    """Compare every provider's bill with our books, once a day; a bill may come late."""
    return reconcile_due(app, tenant)


def _sealing(app: App, tenant: str) -> int:
    """Seal the audit rows that are old enough."""
    return auditing.seal_due(app.desk, app.database, tenant)


def _watch(app: App, tenant: str) -> int:
    """Look at the goods of the whole shelf once."""
    done, mark = 0, None
    while True:
        mark, changed = catalogue.watch_shelf(app.desk, tenant, mark)
        done += changed
        if mark is None:
            return done


def _audit_head(app: App, tenant: str) -> int:
    """Put the head of the audit chain where nobody who can write the database can change it."""
    return export_head(app, tenant, auditing.head_of(app.desk, Caller.system(tenant)))


def _reports(app: App, tenant: str) -> int:
    """Count in reports what has happened since, and send those that are due."""
    done = reporting.keep(app.desk, app.database, tenant)
    return done + app.desk.run(Caller.system(tenant), reporting.due_reports)


def _counts(app: App, tenant: str) -> int:
    """Write down what every group counts since, for anybody to check."""
    return campaigns.keep_counts(app.desk, app.database, tenant)


def _discovery(app: App, tenant: str) -> int:
    """Count in hot lists what has been bought and given back since."""
    return discovery.keep(app.desk, app.database, tenant)


DAILY: tuple[Job, ...] = (
    Job("ladder", "按业绩阶梯发放奖励", "applies the performance ladder: daily", _ladder),
    Job(
        "settlement", "结算上一期的佣金", "settles the last period's commission: daily", _settlement
    ),
    Job("search", "重新核对搜索", "puts right what search stands on: daily", _searching),
    Job(
        "housekeeping",
        "清理过期的内部记录",
        "forgets what has served its time: daily",
        _housekeeping,
    ),
    Job("segments", "重新统计人群", "finds out who belongs to segments: daily", _segments),
    Job("pictures", "清理无主的图片文件", "removes files of forgotten pictures: daily", _pictures),
    Job(
        "reconciliation",
        "核对渠道账单",
        "compares the providers' bills with our books: daily",
        _reconciliation,
        hourly=True,
    ),
    Job(
        "audit-head", "导出审计链的链头", "exports the head of the audit chain: daily", _audit_head
    ),
)
"""Done when the local day has changed."""
SEALING = Job("audit-seal", "封存审计记录", "seals the audit: each minute", _sealing, daily=False)
RELAY = Job(
    "relay", "执行到期的任务", "does what is due: each second, or at once", _relay, daily=False
)
WATCHING = Job(
    "stock-watch",
    "查看库存，提醒缺货",
    "tells of scarce goods, delists what is sold out: each minute",
    _watch,
    daily=False,
)
REPORTS = Job(
    "reports",
    "更新报表",
    "counts in reports what has happened since: each minute",
    _reports,
    daily=False,
)
COUNTS = Job(
    "counts",
    "更新公开的参团计数",
    "writes down what groups count, for all to see: each minute",
    _counts,
    daily=False,
)
DISCOVERY = Job(
    "discovery",
    "更新热卖榜和推荐",
    "counts what is hot and what people buy: each minute",
    _discovery,
    daily=False,
)
JOBS: tuple[Job, ...] = (
    RELAY,
    SEALING,
    WATCHING,
    COUNTS,
    REPORTS,
    DISCOVERY,
    *DAILY,
)
"""All recurring jobs, for `groupbuy jobs`."""
