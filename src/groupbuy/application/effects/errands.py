"""What an effect is given: the claimed tasks, whom to call, and how to mark them done."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from attrs import frozen

from groupbuy.application.outside import Outside
from groupbuy.application.ports import Task
from groupbuy.application.write_path import Caller, Desk, Work


class Finish(Protocol):
    """Marks a claimed task as done, or due again; False if it was lost to another worker."""

    def __call__(
        self,
        work: Work,
        task: Task,
        again: datetime | None = None,
        *,
        data: Mapping[str, str] | None = None,
        trouble: str = "",
    ) -> bool:
        """`data` is kept with the task until then, `trouble` shown to operators."""
        ...


@frozen
class Errand:
    """What one effect needs: the claimed tasks, whom to call, and how to mark them done."""

    desk: Desk
    outside: Outside
    caller: Caller
    tasks: Sequence[Task]
    take: Callable[[Work, Task], Task | None]
    """Lock a claimed task first of all; None if it was lost to another worker."""
    finish: Finish

    @property
    def task(self) -> Task:
        """The one task; only messages and refunds come several at once."""
        return self.tasks[0]

    def held(self, work: Work) -> list[Task]:
        """Lock the claimed tasks, in one statement; leave out those lost to another worker."""
        work.of(Task).lock([task.id for task in self.tasks])
        taken = (self.take(work, task) for task in self.tasks)
        return [task for task in taken if task is not None]

    def done(self, again_in: timedelta | None = None) -> None:
        """Mark the task as done, or due again, when nothing else is to be written."""

        def write(work: Work) -> None:
            again = None if again_in is None else work.now() + again_in
            self.finish(work, self.task, again)

        self.desk.run(self.caller, write)
