"""Settlement month by month: preview, then run exactly what was previewed."""

from groupbuy.application.commission.looking import (
    Earnings,
    StatementPage,
    my_earnings,
    my_entries,
    my_statement,
    my_statements,
    show,
)
from groupbuy.application.commission.previewing import (
    Moved,
    Portion,
    Preview,
    compare,
    last_month,
    parse_key,
    preview,
)
from groupbuy.application.commission.settling import (
    Run,
    run,
    settle_due,
    settle_leader,
    settle_leaders,
)

__all__ = [
    "Earnings",
    "Moved",
    "Portion",
    "Preview",
    "Run",
    "StatementPage",
    "compare",
    "last_month",
    "my_earnings",
    "my_entries",
    "my_statement",
    "my_statements",
    "parse_key",
    "preview",
    "run",
    "settle_due",
    "settle_leader",
    "settle_leaders",
    "show",
]
