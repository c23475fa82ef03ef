"""What a group owes to all its payers at once: confirmations, or everything back.

The task of the group cuts a large group into ranges of orders. Each range is a task of its own,
so that workers share them; each batch of a range is one short transaction, and a range that is
cut short goes on behind the last batch that was committed.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Protocol

from groupbuy.application import forming
from groupbuy.application.effects.errands import Errand
from groupbuy.application.write_path import Work
from groupbuy.domain.campaigns import Group
from groupbuy.domain.kernel import Conflict, DomainError, Unavailable

_LATER, _NEXT_HOUR = timedelta(minutes=1), timedelta(hours=1)
_OF_ONE_ORDER = (DomainError, ArithmeticError, LookupError, TypeError, ValueError)
"""What a defect in the data of one order looks like; its neighbours have nothing to do with it."""
_BOUNDS = ("from", "to")
_BEGUN = frozenset(("from", "after", "rounds"))
"""What a task knows that has begun to work on its orders itself."""

Step = Callable[[Work, Sequence[str]], None]


class Listed(Protocol):
    """Returns the next orders of a group that something is to be done for, by id."""

    def __call__(
        self,
        work: Work,
        group_id: str,
        limit: int,
        after: str | None = None,
        *,
        start: str = "",
        end: str = "",
    ) -> list[str]:
        """`start` and `end` bound a range, half-open; empty means without bound."""
        ...


def confirm_group(errand: Errand) -> None:
    """Confirm the paid orders of a formed group, or share them out if they are many."""
    if not _shared_out(errand, "confirm_range", forming.placed):
        _drain(errand, forming.confirm_orders, forming.placed)


def refund_group(errand: Errand) -> None:
    """Give all payers of a group that did not come about everything back, or share them out."""
    if not _shared_out(errand, "refund_range", forming.placed):
        _drain(errand, forming.refund_orders, forming.placed)


def ladder_group(errand: Errand) -> None:
    """Refund all buyers of a group what its ladder of prices came down by, or share them out."""
    if not _shared_out(errand, "ladder_range", forming.binding):
        _drain(errand, forming.bring_prices_down, forming.binding)


def ladder_range(errand: Errand) -> None:
    """Refund the next batch of one range what the ladder of prices came down by."""
    _drain(errand, forming.bring_prices_down, forming.binding)


def confirm_range(errand: Errand) -> None:
    """Confirm the next batch of one range."""
    _drain(errand, forming.confirm_orders, forming.placed)


def refund_range(errand: Errand) -> None:
    """Give everything back to the next batch of one range."""
    _drain(errand, forming.refund_orders, forming.placed)


def _shared_out(errand: Errand, topic: str, listed: Listed) -> bool:
    """Cut off some more ranges; False once what is left is the group's own task to do."""
    group_id, data = errand.task.subject, errand.task.data
    share = int(data.get("share", "0"))
    if not share:
        if _BEGUN.intersection(data):
            return False
        group = errand.desk.read(errand.caller, lambda work: work.of(Group).get(group_id))
        share = forming.share_of(group)
    if not share:
        return False
    seen = data.get("seen")
    ids = errand.desk.read(errand.caller, lambda work: listed(work, group_id, forming.PAGE, seen))

    def write(work: Work) -> None:
        if errand.take(work, errand.task):
            left = _cut(work, topic, group_id, ids, {**data, "share": str(share)})
            errand.finish(work, errand.task, work.now(), data=left)

    errand.desk.run(errand.caller, write)
    return True


def _cut(
    work: Work, topic: str, group_id: str, ids: Sequence[str], data: Mapping[str, str]
) -> dict[str, str]:
    """Stage the ranges that end among these orders; return what the next step has to know."""
    start, counted = data.get("from", ""), int(data.get("counted", "0"))
    for key in ids:
        if counted == int(data["share"]):
            # Named after where it begins: cut twice, it is still one.
            bounds = {"from": start, "to": key}
            work.later(topic, group_id, work.now(), once=start or "first", data=bounds)
            start, counted = key, 0
        counted += 1
    if len(ids) < forming.PAGE:
        return {"from": start}
    return {"share": data["share"], "seen": ids[-1], "from": start, "counted": str(counted)}


def _drain(errand: Errand, step: Step, listed: Listed) -> None:
    """Do something for the next batch of paid orders, all in one transaction.

    If one of them cannot be done each gets a transaction of its own, and those that cannot are
    left behind: an operator hears of them, and they come again once all others are done.
    """
    data, group_id = errand.task.data, errand.task.subject
    orders = errand.desk.read(
        errand.caller,
        lambda work: listed(
            work,
            group_id,
            forming.BATCH,
            data.get("after"),
            start=data.get("from", ""),
            end=data.get("to", ""),
        ),
    )

    def together(work: Work) -> None:
        if errand.take(work, errand.task):
            step(work, orders)
            _go_on(errand, work, orders, {})

    try:
        errand.desk.run(errand.caller, together)
    except (Conflict, Unavailable):
        raise
    except _OF_ONE_ORDER:
        bad = _one_by_one(errand, step, orders)
        errand.desk.run(errand.caller, lambda work: _go_on(errand, work, orders, bad))


def _one_by_one(errand: Errand, step: Step, orders: Sequence[str]) -> dict[str, str]:
    """Return why some of these orders could not be done, by order; all others are."""
    bad = dict[str, str]()

    def alone(order_id: str) -> None:
        def write(work: Work) -> None:
            if errand.take(work, errand.task):
                step(work, [order_id])

        errand.desk.run(errand.caller, write)

    for order_id in orders:
        try:
            alone(order_id)
        except (Conflict, Unavailable):
            raise
        except _OF_ONE_ORDER as error:
            bad[order_id] = error.code if isinstance(error, DomainError) else type(error).__name__
    return bad


def _go_on(errand: Errand, work: Work, orders: Sequence[str], bad: Mapping[str, str]) -> None:
    """Stage the next batch; after the last one another round, later, for those left behind."""
    task, now = errand.task, work.now()
    for order_id, why in bad.items():
        work.tell("role:operator", "order.left_behind", order_id, group=task.subject, why=why)
    left = int(task.data.get("left", "0")) + len(bad)
    rounds = int(task.data.get("rounds", "0"))
    trouble = [task.last_error, *bad.values()][-1] if left else ""
    bounds = {name: task.data[name] for name in _BOUNDS if name in task.data}
    if len(orders) == forming.BATCH:
        data = {**bounds, "after": orders[-1], "left": str(left), "rounds": str(rounds)}
        errand.finish(work, task, now, data=data, trouble=trouble)
        return
    wait = min(_LATER * 2 ** min(rounds, 6), _NEXT_HOUR)
    again = now + wait if left else None
    data = {**bounds, "rounds": str(rounds + 1)}
    errand.finish(work, task, again, data=data, trouble=trouble)
