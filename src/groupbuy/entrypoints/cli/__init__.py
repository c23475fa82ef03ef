"""The command line `groupbuy`: noun, then verb. Nothing heavy is imported before it is used."""

from typing import Final

import click

from groupbuy.entrypoints.cli.lazy import Entry, LazyGroup
from groupbuy.entrypoints.cli.shell import Shell, shared

_HERE = "groupbuy.entrypoints.cli"

COMMANDS: Final = {
    "aftersale": Entry(f"{_HERE}.aftersale:aftersale", "Answer and decide after-sale cases."),
    "audit": Entry(f"{_HERE}.audit:audit", "Seal, verify and list the audit."),
    "backup": Entry(f"{_HERE}.backups:backup", "Copy the whole database, and what it holds."),
    "brand": Entry(f"{_HERE}.goods_names:brand", "List, rename and merge brands."),
    "campaign": Entry(f"{_HERE}.campaigns:campaign", "List, show, close and copy campaigns."),
    "category": Entry(f"{_HERE}.goods_names:category", "Show, move and merge categories."),
    "carrier": Entry(f"{_HERE}.carriers:carrier", "Look up the codes of carriers."),
    "commission": Entry(f"{_HERE}.rates:commission", "Keep the rates of commission."),
    "completion": Entry(f"{_HERE}.completion:completion", "Print the completion of a shell."),
    "config": Entry(f"{_HERE}.config:config", "Show and check the settings."),
    "series": Entry(f"{_HERE}.series:series", "Let campaigns come again by themselves."),
    "coupon": Entry(f"{_HERE}.coupons:coupon", "Offer coupons and see what became of them."),
    "db": Entry(f"{_HERE}.database:db", "Upgrade and check the database."),
    "demo": Entry("groupbuy.entrypoints.demo.command:demo", "Play a whole group purchase."),
    "doctor": Entry(f"{_HERE}.doctor:doctor", "Check that everything is well."),
    "export": Entry(
        f"{_HERE}.catalogue:export", "Export products, orders, the ledger and reports."
    ),
    "feedback": Entry(f"{_HERE}.feedback:feedback", "Answer feedback and complaints in time."),
    "import": Entry(f"{_HERE}.catalogue:import_", "Import products and shipments."),
    "invitation": Entry(f"{_HERE}.invitations:invitation", "Decide invitations that look odd."),
    "invoice": Entry(f"{_HERE}.invoices:invoice", "List invoices and red letters that are due."),
    "jobs": Entry(f"{_HERE}.jobs:jobs", "List and run the recurring jobs."),
    "keys": Entry(f"{_HERE}.keys:keys", "Wrap personal keys under a new master key."),
    "leader": Entry(f"{_HERE}.people:leader", "List, approve, refuse and suspend leaders."),
    "ledger": Entry(f"{_HERE}.ledger:ledger", "Verify, read, export and close the books."),
    "merchant": Entry(
        f"{_HERE}.merchants:merchant", "List and add merchants, show what they are owed, pay them."
    ),
    "openapi": Entry(f"{_HERE}.openapi:openapi", "Export the description of the HTTP API."),
    "order": Entry(f"{_HERE}.orders:order", "List, show, approve and ship orders."),
    "outbox": Entry(f"{_HERE}.tasks:outbox", "List and replay effects that wait or failed."),
    "question": Entry(f"{_HERE}.posts:question", "List and moderate questions and answers."),
    "picture": Entry(f"{_HERE}.goods_names:picture", "Upload pictures, remove lost files."),
    "product": Entry(f"{_HERE}.goods:product", "Show goods, list and change them."),
    "parcel": Entry(f"{_HERE}.parcels:parcel", "List parcels that need somebody."),
    "pickup": Entry(f"{_HERE}.pickups:pickup", "Hand bags over at a pickup point."),
    "points": Entry(f"{_HERE}.points:points", "Show points and every change of them."),
    "reconcile": Entry(
        f"{_HERE}.reconciling:reconcile", "Compare the provider's bill with our books."
    ),
    "push": Entry(f"{_HERE}.pushes:push", "Write to a segment, see what came of it."),
    "refund": Entry(f"{_HERE}.refunds:refund", "Grant, retry and look up refunds."),
    "review": Entry(f"{_HERE}.posts:review", "List and moderate reviews, and answer them."),
    "restore": Entry(f"{_HERE}.backups:restore", "Put a backup into an empty database."),
    "report": Entry(f"{_HERE}.reports:report", "Show sales, rankings and other reports."),
    "sandbox": Entry(f"{_HERE}.serve:sandbox", "Run the pretend payment provider and carrier."),
    "search": Entry(f"{_HERE}.search:search", "Rebuild the index that search stands on."),
    "serve": Entry(f"{_HERE}.serve:serve", "Serve the web."),
    "settle": Entry(f"{_HERE}.settlement:settle", "Preview and run the monthly settlement."),
    "segment": Entry(f"{_HERE}.segments:segment", "Say which customers are meant, count them."),
    "share": Entry(f"{_HERE}.sharing:share", "Write texts to pass on, see what came of links."),
    "stock": Entry(f"{_HERE}.goods_names:stock", "Count goods, see what is scarce."),
    "supply": Entry(f"{_HERE}.supply:supply", "Print sheets, receive and share out goods."),
    "tenant": Entry(f"{_HERE}.tenants:tenant", "Set up and list the shops of an installation."),
    "user": Entry(
        f"{_HERE}.people:user", "List, create, block and erase users, grant and revoke roles."
    ),
    "withdrawal": Entry(f"{_HERE}.withdrawals:withdrawal", "Approve, hold and pay withdrawals."),
    "worker": Entry(f"{_HERE}.serve:worker", "Run what is due in the background."),
}
"""Every command: where it lives and what it does."""


@click.group(
    name="groupbuy",
    cls=LazyGroup,
    entries=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 done, 1 failure, 2 usage, 3 not found, 4 permission, 5 conflict, "
    "6 partly done, 7 findings, 8 try again, 130 interrupted.",
)
@click.version_option(package_name="groupbuy")
@shared
@click.pass_context
def main(ctx: click.Context) -> None:
    """Run a group-buying shop: campaigns, orders, money."""
    ctx.call_on_close(ctx.ensure_object(Shell).close)
