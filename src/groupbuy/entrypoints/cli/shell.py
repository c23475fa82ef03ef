"""One run of the command line: what was asked, how to reach the shop, and the shared options."""

import getpass
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, cast

import click
from attrs import define, field

from groupbuy.domain.kernel import DomainError
from groupbuy.entrypoints.cli.exit_codes import Exit
from groupbuy.entrypoints.cli.messages import Lang, message
from groupbuy.entrypoints.cli.output import Output

if TYPE_CHECKING:
    from groupbuy.application.write_path import Caller, Work
    from groupbuy.entrypoints.bootstrap import App
    from groupbuy.entrypoints.settings import Settings

R = TypeVar("R")
F = TypeVar("F", bound=Callable[..., Any])


def _spoken() -> Lang:
    """Return the language of the terminal."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


@define(eq=False)
class Shell:
    """What one run was asked. `app` builds the shop once, on first use."""

    config: str = ""
    """Path of a TOML file; empty for the settings' own rule."""
    tenant: str = ""
    """Whose shop; empty for the default tenant of the settings."""
    actor: str = ""
    """Who is named in the audit; empty for the user of this machine."""
    reason: str = ""
    """Why, for the audit."""
    dry_run: bool = False
    yes: bool = False
    confirmation: str = ""
    """What was given as `--confirm`."""
    no_input: bool = False
    out: Output = field(factory=lambda: Output(lang=_spoken()))
    _app: "App | None" = None
    _settings: "Settings | None" = None
    _owns_app: bool = False

    @property
    def settings(self) -> "Settings":
        """Read the settings, once."""
        if self._settings is None:
            from groupbuy.entrypoints.settings import load

            self._settings = load(self.config)
        return self._settings

    @property
    def app(self) -> "App":
        """Build the shop, once; it is closed when the run ends."""
        if self._app is None:
            from groupbuy.entrypoints.ready import ready_app

            self._app = ready_app(self.settings)
            self._owns_app = True
        return self._app

    @property
    def caller(self) -> "Caller":
        """Who asks: the named actor, through the command line, with every role."""
        from groupbuy.application.write_path import Caller

        return Caller.system(self.whose, channel="cli", actor=self.actor or _somebody())

    @property
    def whose(self) -> str:
        """The tenant this run is about."""
        return self.tenant or self.settings.http.default_tenant

    def run(self, use_case: "Callable[[Work], R]") -> R:
        """Run a use case; a dry run takes the same path and is rolled back."""
        desk = self.app.desk
        self.noting_dry_run()
        return (desk.preview if self.dry_run else desk.run)(self.caller, use_case)

    def noting_dry_run(self) -> None:
        """Say so if nothing will be written."""
        if self.dry_run:
            self.out.note("演练：不会写入任何内容", "dry run: nothing is written")

    def read(self, query: "Callable[[Work], R]") -> R:
        """Run something that changes nothing."""
        return self.app.desk.read(self.caller, query)

    def report(self, query: "Callable[[Work], R]") -> R:
        """Run something that changes nothing, on the replica where there is one."""
        return self.app.desk.report(self.caller, query)

    def confirm(self, zh: str, en: str) -> None:
        """Ask before something serious; `--yes` and a dry run answer for the person.

        Ends the run with a usage error where nobody can be asked, and as a failure on a no.
        """
        if self.yes or self.dry_run:
            return
        if self.no_input or not sys.stdin.isatty():
            raise click.UsageError(self.out.words("需要确认：加上 --yes", "this needs --yes"))
        if not click.confirm(self.out.words(zh, en), err=True):
            self.out.note("没有做任何改动", "nothing was changed")
            self.leave(Exit.FAILURE)

    def confirm_text(self, wanted: str, zh: str, en: str) -> None:
        """Ask for a name or an amount to be typed before something that cannot be undone."""
        typed = self.confirmation
        if self.dry_run or typed == wanted:
            return
        if not typed and not self.no_input and sys.stdin.isatty():
            self.out.note(zh, en)
            typed = click.prompt(self.out.words(f"请输入 {wanted}", f"type {wanted}"), err=True)
        if typed != wanted:
            text = self.out.words(f"{zh}：加上 --confirm {wanted}", f"{en}: --confirm {wanted}")
            raise click.UsageError(text)

    def complain(self, error: DomainError) -> None:
        """Say what went wrong, in a line on stderr and, for scripts, as the one document."""
        text = message(error, self.out.lang)
        click.echo(f"groupbuy: {text}", err=True)
        if self.out.json:
            facts = {name: str(fact) for name, fact in error.facts.items()}
            self.out.document("error/1", {"code": error.code, "message": text, "facts": facts})

    def leave(self, code: Exit) -> NoReturn:
        """End the run with that exit code."""
        click.get_current_context().exit(code)

    def close(self) -> None:
        """Give the shop's connections back."""
        app, self._app = self._app, None
        if app is not None and self._owns_app:
            app.close()


def _somebody() -> str:
    """Name the user of this machine; a container may have none."""
    with suppress(KeyError, OSError):
        return f"cli:{getpass.getuser()}"
    return "cli:unknown"


pass_shell = click.make_pass_decorator(Shell, ensure=True)
"""Gives a command the `Shell` as its first argument."""


def shared(command: F) -> F:
    """Add the options every command has; they may also stand before the command's name."""
    for option in reversed(_SHARED):
        command = cast("F", option(command))
    return command


def changing(command: F) -> F:
    """Add `--dry-run` and `--yes`, for a command that changes something."""
    for option in reversed(_CHANGING):
        command = cast("F", option(command))
    return command


def reasoned(command: F) -> F:
    """Add the required `--reason`, for money and roles; it goes into the audit."""
    why = "Why; kept in the audit."
    return _kept("--reason", "reason", required=True, metavar="TEXT", help=why)(command)


def reasoned_later(command: F) -> F:
    """Add `--reason` where it is needed only once the preview was seen."""
    why = "Why; kept in the audit. Needed to do it."
    return _kept("--reason", "reason", metavar="TEXT", help=why)(command)


def confirmed(command: F) -> F:
    """Add `--confirm`, for what cannot be undone."""
    how = "Type the name or the amount instead of being asked."
    return _kept("--confirm", "confirmation", metavar="TEXT", help=how)(command)


def limited(command: F) -> F:
    """Add `--limit`, for a list; the command gets it as `limit`."""
    return click.option(
        "--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="At most."
    )(command)


def _kept(*names: str, **given: Any) -> Callable[[F], F]:
    """Declare an option that is kept in the `Shell` under its name."""
    attribute = names[-1]

    def keep(ctx: click.Context, _option: click.Parameter, value: object) -> None:
        if value not in (None, False, ""):
            setattr(ctx.ensure_object(Shell), attribute, value)

    return click.option(*names, callback=keep, expose_value=False, **given)


def _spoken_as(
    *names: str, set_to: Callable[[Output, Any], None], **given: Any
) -> Callable[[F], F]:
    """Declare an option that changes how this run speaks."""

    def keep(ctx: click.Context, _option: click.Parameter, value: object) -> None:
        if value not in (None, False, 0):
            set_to(ctx.ensure_object(Shell).out, value)

    return click.option(*names, callback=keep, expose_value=False, is_eager=True, **given)


def _set_json(out: Output, _value: object) -> None:
    out.json = True


def _set_lang(out: Output, value: Lang) -> None:
    out.lang = value


def _louder(out: Output, count: int) -> None:
    out.verbosity = count


def _quieter(out: Output, _value: object) -> None:
    out.verbosity = -1


_SHARED: tuple[Callable[[Any], Any], ...] = (
    _spoken_as(
        "--json", "as_json", is_flag=True, set_to=_set_json, help="Write one JSON document."
    ),
    _kept("--tenant", "tenant", metavar="ID", help="Whose shop."),
    _kept("--actor", "actor", metavar="WHO", help="Who is named in the audit."),
    _kept("--config", "config", type=click.Path(dir_okay=False), help="A TOML file."),
    _spoken_as(
        "--lang",
        "lang",
        type=click.Choice(["zh", "en"]),
        set_to=_set_lang,
        help="Language of what is said.",
    ),
    _kept("--no-input", "no_input", is_flag=True, help="Never ask anything."),
    _spoken_as("-q", "--quiet", "quiet", is_flag=True, set_to=_quieter, help="Errors only."),
    _spoken_as("-v", "--verbose", "verbose", count=True, set_to=_louder, help="Say more."),
)
_CHANGING: tuple[Callable[[Any], Any], ...] = (
    _kept("--dry-run", "dry_run", is_flag=True, help="Show what would happen; write nothing."),
    _kept("--yes", "yes", is_flag=True, help="Answer yes to every question."),
)
