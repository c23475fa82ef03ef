"""What came of sharing, as CSV: UTF-8 with a mark that spreadsheets look for."""

import csv
from io import StringIO

from groupbuy.application.sharing import Funnel
from groupbuy.domain.sharing import Steps
from groupbuy.entrypoints.code_words import said
from groupbuy.entrypoints.report_files.as_csv import MARK, text

_HEADINGS = {
    "zh": ("分享人编号", "分享人", "渠道", "展示", "点击", "注册", "参团", "支付"),
    "en": ("sharer id", "sharer", "channel", "shown", "clicked", "registered", "joined", "paid"),
}
_TOTAL = {"zh": "合计", "en": "total"}


def funnel_csv(found: Funnel, lang: str) -> bytes:
    """Return the file; `lang` is `zh` or `en`."""
    out = StringIO()
    out.write(MARK)
    rows = csv.writer(out)
    rows.writerow(_HEADINGS[lang])
    for named in found.rows:
        who = (named.row.sharer_id, named.sharer, said(named.row.channel, lang))
        rows.writerow([*map(text, who), *counts_of(named.row.steps)])
    rows.writerow([_TOTAL[lang], "", "", *counts_of(found.total)])
    return out.getvalue().encode()


def counts_of(steps: Steps) -> tuple[int, int, int, int, int]:
    """Return the five counts in their order."""
    return steps.shown, steps.clicked, steps.registered, steps.joined, steps.paid
