"""Joins made beforehand, for carrying out batches inside one process."""

from benchmarks.kit.seed import TENANT, Seeded
from groupbuy.application.checkout import Join
from groupbuy.application.membership import recognise, session_id_of
from groupbuy.application.ports import KeyClaim
from groupbuy.application.steps.sealing import seal_contact
from groupbuy.domain.ordering import Contact
from groupbuy.entrypoints.bootstrap import App

CALLERS, AT_ONCE = 6_000, 200
"""Shoppers, as many as join a hot group; how many of them are looked up at once."""
CONTACT = Contact("王小明", "13800001111", "幸福路 1 号", "上海")


def joins_of(app: App, seeded: Seeded, count: int, number: int = 0) -> list[Join]:
    """Return joins of one hot group, of many shoppers in turn, each with a key of its own."""
    campaign, sku = seeded.hot[number]
    sessions = [session_id_of(token) for token in seeded.tokens[:CALLERS]]
    callers = [
        each.caller
        for n in range(0, len(sessions), AT_ONCE)
        for each in recognise(app.desk, TENANT, sessions[n : n + AT_ONCE]).values()
    ]
    sealed = [seal_contact(app.kit.vault, caller, CONTACT) for caller in callers]
    return [
        Join(
            caller=callers[turn % len(callers)],
            claim=KeyClaim(
                f"{campaign}/{callers[turn % len(callers)].user_id}/join",
                f"{number}-{turn}",
                "h" * 64,
            ),
            campaign_id=campaign,
            items=((sku, 1),),
            contact=sealed[turn % len(callers)],
        )
        for turn in range(count)
    ]


def batches_of(app: App, seeded: Seeded, size: int, count: int) -> list[list[Join]]:
    """Return batches of joins; every twenty of them go to a hot group of their own."""
    made = list[list[Join]]()
    for number in range(len(seeded.hot)):
        share = -(-count // len(seeded.hot))
        joins = joins_of(app, seeded, size * share, number)
        made += [joins[n : n + size] for n in range(0, len(joins), size)]
    return made[:count]
