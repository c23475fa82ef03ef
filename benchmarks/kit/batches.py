"""Joins and callbacks made beforehand, for carrying out batches inside one process."""

from collections.abc import Sequence

from benchmarks.kit.seed import TENANT, Place, Seeded
from groupbuy.application import checkout, payments
from groupbuy.application.checkout import Join
from groupbuy.application.membership import recognise, session_id_of
from groupbuy.application.payments import Heard
from groupbuy.application.ports import KeyClaim, PaymentOutcome, PaymentReport
from groupbuy.application.steps.sealing import seal_contact
from groupbuy.domain.kernel import Money
from groupbuy.domain.ordering import Contact
from groupbuy.entrypoints.bootstrap import App
from groupbuy.entrypoints.http.shop_campaigns import refused, rendered

CALLERS, AT_ONCE = 6_000, 200
"""Shoppers, as many as join a hot group; how many of them are looked up at once."""
CONTACT = Contact("王小明", "13800001111", "幸福路 1 号", "上海")
PRICE = Money(79_920)
_FAR = 7_919
"""Multiples of it are scattered over all places."""


def joins_of(
    app: App, seeded: Seeded, count: int, places: Sequence[Place], run: str = ""
) -> list[Join]:
    """Return joins of some groups, of many shoppers in turn, each with a key of its own."""
    sessions = [session_id_of(token) for token in seeded.tokens[:CALLERS]]
    callers = [
        each.caller
        for n in range(0, len(sessions), AT_ONCE)
        for each in recognise(app.desk, TENANT, sessions[n : n + AT_ONCE]).values()
    ]
    sealed = [seal_contact(app.kit.vault, caller, CONTACT) for caller in callers]
    made = list[Join]()
    for turn in range(count):
        caller, contact = callers[turn % len(callers)], sealed[turn % len(callers)]
        campaign, sku = places[turn * _FAR % len(places)]
        scope = f"{campaign}/{caller.user_id}/join"
        claim = KeyClaim(scope, f"{run}-{turn}", "h" * 64)
        made.append(Join(caller, claim, campaign, ((sku, 1),), contact))
    return made


def batches_of(
    app: App, seeded: Seeded, size: int, count: int, *, hot: bool = True, run: str = ""
) -> list[list[Join]]:
    """Return batches of joins; those of hot groups go to each of them in turn, a share each."""
    shapes = [[place] for place in seeded.hot] if hot else [seeded.wide]
    share, made = -(-count // len(shapes)), list[list[Join]]()
    for number, places in enumerate(shapes):
        joins = joins_of(app, seeded, size * share, places, f"{run}{number}")
        made += [joins[n : n + size] for n in range(0, len(joins), size)]
    return made[:count]


def carry_out(app: App, joins: Sequence[Join]) -> list[str]:
    """Carry out a batch of joins; return the numbers of their payments."""
    made = list[str]()

    def render(joined: checkout.Joined) -> str:
        made.append(joined.payment.number)
        return rendered(joined)

    for answer in checkout.join_many(app.desk, joins, render, refused):
        if not isinstance(answer, tuple) or not answer[0].ok:
            raise SystemExit(f"a join was refused: {answer}")
    return made


def callback_of(app: App, number: str) -> Heard:
    """Return what the provider says once a payment was made."""
    report = PaymentReport(
        number,
        PaymentOutcome.CAPTURED,
        PRICE,
        provider_ref="r",
        paid_at=app.kit.clock.now(),
        event_id=number,
    )
    return Heard(app.kit.policy.provider, report)


def hear(app: App, heard: Sequence[Heard]) -> None:
    """Carry out a batch of callbacks."""
    if any(payments.hear_payments(app.desk, TENANT, heard)):
        raise SystemExit("a callback was refused")
