"""The same thing done to many, one by one: what cannot be done is told, the rest is done."""

from collections.abc import Callable, Iterable, Mapping

from groupbuy.domain.kernel import DomainError
from groupbuy.entrypoints.cli.exit_codes import Exit, exit_code
from groupbuy.entrypoints.cli.messages import message
from groupbuy.entrypoints.cli.output import Column
from groupbuy.entrypoints.cli.shell import Shell

DONE = "done"
SKIPPED = "skipped"
"""The outcomes of one item that are not errors."""

_RESULT = (
    Column("id", "编号", "id"),
    Column("result", "结果", "result"),
    Column("message", "说明", "message"),
)


def each(
    shell: Shell, schema: str, ids: Iterable[str], do: Callable[[str], Mapping[str, object]]
) -> None:
    """Do something to every id, each in a transaction of its own, and show what became of it.

    `do` may answer with the result `skipped` for what was done before: a run may be repeated.
    Ends the run with 6 if only some could be done, with the error's own code if none could, and
    with 130 after an interrupt, which undoes nothing but the one it hit.
    """
    items = list[Mapping[str, object]]()
    errors = list[DomainError]()
    interrupted = False
    try:
        for key in dict.fromkeys(ids):
            items.append(_one(shell, key, do, errors))
    except KeyboardInterrupt:
        interrupted = True
    skipped = sum(item["result"] == SKIPPED for item in items)
    done = len(items) - len(errors) - skipped
    shell.out.table(
        schema,
        _RESULT,
        items,
        done=done,
        skipped=skipped,
        failed=len(errors),
        interrupted=interrupted,
    )
    if interrupted:
        shell.out.note(
            "已中断；再次运行同一命令即可继续", "interrupted; run the same command again to go on"
        )
        shell.leave(Exit.INTERRUPTED)
    if errors:
        shell.leave(Exit.PARTIAL if done or skipped else exit_code(errors[0]))


def _one(
    shell: Shell,
    key: str,
    do: Callable[[str], Mapping[str, object]],
    errors: list[DomainError],
) -> Mapping[str, object]:
    """Do it to one id and return its item; an error is kept for the end."""
    try:
        return {"id": key, "result": DONE, **do(key)}
    except DomainError as error:
        errors.append(error)
        return {"id": key, "result": error.code, "message": message(error, shell.out.lang)}
