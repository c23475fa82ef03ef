"""A page for people who try the shop by hand: one payment, one button."""

from html import escape

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.enums import MediaType
from litestar.params import FromPath

from groupbuy.entrypoints.sandbox import payments
from groupbuy.entrypoints.sandbox.journal import Journal
from groupbuy.entrypoints.sandbox.views import PaymentView

PAGE = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>沙箱收银台</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body><h1>沙箱收银台</h1><p>{number}</p><p>{amount} {currency}</p>{action}</body></html>
"""
ACTIONS = {
    "NOTPAY": '<form method="post"><button autofocus>支付</button></form>',
    "SUCCESS": "<p>已支付，可以返回商城。</p>",
    "CLOSED": "<p>已关闭，不能支付。</p>",
}


class Cashier(Controller):
    """/cashier."""

    path = "/cashier"

    @get("/{number:str}", media_type=MediaType.HTML, sync_to_thread=True)
    def show(self, number: FromPath[str], journal: NamedDependency[Journal]) -> str:
        """Show what is to be paid."""
        with journal.transaction() as tx:
            return _page(payments.query(tx, number))

    @post("/{number:str}", media_type=MediaType.HTML, status_code=200, sync_to_thread=True)
    def pay(self, number: FromPath[str], journal: NamedDependency[Journal]) -> str:
        """Pay exactly what is due, now."""
        with journal.transaction() as tx:
            return _page(payments.pay(tx, number, payments.Paying()))


def _page(view: PaymentView) -> str:
    return PAGE.format(
        number=escape(view.number),
        amount=f"{view.amount // 100}.{view.amount % 100:02d}",
        currency=escape(view.currency),
        action=ACTIONS[view.state],
    )
