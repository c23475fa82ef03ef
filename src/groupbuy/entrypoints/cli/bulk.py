"""The same thing done to many, one by one: what cannot be done is told, the rest is done."""

from collections.abc import Callable, Iterable, Mapping

from groupbuy.domain.kernel import DomainError
from groupbuy.entrypoints.cli.exit_codes import Exit, exit_code
from groupbuy.entrypoints.cli.messages import message
from groupbuy.entrypoints.cli.output import Column
from groupbuy.entrypoints.cli.shell import Shell

_RESULT = (
    Column("id", "编号", "id"),
    Column("result", "结果", "result"),
    Column("message", "说明", "message"),
)


def each(
    shell: Shell, schema: str, ids: Iterable[str], do: Callable[[str], Mapping[str, object]]
) -> None:
    """Do something to every id, each in a transaction of its own, and show what became of it.

    Ends the run with 6 if only some could be done, with the error's own code if none could.
    """
    items = list[Mapping[str, object]]()
    errors = list[DomainError]()
    for key in dict.fromkeys(ids):
        try:
            items.append({"id": key, "result": "done", **do(key)})
        except DomainError as error:
            errors.append(error)
            words = message(error, shell.out.lang)
            items.append({"id": key, "result": error.code, "message": words})
    done = len(items) - len(errors)
    shell.out.table(schema, _RESULT, items, done=done, failed=len(errors))
    if errors:
        shell.leave(Exit.PARTIAL if done else exit_code(errors[0]))
